import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.errors import AlreadyExists, InProgress, Limited, NotFound, Refused, Throttled
from lambdas.gate.aws.hosting import Hosting, ShadowVariant
from lambdas.gate.rollout import deployment_config
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.serving import Capture, Serving, Variable, Vpc
from lambdas.gate.spec.shadow import Differ, Shadow
from lambdas.gate.spec.spec import Tag
from lambdas.gate.state.attempt import Fleet
from lambdas.gate.state.observed import Container, Endpoint
from lambdas.gate.state.rung import Copying
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, package
from tests.lambdas.stubbed import client, stubbed

NAME = SPEC.endpoint
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{NAME}"
AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
MANAGED = {"Key": "approval-gate", "Value": "managed"}
TAGS = [MANAGED, {"Key": "approval-gate-endpoint", "Value": "fraud-detection"}]
TEAM = {"Key": "team", "Value": "risk"}
TAGGED = dataclasses.replace(SPEC, tags=(Tag("team", "risk"),))
FLEET = Fleet("gate-fraud-detection-3-abc", SPEC.settings, "ml.m5.large", 2)
DESCRIBED: dict[str, Any] = {
    "EndpointName": NAME,
    "EndpointArn": ARN,
    "EndpointStatus": "InService",
    "CreationTime": AT,
    "LastModifiedTime": AT,
}
CONFIG: dict[str, Any] = {
    "EndpointConfigName": "c",
    "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/c",
    "CreationTime": AT,
}
MODEL: dict[str, Any] = {
    "ModelName": "m",
    "CreationTime": AT,
    "ModelArn": "arn:aws:sagemaker:us-east-1:123456789012:model/m-1",
}
NOT_FOUND = ("ValidationException", 'Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x".')


def _hosting(sagemaker: Any) -> Hosting:
    return Hosting(sagemaker, client("sagemaker", "once"), client("application-autoscaling"))


def _once(sagemaker: Any) -> Hosting:
    return Hosting(client("sagemaker", "retrying"), sagemaker, client("application-autoscaling"))


def test_an_endpoint_that_rolls_out_shows_the_old_config_and_the_pending_one() -> None:
    answer = DESCRIBED | {
        "EndpointStatus": "Updating",
        "EndpointConfigName": "gate-v1",
        "ProductionVariants": [{"VariantName": "AllTraffic"}, {"VariantName": "B"}],
        "PendingDeploymentSummary": {"EndpointConfigName": "gate-v2"},
        "FailureReason": "",
        "LastDeploymentConfig": {
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]},
        },
        "DataCaptureConfig": {
            "EnableCapture": True,
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": 10,
            "DestinationS3Uri": "s3://capture/",
            "KmsKeyId": "",
        },
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint", answer, {"EndpointName": NAME})
        assert _hosting(stub.client).endpoint(NAME) == Endpoint(
            arn=ARN,
            status="Updating",
            config="gate-v1",
            created_at=AT.timestamp(),
            modified_at=AT.timestamp(),
            variants=("AllTraffic", "B"),
            pending_config="gate-v2",
            failure_reason=None,
            deployment_alarms=("a", "b"),
            captures_data=True,
        )


