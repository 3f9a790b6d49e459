"""Deployment guardrails: the plan of phases, and updates that go through it or roll back."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from tests.sandbox.conftest import START
from tests.sandbox.sagemaker.studio import DATA, Studio
from world.assumptions import Assumptions
from world.hosting.guardrails import Phase, plan, rollback_plan

CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
NO_DATA = (
    'Failed to download model data for container "container_1" from URL: "s3://models/none.tar.gz". Please ensure that '
    "there is an object located at the URL and that the role passed to CreateModel has permissions to download the "
    "object."
)
FIRED = "One or more configured alarms are in ALARM state: burning."


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def instances(value: int) -> dict[str, Any]:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def blue_green(kind: str, *, bake: int = 300, alarms: list[str] | None = None, **routing: Any) -> dict[str, Any]:
    policy = {
        "TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": 300, **routing},
        "TerminationWaitInSeconds": bake,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }
    return {"BlueGreenUpdatePolicy": policy} | _rollback(alarms)


def canary(value: int = 50, *, alarms: list[str] | None = None) -> dict[str, Any]:
    return blue_green("CANARY", CanarySize=percent(value), alarms=alarms)


def rolling(size: dict[str, Any], *, wait: int = 60, alarms: list[str] | None = None, **more: Any) -> dict[str, Any]:
    policy = {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait, **more}
    return {"RollingUpdatePolicy": policy} | _rollback(alarms)


def _rollback(alarms: list[str] | None) -> dict[str, Any]:
    return {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}


def phases(plan: list[Phase], count: int) -> list[tuple[str, int, float, float]]:
    """Return status and instances, seconds, share on the new fleet, and part of the old fleet that runs."""
    return [(f"{p.status} {p.instances(count)}", p.seconds, round(p.share, 3), round(p.old, 3)) for p in plan]


@pytest.fixture
def studio(clock: Clock) -> Studio:
    """`fraud` is in service with the config `blue`; there is a config `green`."""
    return serving(Studio(clock))


def serving(studio: Studio) -> Studio:
    studio.group()
    studio.deployable("blue")
    studio.deployable("green")
    studio.serve("blue")
    return studio


def test_without_a_policy_all_traffic_moves_at_once_and_nothing_is_baked() -> None:
    assert phases(plan({}, 3), 3) == [
        ("Creating 3", 120, 0.0, 1.0),
        ("ActivatingTraffic 3", 10, 1.0, 1.0),
        ("Deleting 3", 30, 1.0, 1.0),
    ]


def test_all_at_once_bakes_for_the_termination_wait() -> None:
    assert phases(plan(blue_green("ALL_AT_ONCE"), 3), 3) == [
        ("Creating 3", 120, 0.0, 1.0),
        ("ActivatingTraffic 3", 10, 1.0, 1.0),
        ("Baking 3", 300, 1.0, 1.0),
        ("Deleting 3", 30, 1.0, 1.0),
    ]


@pytest.mark.parametrize("size", [percent(20), instances(2)])
def test_a_canary_bakes_before_the_rest_moves(size: dict[str, Any]) -> None:
    assert phases(plan(blue_green("CANARY", bake=600, CanarySize=size), 10), 10) == [
        ("Creating 10", 120, 0.0, 1.0),
        ("ActivatingTraffic 2", 10, 0.2, 1.0),
        ("Baking 2", 300, 0.2, 1.0),
        ("ActivatingTraffic 10", 10, 1.0, 1.0),
        ("Baking 10", 600, 1.0, 1.0),
        ("Deleting 10", 30, 1.0, 1.0),
    ]


def test_linear_steps_bake_each_and_the_last_is_cut_to_the_rest() -> None:
    assert phases(plan(blue_green("LINEAR", bake=0, LinearStepSize=percent(40)), 5), 5) == [
        ("Creating 5", 120, 0.0, 1.0),
        ("ActivatingTraffic 2", 10, 0.4, 1.0),
        ("Baking 2", 300, 0.4, 1.0),
        ("ActivatingTraffic 4", 10, 0.8, 1.0),
        ("Baking 4", 300, 0.8, 1.0),
        ("ActivatingTraffic 5", 10, 1.0, 1.0),
        ("Deleting 5", 30, 1.0, 1.0),
    ]


def test_rolling_ends_the_old_fleet_batch_by_batch() -> None:
    assert phases(plan(rolling(instances(2)), 4), 4) == [
        ("Creating 2", 120, 0.0, 1.0),
        ("ActivatingTraffic 2", 10, 0.5, 1.0),
        ("Baking 2", 60, 0.5, 1.0),
        ("Deleting 2", 30, 0.5, 0.5),
        ("Creating 2", 120, 0.5, 0.5),
        ("ActivatingTraffic 2", 10, 1.0, 0.5),
        ("Baking 2", 60, 1.0, 0.5),
        ("Deleting 2", 30, 1.0, 0.0),
    ]


def test_a_rolling_rollback_launches_again_what_was_ended() -> None:
    back = rollback_plan(rolling(percent(25)), 4, share=0.75, old=0.5)
    assert phases(back, 4) == [
        ("Creating 2", 120, 0.5, 0.5),
        ("ActivatingTraffic 2", 10, 0.0, 1.0),
        ("Deleting 2", 30, 0.0, 1.0),
    ]
    in_batches = rollback_plan(rolling(percent(25), RollbackMaximumBatchSize=percent(25)), 4, share=0.75, old=0.5)
    assert phases(in_batches, 4) == [
        ("Creating 1", 120, 0.5, 0.5),
        ("ActivatingTraffic 1", 10, 0.25, 0.75),
        ("Deleting 1", 30, 0.25, 0.75),
        ("Creating 1", 120, 0.25, 0.75),
        ("ActivatingTraffic 1", 10, 0.0, 1.0),
        ("Deleting 1", 30, 0.0, 1.0),
    ]


def test_a_canary_ends_in_service_on_the_new_config(studio: Studio) -> None:
    studio.update("green", DeploymentConfig=canary())
    waiting = "Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s)."
    ending = "Baking for 300 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of 2 instance(s)."
    assert studio.timeline(800) == [
        (0, "Updating", "Launching 2 instance(s).", 0.0),
        (120, "Updating", "Activating traffic on canary capacity of 1 instance(s).", 0.5),
        (130, "Updating", waiting, 0.5),
        (430, "Updating", "Activating traffic on full capacity of 2 instance(s).", 1.0),
        (440, "Updating", ending, 1.0),
        (740, "Updating", "Terminating 2 instance(s).", 1.0),
        (770, "InService", None, 0.0),
    ]
    assert studio.verdict() == ("InService", "green", None)
    assert studio.endpoint()["LastDeploymentConfig"] == canary()


def test_while_it_updates_the_endpoint_names_the_old_config_and_the_pending_one(studio: Studio) -> None:
    before = studio.endpoint()
    studio.update("green", DeploymentConfig=canary())
    studio.clock.advance(150)
    (live,) = before["ProductionVariants"]
    began = datetime.fromtimestamp(START + 180, UTC)
    assert studio.endpoint() == before | {
        "EndpointStatus": "Updating",
        "LastModifiedTime": began,
        "LastDeploymentConfig": canary(),
        "PendingDeploymentSummary": {
            "EndpointConfigName": "green",
            "StartTime": began,
            "ProductionVariants": [
                live
                | {
                    "DeployedImages": [live["DeployedImages"][0] | {"ResolutionTime": began}],
                    "InstanceType": "ml.m5.large",
                    "CurrentInstanceCount": 1,
                    "VariantStatus": [
                        {
                            "Status": "Baking",
                            "StatusMessage": "Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on "
                            "canary capacity of 1 instance(s).",
                            "StartTime": datetime.fromtimestamp(START + 180 + 130, UTC),
                        }
                    ],
                }
            ],
        },
    }


def test_endpoint_events_frame_the_deployment_events(studio: Studio) -> None:
    del studio.events.log[:]
    studio.update("green", DeploymentConfig=canary())
    studio.clock.advance(800)
    events = [event for event in studio.events.log if "Endpoint" in event["detail-type"]]
    deployment = "SageMaker Endpoint Deployment State Change"
    assert [(e["detail-type"], e["detail"]["EndpointStatus"], e["detail"]["EndpointConfigName"]) for e in events] == [
        ("SageMaker Endpoint State Change", "UPDATING", "blue"),
        *[(deployment, "UPDATING", "blue")] * 6,
        ("SageMaker Endpoint State Change", "IN_SERVICE", "green"),
    ]
    baking = events[3]
    assert baking["resources"] == ["arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"]
    counts = {"CurrentWeight": 1.0, "DesiredWeight": 1.0, "DesiredInstanceCount": 2}
    assert baking["detail"] == {
        "EndpointName": "fraud",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud",
        "EndpointConfigName": "blue",
        "EndpointStatus": "UPDATING",
        "ProductionVariants": [{"VariantName": "AllTraffic", "CurrentInstanceCount": 2, **counts}],
        "CreationTime": int(START) * 1000,
        "LastModifiedTime": int(START + 180) * 1000,
        "Tags": {},
        "PendingDeploymentSummary": {
            "EndpointConfigName": "green",
            "StartTime": int(START + 180) * 1000,
            "ProductionVariants": [
                {
                    "VariantName": "AllTraffic",
                    "CurrentInstanceCount": 1,
                    **counts,
                    "VariantStatus": [
                        {
                            "Status": "Baking",
                            "StatusMessage": "Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on "
                            "canary capacity of 1 instance(s).",
                            "StartTime": int(START + 180 + 130) * 1000,
                        }
                    ],
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("after", "seen"),
    [
        (60, 120),  # not evaluated before the new fleet takes traffic
        (121, 121),
        (433, 433),
        (739, 739),  # the end of the last bake
    ],
)
def test_an_alarm_while_the_new_fleet_takes_traffic_brings_the_old_one_back(
    studio: Studio, after: int, seen: int
) -> None:
    studio.update("green", DeploymentConfig=canary(alarms=["calm", "burning"]))
    studio.clock.advance(after)
    studio.alarms["calm"], studio.alarms["burning"] = "OK", "ALARM"
    assert [(second + after, *rest) for second, *rest in studio.timeline(800)][-2:] == [
        (seen, "RollingBack", "Terminating 2 instance(s).", 0.0),
        (seen + 30, "InService", None, 0.0),
    ]
    assert studio.verdict() == ("InService", "blue", FIRED)
    assert "PendingDeploymentSummary" not in studio.endpoint()
    statuses = [d["EndpointStatus"] for d in studio.details("SageMaker Endpoint State Change")]
    assert statuses == ["CREATING", "IN_SERVICE", "UPDATING", "ROLLING_BACK", "IN_SERVICE"]


def test_an_alarm_once_the_old_fleet_is_going_comes_too_late(studio: Studio) -> None:
    studio.update("green", DeploymentConfig=canary(alarms=["burning"]))
    studio.clock.advance(741)
    studio.alarms["burning"] = "ALARM"
    studio.clock.advance(100)
    assert studio.verdict() == ("InService", "green", None)


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA", None])
def test_only_the_state_alarm_rolls_back(studio: Studio, state: str | None) -> None:
    if state:
        studio.alarms["quiet"] = state
    studio.update("green", DeploymentConfig=canary(alarms=["quiet"]))
    studio.clock.advance(800)
    assert studio.verdict() == ("InService", "green", None)


@pytest.mark.parametrize(
    ("assumptions", "during", "after", "moved"),
    [
        (Assumptions(), ("RollingBack", "blue", None), ("InService", "blue", FIRED), 180 + 152),
        (
            Assumptions(rolling_back_shows=False),
            ("Updating", "blue", None),
            ("InService", "blue", FIRED),
            180 + 152,
        ),
        (
            Assumptions(rollback_gives_reason=False),
            ("RollingBack", "blue", None),
            ("InService", "blue", None),
            180 + 152,
        ),
        (
            Assumptions(rollback_moves_modified=False),
            ("RollingBack", "blue", None),
            ("InService", "blue", FIRED),
            180,
        ),
    ],
    ids=["likely", "still Updating", "no reason", "LastModifiedTime as before"],
)
def test_what_is_not_documented_of_a_rollback_can_be_flipped(
    clock: Clock,
    assumptions: Assumptions,
    during: tuple[str, str, str | None],
    after: tuple[str, str, str | None],
    moved: int,
) -> None:
    studio = serving(Studio(clock, assumptions))
    studio.update("green", DeploymentConfig=canary(alarms=["burning"]))
    studio.clock.advance(122)
    studio.alarms["burning"] = "ALARM"
    studio.clock.advance(10)
    assert studio.verdict() == during
    studio.clock.advance(30)
    assert studio.verdict() == after
    assert studio.endpoint()["LastModifiedTime"] == datetime.fromtimestamp(START + moved, UTC)


def test_an_alarm_can_count_from_the_launch_on(clock: Clock) -> None:
    studio = serving(Studio(clock, Assumptions(alarms_from_launch=True)))
    studio.alarms["burning"] = "ALARM"
    studio.update("green", DeploymentConfig=canary(alarms=["burning"]))
    assert studio.timeline(60) == [
        (0, "RollingBack", "Terminating 2 instance(s).", 0.0),
        (30, "InService", None, 0.0),
    ]


def test_missing_model_data_rolls_back_before_any_traffic(studio: Studio) -> None:
    studio.deployable("empty", data="s3://models/none.tar.gz")
    studio.update("empty", DeploymentConfig=canary())
    assert studio.timeline(200) == [
        (0, "Updating", "Launching 2 instance(s).", 0.0),
        (120, "RollingBack", "Terminating 2 instance(s).", 0.0),
        (150, "InService", None, 0.0),
    ]
    assert studio.verdict() == ("InService", "blue", NO_DATA)


def test_the_next_update_clears_the_failure_reason(studio: Studio) -> None:
    studio.deployable("empty", data="s3://models/none.tar.gz")
    studio.update("empty")
    studio.clock.advance(200)
    studio.update("green")
    assert studio.verdict() == ("Updating", "blue", None)


def test_lacking_capacity_rolls_back_and_later_there_may_be_some(studio: Studio) -> None:
    studio.sagemaker.set_capacity("ml.m5.large", 1)
    studio.update("green", DeploymentConfig=canary())
    studio.clock.advance(150)
    assert studio.verdict() == ("InService", "blue", CAPACITY)
    studio.sagemaker.set_capacity("ml.m5.large", None)
    studio.update("green")
    studio.clock.advance(160)
    assert studio.verdict() == ("InService", "green", None)


def test_an_update_that_takes_too_long_rolls_back(studio: Studio) -> None:
    # The waits fit into the timeout. With provisioning and shifting they do not.
    config = canary()
    config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 601
    studio.update("green", DeploymentConfig=config)
    assert studio.timeline(700)[-2:] == [
        (601, "RollingBack", "Terminating 2 instance(s).", 0.0),
        (631, "InService", None, 0.0),
    ]
    assert studio.verdict() == ("InService", "blue", "The deployment exceeded MaximumExecutionTimeoutInSeconds.")


def test_a_rolling_update_rolls_back_by_launching_again(studio: Studio) -> None:
    studio.update("green", DeploymentConfig=rolling(percent(50), alarms=["burning"]))
    studio.clock.advance(352)
    studio.alarms["burning"] = "ALARM"
    assert [(second + 352, *rest) for second, *rest in studio.timeline(200)] == [
        (352, "RollingBack", "Launching 1 instance(s).", 0.5),
        (472, "RollingBack", "Activating traffic on rollback capacity of 1 instance(s).", 0.0),
        (482, "RollingBack", "Terminating 1 instance(s).", 0.0),
        (512, "InService", None, 0.0),
    ]
    assert studio.verdict() == ("InService", "blue", FIRED)


def test_where_the_rollback_of_a_rolling_update_fails_both_fleets_stay_until_another_update(studio: Studio) -> None:
    studio.update("green", DeploymentConfig=rolling(percent(50), alarms=["burning"]))
    studio.clock.advance(345)
    studio.alarms["burning"] = "ALARM"
    studio.sagemaker.set_capacity("ml.m5.large", 0)
    studio.clock.advance(200)
    assert studio.verdict() == ("UpdateRollbackFailed", "blue", CAPACITY)
    assert studio.invocation.observe()[0]["share"] == 0.5
    studio.sagemaker.set_capacity("ml.m5.large", None)
    studio.update("green")
    studio.clock.advance(160)
    assert studio.verdict() == ("InService", "green", None)


def test_a_rolling_rollback_needs_capacity_of_the_old_instance_type_only(studio: Studio) -> None:
    studio.config("larger", model="green", InstanceType="ml.m5.xlarge")
    studio.update("larger", DeploymentConfig=rolling(percent(50), alarms=["burning"]))
    studio.clock.advance(352)
    studio.alarms["burning"] = "ALARM"
    studio.sagemaker.set_capacity("ml.m5.xlarge", 0)
    studio.clock.advance(200)
    assert studio.verdict() == ("InService", "blue", FIRED)


def test_excluded_endpoints_silently_go_all_at_once_without_alarms(studio: Studio) -> None:
    studio.config("inferentia", model="green", InstanceType="ml.inf1.xlarge")
    studio.alarms["burning"] = "ALARM"
    studio.update("inferentia", DeploymentConfig=canary(alarms=["burning"]))
    assert studio.timeline(200) == [
        (0, "Updating", "Launching 2 instance(s).", 0.0),
        (120, "Updating", "Activating traffic on full capacity of 2 instance(s).", 1.0),
        (130, "Updating", "Terminating 2 instance(s).", 1.0),
        (160, "InService", None, 0.0),
    ]
    assert studio.details("SageMaker Endpoint Deployment State Change") == []


@pytest.mark.parametrize(
    ("properties", "count", "weight"),
    [
        ({}, 2, 1.0),
        ({"RetainAllVariantProperties": True}, 5, 3.0),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            2,
            3.0,
        ),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
            5,
            1.0,
        ),
    ],
    ids=["reset by default", "all kept", "but the count", "but the weight"],
)
def test_autoscaled_properties_survive_where_retained(
    studio: Studio, properties: dict[str, Any], count: int, weight: float
) -> None:
    studio.api.update_endpoint_weights_and_capacities(
        EndpointName="fraud",
        DesiredWeightsAndCapacities=[
            {"VariantName": "AllTraffic", "DesiredInstanceCount": 5, "DesiredWeight": 3.0},
        ],
    )
    studio.clock.advance(120)
    studio.update("green", **properties)
    studio.clock.advance(160)
    (variant,) = studio.endpoint()["ProductionVariants"]
    assert {k: v for k, v in variant.items() if "Count" in k or "Weight" in k} == {
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
    assert studio.verdict() == ("InService", "green", None)


@pytest.mark.parametrize(
    ("properties", "percentage"),
    [
        ({}, 50),
        ({"RetainAllVariantProperties": True}, 10),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}],
            },
            50,
        ),
    ],
    ids=["reset by default", "kept", "excluded"],
)
def test_data_capture_is_retained_as_the_other_properties(
    studio: Studio, properties: dict[str, Any], percentage: int
) -> None:
    for name, sampling in (("ten", 10), ("fifty", 50)):
        studio.api.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "ModelName": "green",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 2,
                }
            ],
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": sampling,
                "DestinationS3Uri": "s3://models/capture",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        )
    studio.update("ten")
    studio.clock.advance(160)
    studio.update("fifty", **properties)
    assert studio.endpoint()["DataCaptureConfig"]["CurrentSamplingPercentage"] == 10
    studio.clock.advance(160)
    assert studio.endpoint()["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": percentage,
        "DestinationS3Uri": "s3://models/capture",
        "KmsKeyId": "",
    }


def test_an_autoscaled_variant_keeps_its_instance_type_and_its_name(studio: Studio) -> None:
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/fraud/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=4,
    )
    studio.config("larger", model="green", InstanceType="ml.m5.xlarge")
    studio.config("renamed", model="green", VariantName="Other")
    for config in ("larger", "renamed"):
        with pytest.raises(ClientError, match="is a target for auto scaling"):
            studio.update(config)
    studio.update("green")
    assert studio.verdict() == ("Updating", "blue", None)


def test_the_last_deployment_config_is_used_again_where_retained(studio: Studio) -> None:
    studio.update("green", DeploymentConfig=canary())
    studio.clock.advance(800)
    studio.update("blue", RetainDeploymentConfig=True)
    studio.clock.advance(769)
    assert studio.verdict() == ("Updating", "green", None)
    studio.clock.advance(1)
    assert studio.verdict() == ("InService", "blue", None)
    studio.update("green")
    studio.clock.advance(160)
    assert (studio.verdict()[1], studio.endpoint()["LastDeploymentConfig"]) == ("green", canary())


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (canary(51), "CanarySize must be between 0% and 50% of the variant's total instance count."),
        (
            blue_green("CANARY", CanarySize=instances(2)),
            "CanarySize must be between 0% and 50% of the variant's total instance count.",
        ),
        (
            blue_green("LINEAR", LinearStepSize=percent(9)),
            "LinearStepSize must be between 10% and 50% of the variant's total instance count.",
        ),
        (
            rolling(percent(4)),
            "MaximumBatchSize must be between 5% and 50% of the variant's total instance count.",
        ),
        (
            rolling(percent(50), RollbackMaximumBatchSize=instances(3)),
            "RollbackMaximumBatchSize must be between 0% and 100% of the variant's total instance count.",
        ),
        (
            blue_green("CANARY"),
            "CanarySize must be specified for traffic routing type CANARY, and only for it.",
        ),
        (
            blue_green("ALL_AT_ONCE", LinearStepSize=percent(10)),
            "LinearStepSize must be specified for traffic routing type LINEAR, and only for it.",
        ),
        (
            canary() | rolling(percent(50)),
            "Only one update policy can be used: BlueGreenUpdatePolicy or RollingUpdatePolicy.",
        ),
        (
            rolling(percent(50), wait=300, MaximumExecutionTimeoutInSeconds=600),
            "MaximumExecutionTimeoutInSeconds (600) must be greater than the sum of all waits (600).",
        ),
        (
            {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": f"a{n}"} for n in range(11)]}},
            "1 validation error detected: Value '[",
        ),
        (
            blue_green("ALL_AT_ONCE", bake=3601),
            "1 validation error detected: Value '3601' at "
            "'deploymentConfig.blueGreenUpdatePolicy.terminationWaitInSeconds' failed to satisfy constraint: "
            "Member must have value less than or equal to 3600",
        ),
        (
            blue_green("BLUE"),
            "1 validation error detected: Value 'BLUE' at "
            "'deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.type' failed to satisfy constraint: "
            "Member must satisfy enum value set: [ALL_AT_ONCE, CANARY, LINEAR]",
        ),
    ],
)
def test_bounds_that_the_client_does_not_check(studio: Studio, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as error:
        studio.update("green", DeploymentConfig=config)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    assert error.value.response["Error"]["Message"].startswith(message)
    assert studio.verdict() == ("InService", "blue", None)


def test_a_canary_needs_two_instances_and_guardrails_the_same_variants(studio: Studio) -> None:
    studio.config("single", model="green", InitialInstanceCount=1)
    studio.config("renamed", model="green", VariantName="Other")
    with pytest.raises(ClientError, match="needs at least two instances"):
        studio.update("single", DeploymentConfig=canary())
    with pytest.raises(ClientError, match="same production variant names"):
        studio.update("renamed", DeploymentConfig=blue_green("ALL_AT_ONCE"))
    studio.update("renamed")
    studio.clock.advance(160)
    assert studio.verdict() == ("InService", "renamed", None)


@pytest.mark.parametrize(
    ("assumptions", "config", "message"),
    [
        (Assumptions(live_config_refused=True), "blue", "already uses endpoint configuration"),
        (Assumptions(firing_alarm_refused=True), "green", 'Could not find alarm "absent"'),
    ],
)
def test_what_update_endpoint_may_refuse_can_be_flipped(
    clock: Clock, assumptions: Assumptions, config: str, message: str
) -> None:
    studio = serving(Studio(clock, assumptions))
    with pytest.raises(ClientError, match=message):
        studio.update(config, DeploymentConfig=canary(alarms=["absent"]))


def test_an_alarm_with_metric_math_may_be_refused(clock: Clock) -> None:
    studio = serving(Studio(clock, Assumptions(metric_math_refused=True)))
    with pytest.raises(ClientError, match='"by-math" is not supported'):
        studio.update("green", DeploymentConfig=canary(alarms=["plain", "by-math"]))
    studio.update("green", DeploymentConfig=canary(alarms=["plain"]))


@pytest.mark.parametrize(("is_watched", "ends_on"), [(True, "blue"), (False, "green")])
def test_an_alarm_with_metric_math_may_be_ignored(clock: Clock, ends_on: str, *, is_watched: bool) -> None:
    studio = serving(Studio(clock, Assumptions(metric_math_watched=is_watched)))
    studio.update("green", DeploymentConfig=canary(alarms=["by-math"]))
    studio.clock.advance(200)
    studio.alarms["by-math"] = "ALARM"
    studio.clock.advance(900)
    assert studio.endpoint()["EndpointConfigName"] == ends_on


@pytest.mark.parametrize("config", ["blue", "green"])
def test_update_endpoint_takes_the_live_config_and_an_alarm_that_does_not_exist(studio: Studio, config: str) -> None:
    studio.update(config, DeploymentConfig=canary(alarms=["absent"]))
    studio.clock.advance(770)
    assert studio.verdict() == ("InService", config, None)
    assert studio.endpoint()["LastModifiedTime"] == datetime.fromtimestamp(START + 180 + 770, UTC)


def test_model_data_may_be_below_a_prefix(studio: Studio) -> None:
    for name, uri, ends_on in (("there", "s3://models/fraud/", "there"), ("gone", "s3://models/lost/", "there")):
        source = {"S3DataSource": {"S3Uri": uri, "S3DataType": "S3Prefix", "CompressionType": "None"}}
        studio.api.create_model(
            ModelName=name,
            ExecutionRoleArn="arn:aws:iam::123456789012:role/model",
            PrimaryContainer={"Image": "i", "ModelDataSource": source},
        )
        studio.config(name)
        studio.update(name)
        studio.clock.advance(160)
        assert studio.endpoint()["EndpointConfigName"] == ends_on
    assert DATA.startswith("s3://models/fraud/")
