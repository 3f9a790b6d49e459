"""An asynchronous endpoint: other signals, another count of its requests, and nothing that its callers cannot call."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide.action import Hold
from lambdas.gate.decide.decision import decide
from lambdas.gate.rollout import alarms
from lambdas.gate.rollout.alarms import Query
from lambdas.gate.spec.serving import Asynchronous, Serving
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint
from tests.lambdas import builders
from tests.lambdas.builders import NOW, approval, endpoint, head, live, observed
from tests.lambdas.stubbed import client, stubbed

TOPIC = "arn:aws:sns:us-east-1:123456789012:answers"
SPEC = dataclasses.replace(
    builders.SPEC,
    serving=Serving(asynchronous=Asynchronous("s3://out/")),
    rollback_on=dataclasses.replace(builders.SPEC.rollback_on, average_latency_ms=60_000),
)


@pytest.mark.parametrize(
    ("asked", "config"),
    [
        (Asynchronous("s3://out/"), {"OutputConfig": {"S3OutputPath": "s3://out/"}}),
        (
            Asynchronous("s3://out/", "s3://failed/", "key", 4, TOPIC, f"{TOPIC}-failed"),
            {
                "OutputConfig": {
                    "S3OutputPath": "s3://out/",
                    "S3FailurePath": "s3://failed/",
                    "KmsKeyId": "key",
                    "NotificationConfig": {"SuccessTopic": TOPIC, "ErrorTopic": f"{TOPIC}-failed"},
                },
                "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
            },
        ),
        (
            Asynchronous("s3://out/", error_topic=TOPIC),
            {"OutputConfig": {"S3OutputPath": "s3://out/", "NotificationConfig": {"ErrorTopic": TOPIC}}},
        ),
    ],
    ids=["the least", "all", "one topic"],
)
def test_what_of_it_an_endpoint_config_has(asked: Asynchronous, config: dict[str, Any]) -> None:
    assert Serving(asynchronous=asked).config == {"AsyncInferenceConfig": config}


REQUESTS = Query("requests", "ModelLatency", "SampleCount")


def test_it_is_watched_by_what_aws_publishes() -> None:
    assert [(each.name, each.queries, each.threshold) for each in alarms.signals(SPEC)] == [
        ("5xx", (Query("failures", "Invocation5XXErrors", "Sum"), REQUESTS), 1),
        ("average-latency", (Query("average", "ModelLatency", "Average"), REQUESTS), 60_000_000),
    ]


def test_no_bound_of_its_latency_is_no_alarm() -> None:
    unbound = dataclasses.replace(SPEC, rollback_on=builders.SPEC.rollback_on)
    assert [each.name for each in alarms.signals(unbound)] == ["5xx"]


def test_its_requests_are_counted_by_their_latency() -> None:
    asked = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ModelLatency",
        "Dimensions": [
            {"Name": "EndpointName", "Value": "documents"},
            {"Name": "VariantName", "Value": "AllTraffic"},
            {"Name": "EndpointConfigName", "Value": "gate-v2"},
        ],
        "StartTime": datetime.fromtimestamp(NOW - 3600, UTC),
        "EndTime": datetime.fromtimestamp(NOW + 60, UTC),
        "Period": 60,
        "Statistics": ["SampleCount"],
    }
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_statistics", {"Datapoints": [{"SampleCount": 7.0}, {"SampleCount": 5.0}]}, asked)
        watch = CloudWatch(stub.client)
        assert watch.requests("documents", "AllTraffic", "gate-v2", NOW - 3600, NOW, is_asynchronous=True) == 12


@pytest.mark.parametrize("described", [{}, {"AsyncInferenceConfig": {"OutputConfig": {}}}], ids=["real-time", "it is"])
def test_whether_an_endpoint_is_one(described: dict[str, Any]) -> None:
    answer = {
        "EndpointName": "documents",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/documents",
        "EndpointStatus": "InService",
        "CreationTime": datetime.fromtimestamp(NOW, UTC),
        "LastModifiedTime": datetime.fromtimestamp(NOW, UTC),
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint", answer | described, {"EndpointName": "documents"})
        found = Hosting(stub.client, client("sagemaker"), client("application-autoscaling")).endpoint("documents")
    assert found is not None
    assert found.is_asynchronous is bool(described)


@pytest.mark.parametrize(
    ("spec", "found", "why", "way"),
    [
        (
            SPEC,
            endpoint(),
            "the endpoint is real-time, but the spec's is asynchronous: its callers could no longer call it",
            "to asynchronous",
        ),
        (
            builders.SPEC,
            endpoint(is_asynchronous=True),
            "the endpoint is asynchronous, but the spec's is real-time: its callers could no longer call it",
            "from asynchronous",
        ),
    ],
)
def test_an_endpoint_of_the_other_kind_is_held(spec: Any, found: Endpoint, why: str, way: str) -> None:
    held = decide(
        spec,
        observed(endpoint=found, described=[2]),
        head(live=live(1), approvals=(approval(2),), approved=(1, 2)),
        NOW,
    )
    reason = f"{why}; give the variant an entry and an endpoint of its own"
    assert held == Hold(reason, reconcile_at=NOW + 300, notice=Notice(Code.OTHER_KIND, way))
