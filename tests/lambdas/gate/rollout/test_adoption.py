"""What the next rollout would drop of an endpoint config that Approval Gate did not make: one line per setting."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.rollout import adoption
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.spec.serving import Asynchronous, Capture, Serving, Variable, Vpc
from lambdas.gate.spec.spec import Spec, Tag
from tests.lambdas.builders import SPEC, package

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/by-hand"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
VARIANT = {
    "VariantName": "AllTraffic",
    "ModelName": "m",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 3,
    "InitialVariantWeight": 1.0,
}
PLAIN: dict[str, Any] = {"EndpointConfigName": "by-hand", "EndpointConfigArn": ARN, "ProductionVariants": [VARIANT]}
CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://capture/fraud",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
}
QUEUE: dict[str, Any] = {
    "OutputConfig": {
        "S3OutputPath": "s3://out/a/",
        "NotificationConfig": {"ErrorTopic": "arn:aws:sns:eu-west-1:1:e", "IncludeInferenceResponseIn": ["ERROR"]},
    },
    "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
}


def serving(**fields: Any) -> Spec:
    return dataclasses.replace(SPEC, serving=Serving(**fields))


def lines(config: dict[str, Any], model: dict[str, Any], spec: Spec = SPEC) -> tuple[Any, tuple[str, ...]]:
    lacking = adoption.lacking(Adopted(PLAIN | config, (model,)), spec, None)
    return adoption.entry(lacking), adoption.unkept(lacking)


@pytest.mark.parametrize(
    ("config", "model", "expected"),
    [
        ({"KmsKeyId": KEY}, {}, {"kms_key": KEY}),
        ({"KmsKeyId": "0a1b"}, {}, {"kms_key": KEY}),
        (
            {},
            {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
            {"vpc": {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}},
        ),
        ({}, {"EnableNetworkIsolation": True}, {"network_isolation": True}),
        ({}, {"PrimaryContainer": {"Environment": {"A": "1"}}}, {"environment": {"A": "1"}}),
        ({}, {"Containers": [{"Environment": {"A": "1"}}] * 2}, {"environment": {"A": "1"}}),
        (
            {"DataCaptureConfig": CAPTURE},
            {},
            {"data_capture": {"percent": 20, "destination": "s3://capture/fraud/", "modes": ["Input", "Output"]}},
        ),
        (
            {"ProductionVariants": [VARIANT | {"ContainerStartupHealthCheckTimeoutInSeconds": 600}]},
            {},
            {"container_startup_seconds": 600},
        ),
        (
            {"ProductionVariants": [VARIANT | {"ModelDataDownloadTimeoutInSeconds": 900}]},
            {},
            {"model_download_seconds": 900},
        ),
    ],
)
def test_a_setting_that_the_entry_lacks_has_its_line(
    config: dict[str, Any], model: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert lines(config, model) == ({"serving": expected}, ())


@pytest.mark.parametrize(
    ("config", "model", "spec"),
    [
        ({}, {}, SPEC),
        ({}, {"EnableNetworkIsolation": False, "PrimaryContainer": {"Mode": "SingleModel"}}, SPEC),
        ({"DataCaptureConfig": CAPTURE | {"EnableCapture": False}}, {}, SPEC),
        ({"KmsKeyId": KEY}, {}, serving(kms_key="arn:another")),
        ({"KmsKeyId": "alias/volumes"}, {}, serving(kms_key=KEY)),
        ({}, {"VpcConfig": {"Subnets": ["a"], "SecurityGroupIds": ["b"]}}, serving(vpc=Vpc(("c",), ("d",)))),
        ({}, {"EnableNetworkIsolation": True}, serving(network_isolation=True)),
        ({}, {"PrimaryContainer": {"Environment": {"A": "1"}}}, serving(environment=(Variable("A", "2"),))),
        ({"DataCaptureConfig": CAPTURE}, {}, serving(data_capture=Capture(1, "s3://b/", ("Input",)))),
        ({"MetricsConfig": {"EnableEnhancedMetrics": False, "MetricPublishFrequencyInSeconds": 60}}, {}, SPEC),
        ({"ProductionVariants": [VARIANT | {"EnableSSMAccess": False}]}, {}, SPEC),
        ({"ProductionVariants": [VARIANT | {"RoutingConfig": {"RoutingStrategy": "RANDOM"}}]}, {}, SPEC),
    ],
)
def test_a_key_of_the_entry_stands_whatever_its_value(
    config: dict[str, Any], model: dict[str, Any], spec: Spec
) -> None:
    assert lines(config, model, spec) == ({}, ())


@pytest.mark.parametrize(
    ("config", "model", "expected"),
    [
        ({"ProductionVariants": [VARIANT | {"InferenceAmiVersion": "al2"}]}, {}, 'InferenceAmiVersion "al2"'),
        ({"ProductionVariants": [VARIANT | {"VolumeSizeInGB": 100}]}, {}, "VolumeSizeInGB 100"),
        ({"ProductionVariants": [VARIANT | {"AddedByAwsLater": 1}]}, {}, "AddedByAwsLater 1"),
        ({"ProductionVariants": [VARIANT, {"VariantName": "B"}]}, {}, "the variant B"),
        ({"ShadowProductionVariants": [{"VariantName": "S"}]}, {}, "the shadow variant S"),
        ({"ExplainerConfig": {"ClarifyExplainerConfig": {}}}, {}, 'ExplainerConfig {"ClarifyExplainerConfig": {}}'),
        ({"KmsKeyId": "alias/volumes"}, {}, "KmsKeyId alias/volumes, which serving.kms_key can keep"),
        ({"MetricsConfig": {"EnableEnhancedMetrics": True}}, {}, "MetricsConfig with 60 s"),
        ({}, {"PrimaryContainer": {"Mode": "MultiModel"}}, 'Mode "MultiModel"'),
        ({}, {"InferenceExecutionConfig": {"Mode": "Direct"}}, "InferenceExecutionConfig.Mode Direct"),
        (
            {},
            {"Containers": [{"Environment": {"A": "1"}}, {}]},
            "Environment.A of one container, or with two braces",
        ),
    ],
)
def test_a_setting_that_no_line_keeps_is_named(config: dict[str, Any], model: dict[str, Any], expected: str) -> None:
    assert lines(config, model) == ({}, (expected,))


def test_how_often_metrics_are_published_has_a_key_of_its_own() -> None:
    often = {"MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10}}
    assert lines(often, {}) == ({"metrics": {"publish_seconds": 10}}, ())
    assert lines(often, {}, dataclasses.replace(SPEC, publish_seconds=30)) == ({}, ())


def test_each_key_of_a_queue_counts_for_itself() -> None:
    spec = serving(asynchronous=Asynchronous("s3://out/a/"))
    assert lines({"AsyncInferenceConfig": QUEUE}, {}, spec) == (
        {"serving": {"asynchronous": {"error_topic": "arn:aws:sns:eu-west-1:1:e", "max_concurrent_invocations": 4}}},
        ('IncludeInferenceResponseIn ["ERROR"]',),
    )


def test_a_variable_that_the_version_brings_is_not_lost() -> None:
    adopted = Adopted(PLAIN, ({"PrimaryContainer": {"Environment": {"A": "1", "B": "2"}}},))
    brings = package(1, description={"InferenceSpecification": {"Containers": [{"Environment": {"A": "5"}}]}})
    assert adoption.entry(adoption.lacking(adopted, SPEC, brings)) == {"serving": {"environment": {"B": "2"}}}


@pytest.mark.parametrize(
    ("adopted", "expected"),
    [
        (Adopted(None), "its endpoint config was deleted, so its settings cannot be read"),
        (Adopted(PLAIN, missing=("m",)), "the model m was deleted, so its settings cannot be read"),
    ],
)
def test_what_cannot_be_read_may_be_lost(adopted: Adopted, expected: str) -> None:
    assert adoption.unkept(adoption.lacking(adopted, SPEC, None)) == (expected,)


@pytest.mark.parametrize(
    ("tags", "expected", "unkept"),
    [
        ({"team": "risk"}, {"tags": {"team": "risk"}}, ()),
        ({"known": "other", "aws:cloudformation:stack-name": "s", "approval-gate": "managed"}, {}, ()),
        ({"größe": "x"}, {}, ("the tag größe",)),
    ],
)
def test_a_tag_that_the_entry_lacks_has_its_line(
    tags: dict[str, str], expected: dict[str, Any], unkept: tuple[str, ...]
) -> None:
    spec = dataclasses.replace(SPEC, tags=(Tag("known", "value"),))
    lacking = adoption.lacking(Adopted(PLAIN, tags=tags), spec, None)
    assert (adoption.entry(lacking), adoption.unkept(lacking)) == (expected, unkept)


def test_a_line_is_yaml() -> None:
    made = {"serving": {"environment": {"no": "1"}, "vpc": {"subnets": ["a"]}, "network_isolation": True}}
    assert adoption.written(made) == (
        '{serving: {environment: {"no": "1"}, vpc: {subnets: ["a"]}, network_isolation: true}}'
    )