def test_shadow_variants_are_told_apart_from_those_that_answer() -> None:
    variants = {
        "ProductionVariants": [{"VariantName": "AllTraffic"}],
        "ShadowProductionVariants": [{"VariantName": "next"}, {"VariantName": "other"}],
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint", DESCRIBED | variants, {"EndpointName": NAME})
        found = _hosting(stub.client).endpoint(NAME)
    assert found is not None
    assert (found.variants, found.shadows) == (("AllTraffic",), ("next", "other"))
    assert found.all_variants == ("AllTraffic", "next (shadow)", "other (shadow)")


def test_an_endpoint_of_inference_components_or_without_guardrails_is_read_too() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint", DESCRIBED | {"FailureReason": "no capacity"}, {"EndpointName": NAME})
        assert _hosting(stub.client).endpoint(NAME) == Endpoint(
            arn=ARN,
            status="InService",
            config="",
            created_at=AT.timestamp(),
            modified_at=AT.timestamp(),
            variants=(),
            failure_reason="no capacity",
        )


def test_a_missing_endpoint_is_none() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_endpoint", *NOT_FOUND)
        assert _hosting(stub.client).endpoint(NAME) is None


def test_an_adopted_config_is_read_with_its_models() -> None:
    variants = [{"VariantName": name, "ModelName": name} for name in ("m", "n")]
    config = CONFIG | {"ProductionVariants": variants, "ShadowProductionVariants": variants[:1]}
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint_config", config, {"EndpointConfigName": "c"})
        stub.add_response("describe_model", MODEL | {"EnableNetworkIsolation": True}, {"ModelName": "m"})
        stub.add_client_error("describe_model", *NOT_FOUND)
        stub.add_response("list_tags", {"Tags": [MANAGED]}, {"ResourceArn": CONFIG["EndpointConfigArn"]})
        stub.add_response("list_tags", {"Tags": [TEAM]}, {"ResourceArn": MODEL["ModelArn"]})
        found = _hosting(stub.client).adopted("c")
    assert found.config is not None
    assert (found.config["ProductionVariants"], found.missing) == (variants, ("n",))
    assert [model["EnableNetworkIsolation"] for model in found.models] == [True]
    assert found.tags == {"approval-gate": "managed", "team": "risk"}


def test_an_adopted_config_may_have_been_deleted() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_endpoint_config", *NOT_FOUND)
        assert _hosting(stub.client).adopted("c") == Adopted(None)


def test_an_endpoint_that_could_not_be_read_is_not_a_missing_one() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_endpoint", "ThrottlingException", "Rate exceeded")
        with pytest.raises(Throttled):
            _hosting(stub.client).endpoint(NAME)


@pytest.mark.parametrize(
    ("variants", "model", "version"),
    [
        ([{"VariantName": "A", "ModelName": "m"}], {"Containers": [{"ModelPackageName": arn(3)}]}, arn(3)),
        ([{"VariantName": "A", "ModelName": "m"}], {"PrimaryContainer": {"ModelPackageName": arn(3)}}, arn(3)),
        ([{"VariantName": "A", "ModelName": "m"}], {"PrimaryContainer": {"Image": "i"}}, None),
        ([{"VariantName": "A", "ModelName": "m"}], {"PrimaryContainer": {"ModelPackageName": "unversioned"}}, None),
        (
            [{"VariantName": "A", "ModelName": "m"}],
            {"Containers": [{"ModelPackageName": arn(3)}, {"ModelPackageName": arn(4)}]},
            None,
        ),
        ([{"VariantName": "A"}], None, None),
    ],
)
def test_the_version_that_a_config_leads_to(
    variants: list[dict[str, Any]], model: dict[str, Any] | None, version: str | None
) -> None:
    with stubbed("sagemaker") as stub:
        answer = CONFIG | {"ProductionVariants": variants}
        stub.add_response("describe_endpoint_config", answer, {"EndpointConfigName": "c"})
        if model is not None:
            stub.add_response("describe_model", MODEL | model, {"ModelName": "m"})
        assert _hosting(stub.client).served_by("c").version == version


FIRST = {"VariantName": "A", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
SECOND = {"VariantName": "B", "ModelName": "n", "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}
SHADOW = FIRST | {"VariantName": "S", "ModelName": "n", "InitialInstanceCount": 1, "InitialVariantWeight": 0.5}


@pytest.mark.parametrize(
    ("variants", "version", "text"),
    [
        ({"ProductionVariants": [FIRST]}, arn(3), ""),
        (
            {"ProductionVariants": [FIRST, SECOND]},
            None,
            "; its variants are A (FraudDetectionGroup/3), B (FraudDetectionGroup/4)",
        ),
        (
            {"ProductionVariants": [FIRST], "ShadowProductionVariants": [SHADOW]},
            arn(3),
            "; its variants are A (FraudDetectionGroup/3), S (shadow, FraudDetectionGroup/4)",
        ),
    ],
)
def test_each_variant_of_a_config_leads_to_its_version(
    variants: dict[str, Any], version: str | None, text: str
) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint_config", CONFIG | variants, {"EndpointConfigName": "c"})
        for name, number in zip("mn", (3, 4), strict=True):
            if name == "m" or text:
                made_of = {"Containers": [{"ModelPackageName": arn(number)}]}
                stub.add_response("describe_model", MODEL | made_of, {"ModelName": name})
        found = _hosting(stub.client).served_by("c")
    assert (found.version, found.text) == (version, text)


def test_a_shadow_is_recorded_whole() -> None:
    with stubbed("sagemaker") as stub:
        variants = {"ProductionVariants": [FIRST], "ShadowProductionVariants": [SHADOW]}
        stub.add_response("describe_endpoint_config", CONFIG | variants, {"EndpointConfigName": "c"})
        stub.add_client_error("describe_model", *NOT_FOUND)
        stub.add_response("describe_model", MODEL | {"PrimaryContainer": {"Image": "i"}}, {"ModelName": "n"})
        found = _hosting(stub.client).served_by("c")
    same = {"version": None, "instance_type": "ml.m5.large"}
    assert found.detail == {
        "variants": [
            same | {"name": "A", "is_shadow": False, "weight": 1.0, "instance_count": 2},
            same | {"name": "S", "is_shadow": True, "weight": 0.5, "instance_count": 1},
        ]
    }


def test_a_config_whose_model_was_deleted_leads_to_no_version() -> None:
    with stubbed("sagemaker") as stub:
        variants = {"ProductionVariants": [{"VariantName": "A", "ModelName": "m"}]}
        stub.add_response("describe_endpoint_config", CONFIG | variants, {"EndpointConfigName": "c"})
        stub.add_client_error("describe_model", "ValidationException", 'Could not find model "m".')
        assert _hosting(stub.client).served_by("c").version is None


CREATE_MODEL = {
    "ModelName": names.model(arn(3), SPEC.execution_role_arn + PIN.specification, repr(package(3).modified_at)),
    "Containers": [{"ModelPackageName": arn(3)}],
    "ExecutionRoleArn": SPEC.execution_role_arn,
    "Tags": TAGS,
}
MADE = {"Containers": [{"ModelPackageName": arn(3)}], "ExecutionRoleArn": SPEC.execution_role_arn}
OWN_VARIANT: dict[str, Any] = {
    "VariantName": "AllTraffic",
    "ModelName": "m",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 1.0,
}
OWN = {"ProductionVariants": [OWN_VARIANT]}
CREATE_CONFIG = {"EndpointConfigName": FLEET.config, **OWN, "Tags": TAGS}


def test_a_model_is_made_of_the_package_alone() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("create_model", {"ModelArn": MODEL["ModelArn"]}, CREATE_MODEL)
        assert _hosting(stub.client).create_model(SPEC, approval(3), package(3)) == CREATE_MODEL["ModelName"]


def test_models_and_configs_have_the_tags_of_the_spec() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("create_model", {"ModelArn": MODEL["ModelArn"]}, CREATE_MODEL | {"Tags": [*TAGS, TEAM]})
        config = CREATE_CONFIG | {"Tags": [*TAGS, TEAM]}
        stub.add_response("create_endpoint_config", {"EndpointConfigArn": CONFIG["EndpointConfigArn"]}, config)
        assert _hosting(stub.client).create_model(TAGGED, approval(3), package(3)) == CREATE_MODEL["ModelName"]
        _hosting(stub.client).create_config(TAGGED, FLEET, "m")


def test_a_model_made_before_is_used() -> None:
    with stubbed("sagemaker") as stub:
        message = 'Cannot create already existing model "arn:aws:sagemaker:us-east-1:123456789012:model/m".'
        stub.add_client_error("create_model", "ValidationException", message, expected_params=CREATE_MODEL)
        stub.add_response("describe_model", MODEL | MADE, {"ModelName": CREATE_MODEL["ModelName"]})
        assert _hosting(stub.client).create_model(SPEC, approval(3), package(3)) == CREATE_MODEL["ModelName"]


@pytest.mark.parametrize(
    "made",
    [
        {"Containers": [], "PrimaryContainer": {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"}},
        {"Containers": [{"ModelPackageName": arn(4)}]},
        {"Containers": [{"ModelPackageName": arn(3)}, {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"}]},
        {"Containers": [{"ModelPackageName": arn(3), "Environment": {"SAGEMAKER_PROGRAM": "own.py"}}]},
        {"Containers": [{"ModelPackageName": arn(3), "InferenceSpecificationName": "own"}]},
        {"ExecutionRoleArn": "arn:aws:iam::123456789012:role/own"},
        {"VpcConfig": {"Subnets": ["subnet-0own"], "SecurityGroupIds": ["sg-0own"]}},
        {"EnableNetworkIsolation": True},
    ],
    ids=[
        "an image",
        "another version",
        "one container more",
        "an environment",
        "another specification",
        "a role",
        "a network",
        "none",
    ],
)
def test_a_model_that_somebody_else_made_under_that_name_is_not_used(made: dict[str, Any]) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("create_model", "ValidationException", 'Cannot create already existing model "arn".')
        stub.add_response("describe_model", MODEL | MADE | made, {"ModelName": CREATE_MODEL["ModelName"]})
        with pytest.raises(Refused, match=r"is there already and is not Approval Gate's: see who made it"):
            _hosting(stub.client).create_model(SPEC, approval(3), package(3))


def test_a_model_that_another_look_made_a_moment_ago_need_not_be_visible_yet() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("create_model", "ValidationException", 'Cannot create already existing model "arn".')
        stub.add_client_error("describe_model", "ValidationException", 'Could not find model "arn".')
        assert _hosting(stub.client).create_model(SPEC, approval(3), package(3)) == CREATE_MODEL["ModelName"]


def test_a_version_that_may_not_become_a_model_is_a_refusal_in_the_words_of_aws() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("create_model", "ValidationException", "The model package is not Approved.")
        with pytest.raises(Refused, match=r"^The model package is not Approved\.$"):
            _hosting(stub.client).create_model(SPEC, approval(3), package(3))


def test_the_endpoint_config_is_of_the_fleet_and_not_of_the_spec() -> None:
    answer = {"EndpointConfigArn": CONFIG["EndpointConfigArn"]}
    with stubbed("sagemaker") as stub:
        stub.add_response("create_endpoint_config", answer, CREATE_CONFIG)
        _hosting(stub.client).create_config(SPEC, FLEET, "m")


def test_an_endpoint_config_made_before_is_used() -> None:
    with stubbed("sagemaker") as stub:
        message = 'Cannot create already existing endpoint configuration "arn:aws:sagemaker:::endpoint-config/c".'
        stub.add_client_error("create_endpoint_config", "ValidationException", message, expected_params=CREATE_CONFIG)
        stub.add_response("describe_endpoint_config", CONFIG | OWN, {"EndpointConfigName": FLEET.config})
        _hosting(stub.client).create_config(SPEC, FLEET, "m")


def test_an_endpoint_config_made_before_may_not_be_visible_yet() -> None:
    with stubbed("sagemaker") as stub:
        exists = 'Cannot create already existing endpoint configuration "arn".'
        stub.add_client_error("create_endpoint_config", "ValidationException", exists)
        missing = 'Could not find endpoint configuration "arn".'
        stub.add_client_error("describe_endpoint_config", "ValidationException", missing)
        _hosting(stub.client).create_config(SPEC, FLEET, "m")


CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://own/",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


@pytest.mark.parametrize(
    "made",
    [
        {"ProductionVariants": [OWN_VARIANT | {"ModelName": "own"}]},
        {"ProductionVariants": [OWN_VARIANT | {"InstanceType": "ml.p5.48xlarge"}]},
        {"ProductionVariants": [OWN_VARIANT, OWN_VARIANT | {"VariantName": "own"}]},
        {"ShadowProductionVariants": [OWN_VARIANT | {"VariantName": "own"}]},
        {"DataCaptureConfig": CAPTURE},
        {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/own"},
    ],
    ids=["another model", "other instances", "one variant more", "a shadow", "requests are captured", "a key"],
)
def test_an_endpoint_config_that_somebody_else_made_under_that_name_is_not_used(made: dict[str, Any]) -> None:
    with stubbed("sagemaker") as stub:
        exists = 'Cannot create already existing endpoint configuration "arn".'
        stub.add_client_error("create_endpoint_config", "ValidationException", exists)
        stub.add_response("describe_endpoint_config", CONFIG | OWN | made, {"EndpointConfigName": FLEET.config})
        with pytest.raises(Refused, match=r"is there already and is not Approval Gate's: see who made it"):
            _hosting(stub.client).create_config(SPEC, FLEET, "m")


KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d"
SERVING = Serving(
    environment=(Variable("LOG_LEVEL", "info"), Variable("WORKERS", "2")),
    vpc=Vpc(("subnet-0a", "subnet-0b"), ("sg-0a",)),
    network_isolation=True,
    kms_key=KEY,
    data_capture=Capture(20, "s3://capture/fraud/", ("Input", "Output"), kms_key=KEY),
    container_startup_seconds=600,
    model_download_seconds=900,
)
SERVED = dataclasses.replace(SPEC, serving=SERVING)
SERVED_MODEL: dict[str, Any] = {
    "Containers": [{"ModelPackageName": arn(3), "Environment": {"LOG_LEVEL": "info", "WORKERS": "2"}}],
    "ExecutionRoleArn": SPEC.execution_role_arn,
    "VpcConfig": {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]},
    "EnableNetworkIsolation": True,
}
SERVED_CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://capture/fraud/",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "KmsKeyId": KEY,
}
SERVED_VARIANT: dict[str, Any] = {
    **OWN_VARIANT,
    "ContainerStartupHealthCheckTimeoutInSeconds": 600,
    "ModelDataDownloadTimeoutInSeconds": 900,
}
SERVED_CONFIG = {"ProductionVariants": [SERVED_VARIANT], "KmsKeyId": KEY, "DataCaptureConfig": SERVED_CAPTURE}


def test_the_spec_s_settings_are_in_the_model_and_in_the_config() -> None:
    name = names.model(
        arn(3), SPEC.execution_role_arn + PIN.specification, *SERVING.model_parts, repr(package(3).modified_at)
    )
    config = {"EndpointConfigName": FLEET.config, **SERVED_CONFIG, "Tags": TAGS}
    with stubbed("sagemaker") as stub:
        stub.add_response(
            "create_model", {"ModelArn": MODEL["ModelArn"]}, {"ModelName": name, **SERVED_MODEL, "Tags": TAGS}
        )
        stub.add_response("create_endpoint_config", {"EndpointConfigArn": CONFIG["EndpointConfigArn"]}, config)
        hosting = _hosting(stub.client)
        assert hosting.create_model(SERVED, approval(3), package(3)) == name
        hosting.create_config(SERVED, FLEET, "m")
    assert name != CREATE_MODEL["ModelName"]


@pytest.mark.parametrize(
    ("made", "own"),
    [
        ({}, True),
        ({"VpcConfig": {"Subnets": ["subnet-0b", "subnet-0a"], "SecurityGroupIds": ["sg-0a"]}}, True),
        ({"Containers": [{"ModelPackageName": arn(3), "Environment": {"LOG_LEVEL": "info"}}]}, False),
        ({"Containers": [{"ModelPackageName": arn(3)}]}, False),
        ({"VpcConfig": {"Subnets": ["subnet-0c"], "SecurityGroupIds": ["sg-0a"]}}, False),
        ({"EnableNetworkIsolation": False}, False),
    ],
)
def test_a_model_with_the_spec_s_settings_is_ours_and_no_other(made: dict[str, Any], *, own: bool) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("create_model", "ValidationException", 'Cannot create already existing model "arn".')
        stub.add_response("describe_model", MODEL | SERVED_MODEL | made)
        if own:
            _hosting(stub.client).create_model(SERVED, approval(3), package(3))
            return
        with pytest.raises(Refused, match=r"is there already and is not Approval Gate's"):
            _hosting(stub.client).create_model(SERVED, approval(3), package(3))


@pytest.mark.parametrize(
    ("made", "own"),
    [
        ({}, True),
        ({"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/other"}, False),
        ({"DataCaptureConfig": SERVED_CAPTURE | {"DestinationS3Uri": "s3://own/"}}, False),
        ({"DataCaptureConfig": SERVED_CAPTURE | {"CaptureOptions": [{"CaptureMode": "Input"}]}}, False),
        ({"ProductionVariants": [OWN_VARIANT]}, False),
        ({"ProductionVariants": [SERVED_VARIANT | {"ModelDataDownloadTimeoutInSeconds": 60}]}, False),
    ],
)
def test_a_config_with_the_spec_s_settings_is_ours_and_no_other(made: dict[str, Any], *, own: bool) -> None:
    with stubbed("sagemaker") as stub:
        exists = 'Cannot create already existing endpoint configuration "arn".'
        stub.add_client_error("create_endpoint_config", "ValidationException", exists)
        stub.add_response("describe_endpoint_config", CONFIG | SERVED_CONFIG | made)
        if own:
            _hosting(stub.client).create_config(SERVED, FLEET, "m")
            return
        with pytest.raises(Refused, match=r"is there already and is not Approval Gate's"):
            _hosting(stub.client).create_config(SERVED, FLEET, "m")


def test_whether_an_endpoint_config_is_visible() -> None:
    with stubbed("sagemaker") as stub:
        answer = CONFIG | {"ProductionVariants": [{"VariantName": "A"}]}
        stub.add_response("describe_endpoint_config", answer, {"EndpointConfigName": "c"})
        stub.add_client_error(
            "describe_endpoint_config", "ValidationException", 'Could not find endpoint configuration "arn".'
        )
        assert [_hosting(stub.client).config_exists("c") for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ([{"Key": "approval-gate", "Value": "managed"}], True),
        ([{"Key": "approval-gate", "Value": "no"}, {"Key": "Approval-Gate", "Value": "managed"}], False),
    ],
)
def test_the_opt_in_is_looked_for_on_all_pages_of_tags(last: list[dict[str, str]], *, expected: bool) -> None:
    with stubbed("sagemaker") as stub:
        first = {"Tags": [{"Key": "team", "Value": "risk"}], "NextToken": "a"}
        stub.add_response("list_tags", first, {"ResourceArn": ARN})
        stub.add_response("list_tags", {"Tags": last}, {"ResourceArn": ARN, "NextToken": "a"})
        assert _hosting(stub.client).is_opted_in(ARN) is expected


@pytest.mark.parametrize("autoscaled", [True, False])
def test_whether_a_variant_is_autoscaled(*, autoscaled: bool) -> None:
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{NAME}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "MinCapacity": 2,
        "MaxCapacity": 8,
        "RoleARN": "arn:aws:iam::123456789012:role/scaling",
        "CreationTime": AT,
    }
    asked = {
        "ServiceNamespace": "sagemaker",
        "ResourceIds": [target["ResourceId"]],
        "ScalableDimension": target["ScalableDimension"],
    }
    with stubbed("application-autoscaling") as stub:
        stub.add_response("describe_scalable_targets", {"ScalableTargets": [target] * autoscaled}, asked)
        hosting = Hosting(client("sagemaker"), client("sagemaker", "once"), stub.client)
        assert hosting.is_autoscaled(NAME, "AllTraffic") is autoscaled


def test_an_endpoint_is_created_with_the_tag_that_opts_it_in() -> None:
    asked = {"EndpointName": NAME, "EndpointConfigName": "c", "Tags": [MANAGED, TEAM]}
    with stubbed("sagemaker", "once") as stub:
        stub.add_response("create_endpoint", {"EndpointArn": ARN}, asked)
        _once(stub.client).create_endpoint(NAME, "c", TAGGED.tag_list)


UPDATE: dict[str, Any] = {
    "EndpointName": NAME,
    "EndpointConfigName": "c",
    "RetainAllVariantProperties": True,
    "DeploymentConfig": deployment_config.deployment_config(SPEC.rollout, ("a", "kpi")),
}


def test_an_update_keeps_the_capacity_that_autoscaling_has_set() -> None:
    with stubbed("sagemaker", "once") as stub:
        stub.add_response("update_endpoint", {"EndpointArn": ARN}, UPDATE)
        _once(stub.client).update_endpoint(NAME, "c", UPDATE["DeploymentConfig"], keep_count=True)


def test_an_update_to_the_spec_s_own_count_retains_all_but_the_count() -> None:
    excluded = [{"VariantPropertyType": "DesiredInstanceCount"}]
    with stubbed("sagemaker", "once") as stub:
        stub.add_response(
            "update_endpoint", {"EndpointArn": ARN}, UPDATE | {"ExcludeRetainedVariantProperties": excluded}
        )
        _once(stub.client).update_endpoint(NAME, "c", UPDATE["DeploymentConfig"], keep_count=False)


def test_an_update_to_the_spec_s_own_capture_retains_all_but_what_is_captured() -> None:
    excluded = [{"VariantPropertyType": "DataCaptureConfig"}]
    with stubbed("sagemaker", "once") as stub:
        stub.add_response(
            "update_endpoint", {"EndpointArn": ARN}, UPDATE | {"ExcludeRetainedVariantProperties": excluded}
        )
        hosting = _once(stub.client)
        hosting.update_endpoint(NAME, "c", UPDATE["DeploymentConfig"], keep_count=True, keep_capture=False)


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("ValidationException", 'Cannot update in-progress endpoint "arn:x".', InProgress),
        ("ValidationException", 'Could not find endpoint "arn:x".', NotFound),
        ("ValidationException", 'Could not find endpoint configuration "arn:x".', NotFound),
        ("ValidationException", "The role may not be assumed by sagemaker.amazonaws.com.", Refused),
        ("ResourceLimitExceeded", "The account-level service limit 'ml.m5.large' is 4 Instances", Limited),
        ("ThrottlingException", "Rate exceeded", Throttled),
    ],
)
def test_how_a_refused_update_is_told(code: str, message: str, error: type[Exception]) -> None:
    with stubbed("sagemaker", "once") as stub:
        stub.add_client_error("update_endpoint", code, message, expected_params=UPDATE)
        with pytest.raises(error) as caught:
            _once(stub.client).update_endpoint(NAME, "c", UPDATE["DeploymentConfig"], keep_count=True)
    assert str(caught.value) == message
    assert isinstance(caught.value.__cause__, ClientError)


def test_an_endpoint_that_somebody_else_created_is_told_as_such() -> None:
    with stubbed("sagemaker", "once") as stub:
        stub.add_client_error("create_endpoint", "ValidationException", 'Cannot create already existing endpoint "x".')
        with pytest.raises(AlreadyExists):
            _once(stub.client).create_endpoint(NAME, "c", TAGGED.tag_list)


def test_an_answer_that_leaves_open_whether_the_update_was_made_is_not_translated() -> None:
    with stubbed("sagemaker", "once") as stub:
        stub.add_client_error("update_endpoint", "InternalFailure", "oops", http_status_code=500)
        with pytest.raises(ClientError):
            _once(stub.client).update_endpoint(NAME, "c", UPDATE["DeploymentConfig"], keep_count=True)


# What a model loads


def test_a_package_that_was_changed_gets_another_model() -> None:
    """Otherwise a model that was made while the package was something else would be used later."""
    made = []
    for modified_at in (NOW, NOW, NOW + 0.001):
        with stubbed("sagemaker") as stub:
            stub.add_response("create_model", {"ModelArn": MODEL["ModelArn"]})
            made.append(_hosting(stub.client).create_model(SPEC, approval(3), package(3, modified_at=modified_at)))
    assert (made[0] == made[1], made[1] == made[2]) == (True, False)


@pytest.mark.parametrize(
    ("containers", "loaded"),
    [
        ({"Containers": [{"ModelPackageName": arn(3)}]}, (Container(None),)),
        ({"PrimaryContainer": {"Image": "i:1", "ModelDataUrl": "s3://b/m"}}, (Container("i:1", None, "s3://b/m"),)),
    ],
    ids=["the name of its package only", "what it took from it"],
)
def test_what_a_model_loads_as_far_as_sagemaker_shows_it(
    containers: dict[str, Any], loaded: tuple[Container, ...]
) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model", MODEL | containers, {"ModelName": "gate-m"})
        assert _hosting(stub.client).loaded_by("gate-m") == loaded


def test_a_model_that_is_not_visible_yet_shows_nothing() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_model", "ValidationException", 'Could not find model "arn".')
        assert _hosting(stub.client).loaded_by("gate-m") is None


NEXT = ShadowVariant("m7", Copying("shadow-7-3", Shadow(20, 24, 1000, 1), Judge()))
SHADOWING = OWN_VARIANT | {
    "VariantName": "shadow-7-3",
    "ModelName": "m7",
    "InitialInstanceCount": 1,
    "InitialVariantWeight": 0.2,
}


def test_a_shadow_variant_is_as_the_production_variant_with_a_model_and_a_size_of_its_own() -> None:
    with stubbed("sagemaker") as stub:
        asked = CREATE_CONFIG | {"ShadowProductionVariants": [SHADOWING]}
        stub.add_response("create_endpoint_config", {"EndpointConfigArn": CONFIG["EndpointConfigArn"]}, asked)
        _hosting(stub.client).create_config(SPEC, FLEET, "m", NEXT)


def test_the_config_of_a_shadow_whose_answers_are_compared_captures_everything() -> None:
    capture = Capture(0, "s3://captured/fraud/", ("Input",), "arn:aws:kms:us-east-1:123456789012:key/k")
    spec = dataclasses.replace(SPEC, serving=dataclasses.replace(SPEC.serving, data_capture=capture))
    shadow = dataclasses.replace(NEXT.copying.shadow, differ=Differ(1))
    compared = dataclasses.replace(NEXT, copying=dataclasses.replace(NEXT.copying, shadow=shadow))
    captures = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/fraud/",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k",
    }
    for beside, more in ((None, {}), (NEXT, {}), (compared, {"DataCaptureConfig": captures})):
        asked = CREATE_CONFIG | more | ({"ShadowProductionVariants": [SHADOWING]} if beside else {})
        with stubbed("sagemaker") as stub:
            stub.add_response("create_endpoint_config", {"EndpointConfigArn": CONFIG["EndpointConfigArn"]}, asked)
            _hosting(stub.client).create_config(spec, FLEET, "m", beside)


@pytest.mark.parametrize(
    ("shadows", "is_own"),
    [
        ([SHADOWING], True),
        ([SHADOWING | {"VolumeSizeInGB": 30}], True),
        ([], False),
        ([SHADOWING | {"ModelName": "own"}], False),
        ([SHADOWING | {"InitialVariantWeight": 0.5}], False),
        ([SHADOWING, SHADOWING], False),
    ],
    ids=["as made", "with what AWS adds", "none", "another model", "more copies", "two"],
)
def test_a_config_with_a_shadow_that_was_made_before_is_used_if_it_is_the_same(
    shadows: list[dict[str, Any]], is_own: bool
) -> None:
    with stubbed("sagemaker") as stub:
        exists = 'Cannot create already existing endpoint configuration "arn".'
        stub.add_client_error("create_endpoint_config", "ValidationException", exists)
        found = CONFIG | OWN | ({"ShadowProductionVariants": shadows} if shadows else {})
        stub.add_response("describe_endpoint_config", found, {"EndpointConfigName": FLEET.config})
        if is_own:
            _hosting(stub.client).create_config(SPEC, FLEET, "m", NEXT)
        else:
            with pytest.raises(Refused, match="is there already and is not Approval Gate's"):
                _hosting(stub.client).create_config(SPEC, FLEET, "m", NEXT)
