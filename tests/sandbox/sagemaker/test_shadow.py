"""Shadow variants: which configs may have one, and what becomes of one in an update."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from tests.sandbox.sagemaker.studio import DATA, IMAGE, ROLE, Studio
from world.assumptions import Assumptions

PRODUCTION = {
    "VariantName": "AllTraffic",
    "ModelName": "v1",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 1.0,
}
SHADOW = PRODUCTION | {
    "VariantName": "Shadow",
    "ModelName": "v2",
    "InitialInstanceCount": 1,
    "InitialVariantWeight": 0.5,
}
GUARDED = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 120,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}
LAUNCHED = 170
"""When the new fleet bakes, in seconds."""


def started(clock: Clock, **assumptions: bool) -> Studio:
    """Return a studio with `fraud` in service on `v1`, the config `both` with `v2` as the shadow of `v1`, and `v2`."""
    studio = Studio(clock, Assumptions(**assumptions))
    studio.group()
    studio.deployable("v1")
    studio.deployable("v2")
    shadowed(studio, "both")
    studio.serve("v1")
    return studio


def shadowed(studio: Studio, name: str, *, shadow: dict[str, Any] = SHADOW, **fields: Any) -> None:
    variants = {"ProductionVariants": [PRODUCTION], "ShadowProductionVariants": [shadow]}
    studio.api.create_endpoint_config(EndpointConfigName=name, **variants | fields)


def shadows(studio: Studio) -> list[tuple[str, int]]:
    """Return the endpoint's shadow variants with their running instances."""
    found = studio.endpoint().get("ShadowProductionVariants", [])
    return [(variant["VariantName"], variant["CurrentInstanceCount"]) for variant in found]


def test_a_config_is_described_with_its_shadow(clock: Clock) -> None:
    studio = started(clock)
    shadowed(studio, "full", shadow={key: value for key, value in SHADOW.items() if key != "InitialVariantWeight"})
    found = [studio.api.describe_endpoint_config(EndpointConfigName=name) for name in ("both", "full", "v1")]
    assert [each.get("ShadowProductionVariants") for each in found] == [
        [SHADOW],
        [SHADOW | {"InitialVariantWeight": 1.0}],
        None,
    ]


SERVERLESS = {
    "VariantName": "AllTraffic",
    "ModelName": "v1",
    "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
}
ASYNCHRONOUS = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://models/out/"}}}
CONTAINER = {"Image": IMAGE, "ModelDataUrl": DATA}


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        (
            {"ProductionVariants": [PRODUCTION, PRODUCTION | {"VariantName": "B"}]},
            "With a shadow variant, a config has exactly one production and one shadow variant.",
        ),
        (
            {"ShadowProductionVariants": [SHADOW, SHADOW | {"VariantName": "B"}]},
            "With a shadow variant, a config has exactly one production and one shadow variant.",
        ),
        (
            {"ShadowProductionVariants": [SHADOW | {"VariantName": "AllTraffic"}]},
            "The names of the production variants must be unique.",
        ),
        (
            {"ProductionVariants": [SERVERLESS]},
            "Shadow variants are not supported with serverless variants.",
        ),
        (ASYNCHRONOUS, "Shadow variants are not supported with asynchronous inference."),
        (
            {"ShadowProductionVariants": [SHADOW | {"InstanceType": "ml.inf1.xlarge"}]},
            "Shadow variants are not supported with Inf1 instances.",
        ),
        (
            {"ShadowProductionVariants": [SHADOW | {"ModelName": "pair"}]},
            "Shadow variants are not supported with models with several containers.",
        ),
        (
            {"ShadowProductionVariants": [SHADOW | {"ModelName": "many"}]},
            "Shadow variants are not supported with multi-model containers.",
        ),
    ],
)
def test_a_shadow_is_refused(clock: Clock, fields: dict[str, Any], refused: str) -> None:
    studio = started(clock)
    studio.api.create_model(ModelName="pair", ExecutionRoleArn=ROLE, Containers=[CONTAINER, CONTAINER])
    studio.api.create_model(
        ModelName="many", ExecutionRoleArn=ROLE, PrimaryContainer=CONTAINER | {"Mode": "MultiModel"}
    )
    with pytest.raises(ClientError) as error:
        shadowed(studio, "refused", **fields)
    assert error.value.response["Error"]["Message"] == refused


