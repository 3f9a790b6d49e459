"""InvokeEndpoint: which version answers, how often it fails, and what is measured."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from sandbox.sagemaker.invocation import Answer
from tests.sandbox.sagemaker.studio import ACCOUNT, ARN, REGION, Studio


class Callers:
    """`fraud` serves version 1. `metrics` holds the samples."""

    def __init__(self, clock: Clock) -> None:
        self.studio = Studio(clock)
        self.metrics = self.studio.metrics
        self.invocation = self.studio.invocation
        self.invocation.install()
        self.studio.group()
        self.studio.deployable("v1")
        self.studio.serve("v1")

    def call(self, times: int = 1, **request: Any) -> list[Answer]:
        request = {"account": ACCOUNT, "region": REGION, "endpoint": "fraud", **request}
        return [self.invocation.invoke(**request) for _ in range(times)]

    def configs(self, times: int) -> list[str]:
        return [json.loads(answer.body)["endpoint_config"] for answer in self.call(times)]

    def canary(self, percent: int) -> None:
        """Give this share of the traffic to `v2`."""
        size = {"Type": "CAPACITY_PERCENT", "Value": percent}
        routing = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": 300}
        self.studio.update("v2", DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}})
        self.studio.clock.advance(120)


@pytest.fixture
def callers(clock: Clock) -> Callers:
    return Callers(clock)


def test_an_answer_names_version_and_config(callers: Callers) -> None:
    (answer,) = callers.call()
    assert (answer.status, answer.headers, json.loads(answer.body)) == (
        200,
        {"Content-Type": "application/json", "x-Amzn-Invoked-Production-Variant": "AllTraffic"},
        {"version": 1, "model_package": f"{ARN}:model-package/Fraud/1", "endpoint_config": "v1", "score": 0.8894},
    )


def test_the_score_is_made_of_the_request_and_the_same_by_every_version(callers: Callers) -> None:
    callers.studio.deployable("v2")
    before = [scores(callers, body) for body in (b"1,2,3", b"3,2,1")]
    callers.studio.update("v2")
    callers.studio.clock.advance(160)
    after = [scores(callers, body) for body in (b"1,2,3", b"3,2,1")]
    assert before == after
    assert before[0] != before[1]


@pytest.mark.parametrize(("rate", "wrong"), [("0", 0), ("0.25", 25), ("1", 100)])
def test_exactly_the_wrong_rate_of_a_versions_answers_is_wrong_and_far_off(
    callers: Callers, rate: str, wrong: int
) -> None:
    (right,) = scores(callers, b"1,2,3")
    callers.studio.deployable("v2", metadata={"sandbox.wrong_rate": rate})
    callers.studio.update("v2")
    callers.studio.clock.advance(160)
    off = [round(abs(score - right), 4) for score in scores(callers, b"1,2,3", times=100)]
    assert (off.count(0.5), off.count(0.0)) == (wrong, 100 - wrong)


def scores(callers: Callers, body: bytes, times: int = 1) -> list[float]:
    return [json.loads(answer.body)["score"] for answer in callers.call(times, body=body)]


def test_every_request_is_measured_with_and_without_its_config(callers: Callers) -> None:
    callers.call()
    variant = {"EndpointName": "fraud", "VariantName": "AllTraffic"}
    assert callers.metrics == [
        (name, dimensions, value)
        for name, value in (
            ("Invocations", 1.0),
            ("Invocation4XXErrors", 0.0),
            ("Invocation5XXErrors", 0.0),
            ("InvocationModelErrors", 0.0),
            ("ModelLatency", 20_000.0),
            ("OverheadLatency", 2_000.0),
        )
        for dimensions in (variant, variant | {"EndpointConfigName": "v1"})
    ]


@pytest.mark.parametrize("percent", [5, 10, 25, 50])
def test_exactly_the_share_goes_to_the_new_fleet(callers: Callers, percent: int) -> None:
    callers.studio.deployable("v2", count=20)
    callers.canary(percent)
    configs = callers.configs(1000)
    assert (configs.count("v2"), configs.count("v1")) == (percent * 10, 1000 - percent * 10)
    assert configs[: 200 // percent].count("v2") == 2


def test_nothing_goes_to_a_fleet_that_is_being_launched_or_was_rolled_back(callers: Callers) -> None:
    callers.studio.deployable("v2", data="s3://models/none.tar.gz")
    callers.studio.update("v2")
    assert callers.configs(10) == ["v1"] * 10
    callers.studio.clock.advance(120)
    assert callers.configs(10) == ["v1"] * 10


@pytest.mark.parametrize(("rate", "failed"), [("0", 0), ("0.01", 10), ("0.3", 300), ("1", 1000)])
def test_exactly_the_error_rate_of_a_versions_requests_fails(callers: Callers, rate: str, failed: int) -> None:
    callers.studio.deployable("v2", metadata={"sandbox.error_rate": rate, "sandbox.latency_ms": "450"})
    callers.studio.update("v2")
    callers.studio.clock.advance(160)
    statuses = [answer.status for answer in callers.call(1000)]
    assert (statuses.count(424), statuses.count(200)) == (failed, 1000 - failed)
    measured = {name: sum(v for n, d, v in callers.metrics if n == name and len(d) == 3) for name in _MEASURED}
    assert measured == {
        "Invocations": 1000.0,
        "Invocation4XXErrors": 0.0,
        "Invocation5XXErrors": failed,
        "InvocationModelErrors": failed,
        "ModelLatency": 450_000.0 * 1000,
    }


def seeded(callers: Callers, name: str, seed: str) -> None:
    drawn = {"error_rate": "0.1", "wrong_rate": "0.2", "latency_ms": "100", "seed": seed}
    callers.studio.deployable(name, metadata={f"sandbox.{key}": value for key, value in drawn.items()})


def launch(callers: Callers, name: str) -> None:
    callers.studio.update(name)
    callers.studio.clock.advance(160)


def failures(callers: Callers, requests: int = 300) -> list[bool]:
    return [answer.status == 424 for answer in callers.call(requests)]


def test_a_seed_draws_failures_wrong_answers_and_latencies(callers: Callers) -> None:
    """Of 10,000 drawn requests, a share differs from the rate by less than five of its standard errors."""
    (right,) = scores(callers, b"")
    seeded(callers, "v2", "7")
    launch(callers, "v2")
    answers = callers.call(10_000)
    wrong = [json.loads(answer.body)["score"] != right for answer in answers if answer.status == 200]
    latencies = sorted(value for name, d, value in callers.metrics if name == "ModelLatency" and len(d) == 3)[-10_000:]
    assert len(answers) - len(wrong) == pytest.approx(1000, abs=150)
    assert sum(wrong) == pytest.approx(1800, abs=200)
    assert latencies[5000] == pytest.approx(100_000, rel=0.02)
    assert latencies[9900] == pytest.approx(179_000, rel=0.06)


def test_a_seed_repeats_itself_but_for_no_other_version_seed_or_fleet(clock: Clock) -> None:
    drawn = []
    for seed in ("7", "7", "8"):
        callers = Callers(clock)
        for name in ("v2", "v3"):
            seeded(callers, name, seed)
            launch(callers, name)
            drawn.append(failures(callers))
        launch(callers, "v2")
        drawn.append(failures(callers))
    v2, v3, again, *second, other, _, _ = drawn
    assert second == [v2, v3, again]
    assert len({tuple(each) for each in (v2, v3, again, other)}) == 4


_MEASURED = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors", "ModelLatency")


def test_a_live_version_can_turn_bad(callers: Callers) -> None:
    callers.studio.api.update_model_package(
        ModelPackageArn=f"{ARN}:model-package/Fraud/1", CustomerMetadataProperties={"sandbox.error_rate": "1"}
    )
    assert [answer.status for answer in callers.call(2)] == [424, 424]


def test_a_client_sees_the_models_error_as_botocore_knows_it(callers: Callers) -> None:
    runtime = boto3.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="fraud", Body=b"1,2", ContentType="text/csv")
    assert (answer["InvokedProductionVariant"], answer["ContentType"]) == ("AllTraffic", "application/json")
    assert json.load(answer["Body"])["version"] == 1
    callers.studio.api.update_model_package(
        ModelPackageArn=f"{ARN}:model-package/Fraud/1", CustomerMetadataProperties={"sandbox.error_rate": "1"}
    )
    with pytest.raises(runtime.exceptions.ModelError) as error:
        runtime.invoke_endpoint(EndpointName="fraud", Body=b"1,2")
    response = error.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["OriginalStatusCode"]) == (424, 500)
    assert response["OriginalMessage"] == "The version fails this request because of its sandbox.error_rate."


@pytest.mark.parametrize("name", ["absent", "Fraud"])
def test_an_endpoint_that_does_not_serve_under_that_very_name_is_a_validation_error(
    callers: Callers, name: str
) -> None:
    (answer,) = callers.call(endpoint=name)
    assert (answer.status, answer.headers["x-amzn-ErrorType"], json.loads(answer.body)) == (
        400,
        "ValidationError",
        {"Message": f"Endpoint {name} of account {ACCOUNT} not found."},
    )
    assert callers.metrics == []
    with pytest.raises(ClientError, match="ValidationError"):
        boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=b"")


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        ("Creating", 400),
        ("Failed", 400),
        ("Deleting", 400),
        ("OutOfService", 400),
        ("InService", 200),
        ("Updating", 200),
        ("SystemUpdating", 200),
        ("RollingBack", 200),
        ("UpdateRollbackFailed", 200),
    ],
)
def test_only_an_endpoint_in_service_answers(callers: Callers, status: str, answered: int) -> None:
    callers.studio.hosting.force("fraud", status=status)
    assert [answer.status for answer in callers.call()] == [answered]


def test_variants_share_by_weight_and_can_be_targeted(callers: Callers) -> None:
    variant = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "ModelName": "v1"}
    callers.studio.api.create_endpoint_config(
        EndpointConfigName="ab",
        ProductionVariants=[
            {**variant, "VariantName": "A", "InitialVariantWeight": 3.0},
            {**variant, "VariantName": "B", "InitialVariantWeight": 1.0},
        ],
    )
    callers.studio.update("ab")
    callers.studio.clock.advance(160)
    invoked = [answer.headers["x-Amzn-Invoked-Production-Variant"] for answer in callers.call(400)]
    assert (invoked.count("A"), invoked.count("B")) == (300, 100)
    (targeted,) = callers.call(target_variant="B")
    assert targeted.headers["x-Amzn-Invoked-Production-Variant"] == "B"
    assert [answer.status for answer in callers.call(target_variant="C")] == [400]


def test_answers_are_counted_by_version_and_status(callers: Callers) -> None:
    callers.studio.deployable("v2", metadata={"sandbox.error_rate": "0.5"})
    callers.canary(50)
    callers.call(8)
    callers.call(3, endpoint="absent")
    assert callers.invocation.refused == {"absent": 3}
    assert callers.invocation.observe() == [
        {
            "name": "fraud",
            "status": "Updating",
            "config": "v1",
            "version": "Fraud/1",
            "pending_config": "v2",
            "pending_version": "Fraud/2",
            "phase": "Activating traffic on canary capacity of 1 instance(s).",
            "share": 0.5,
            "failure_reason": None,
            "served": {"Fraud/1": {200: 4}, "Fraud/2": {200: 2, 424: 2}},
            "copied": {},
        }
    ]