def test_an_endpoint_is_described_with_the_shadow_that_comes_and_goes(clock: Clock) -> None:
    studio = started(clock)
    studio.update("both", DeploymentConfig=GUARDED)
    (pending,) = studio.endpoint()["PendingDeploymentSummary"]["ShadowProductionVariants"]
    assert (pending["VariantName"], pending["DesiredInstanceCount"], pending["DesiredWeight"]) == ("Shadow", 1, 0.5)
    assert shadows(studio) == []
    clock.advance(600)
    assert (studio.verdict(), shadows(studio)) == (("InService", "both", None), [("Shadow", 1)])
    studio.update("v2", DeploymentConfig=GUARDED)
    assert "ShadowProductionVariants" not in studio.endpoint()["PendingDeploymentSummary"]
    clock.advance(600)
    assert (studio.verdict(), shadows(studio)) == (("InService", "v2", None), [])


def test_a_shadow_that_cannot_be_launched_ends_the_update(clock: Clock) -> None:
    studio = started(clock)
    shadowed(studio, "large", shadow=SHADOW | {"InstanceType": "ml.p3.2xlarge"})
    studio.sagemaker.set_capacity("ml.p3.2xlarge", 0)
    studio.update("large", DeploymentConfig=GUARDED)
    clock.advance(600)
    assert studio.verdict()[:2] == ("InService", "v1")


@pytest.mark.parametrize(("keeps", "left"), [(True, [("Shadow", 1)]), (False, [])])
def test_what_a_rollback_leaves_of_the_old_configs_shadow(clock: Clock, left: object, *, keeps: bool) -> None:
    studio = started(clock, rollback_keeps_shadow=keeps)
    studio.update("both")
    clock.advance(300)
    studio.update("v2", DeploymentConfig=GUARDED)
    clock.advance(LAUNCHED)
    studio.alarms["errors"] = "ALARM"
    clock.advance(300)
    assert (studio.verdict()[:2], shadows(studio)) == (("InService", "both"), left)


@pytest.mark.parametrize(("guarded", "ends_on"), [(True, "v1"), (False, "both")])
def test_guardrails_may_ignore_an_update_with_a_shadow(clock: Clock, ends_on: str, *, guarded: bool) -> None:
    studio = started(clock, shadow_has_guardrails=guarded)
    studio.update("both", DeploymentConfig=GUARDED)
    clock.advance(LAUNCHED - 20)
    studio.alarms["errors"] = "ALARM"
    clock.advance(300)
    assert studio.verdict()[:2] == ("InService", ends_on)


@pytest.mark.parametrize(("before", "after"), [("v1", "both"), ("both", "v2")])
def test_guardrails_may_be_refused_with_a_shadow(clock: Clock, before: str, after: str) -> None:
    studio = started(clock, shadow_guardrails_refused=True)
    studio.update(before)
    clock.advance(300)
    with pytest.raises(ClientError) as error:
        studio.update(after, DeploymentConfig=GUARDED)
    assert error.value.response["Error"]["Message"] == "A DeploymentConfig is not supported with shadow variants."
    studio.update(after)
    clock.advance(300)
    assert studio.verdict()[:2] == ("InService", after)


@pytest.mark.parametrize(("relaunches", "ends_on"), [(True, "v1"), (False, "both")])
def test_production_may_be_launched_anew_when_only_the_shadow_comes(
    clock: Clock, ends_on: str, *, relaunches: bool
) -> None:
    studio = started(clock, shadow_relaunches=relaunches)
    studio.sagemaker.set_capacity("ml.m5.large", 1)
    studio.update("both", DeploymentConfig=GUARDED)
    clock.advance(600)
    assert studio.verdict()[:2] == ("InService", ends_on)


def test_a_shadow_has_its_own_instances_and_weight(clock: Clock) -> None:
    studio = started(clock)
    studio.update("both")
    clock.advance(300)
    studio.api.update_endpoint_weights_and_capacities(
        EndpointName="fraud", DesiredWeightsAndCapacities=[{"VariantName": "Shadow", "DesiredInstanceCount": 3}]
    )
    clock.advance(300)
    assert shadows(studio) == [("Shadow", 3)]
    counts = [each["CurrentInstanceCount"] for each in studio.endpoint()["ProductionVariants"]]
    assert counts == [2]
