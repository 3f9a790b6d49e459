"""What nothing needs any more is deleted after its days, and no way back with it."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e import by_hand
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Line
from tests.e2e.inventory import config_of, inventory
from tests.e2e.lines import FIRST, accepted, alert, approved, attempt, closed, deployed, opened, revoked
from tests.e2e.world import World

CLEANED: list[Line] = [(Kind.CLEANING, None, None), (Kind.CLEANED, None, None)]


def test_exactly_what_nothing_needs_goes_and_every_way_back_still_works(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("cleaned")
    endpoint.register()
    endpoint.register()
    endpoint.register(error_rate="0.5")
    endpoint.register()
    endpoint.register(error_rate="0.5")
    endpoint.publish(1, 2)
    endpoint.traffic(4)
    endpoint.approve(3)
    endpoint.settle()
    endpoint.traffic(0)
    endpoint.publish(4)
    story = [*FIRST, *deployed(2), *deployed(3, "rolled_back"), *deployed(4)]
    assert endpoint.story() == story
    by_hand.config(world, "my-gate-of-cleaned", endpoint.arn(1))
    world.client("cloudwatch").put_metric_alarm(**_left_behind(names.rollout_alarm("cleaned", "gate-cleaned-9", "5xx")))
    before = inventory(world, endpoint)
    configs = {version: config_of(endpoint, version) for version in (1, 2, 3, 4)}
    models = {version: _model(world, config) for version, config in configs.items()}

    world.clean()
    assert inventory(world, endpoint) == before
    world.pass_days(1.1)
    world.clean()
    gone = {names.rollout_alarm("cleaned", "gate-cleaned-9", "5xx"), configs[1], configs[3]}
    gone.add(names.rollout_alarm("cleaned", configs[4], "watch"))
    assert before - inventory(world, endpoint) == gone
    world.clean()
    gone |= {models[1], models[3]}
    assert before - inventory(world, endpoint) == gone
    world.clean()
    assert (before - inventory(world, endpoint), endpoint.story()) == (gone, [*story, *CLEANED, *CLEANED])

    endpoint.traffic(4)
    endpoint.approve(5)
    endpoint.settle()
    endpoint.traffic(0)
    assert endpoint.live() == ("InService", 4)
    reverts = ((4, 2), (2, 1))
    for rejected, back in reverts:
        endpoint.reject(rejected)
        endpoint.settle()
        assert endpoint.live() == ("InService", back)
        assert endpoint.call()["version"] == back
    assert endpoint.story() == [
        *story,
        *CLEANED,
        *CLEANED,
        *deployed(5, "rolled_back"),
        *(line for rejected, back in reverts for line in (revoked(rejected), *attempt(back, purpose="revert"))),
    ]


def test_an_endpoint_that_was_never_in_service_goes_and_an_approval_creates_it_again(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("stillborn")
    endpoint.register(model="lost/model.tar.gz")
    endpoint.approve(1)
    endpoint.settle()
    story = [approved(1), opened(1, "create"), accepted(1), closed(1, "failed"), alert(1)]
    assert (endpoint.status(), endpoint.story()) == ("Failed", story)
    world.clean()
    assert endpoint.status() == "Failed"
    world.pass_days(1.1)
    world.clean()
    world.advance(60)
    deleted: list[Line] = [(Kind.CLEANING, None, None), (Kind.ENDPOINT_DELETED, None, None), (Kind.CLEANED, None, None)]
    assert (endpoint.status(), endpoint.story()) == (None, [*story, *deleted])
    assert endpoint.subjects()[-1] == "stillborn: endpoint deleted"
    endpoint.register()
    endpoint.publish(2)
    assert endpoint.story() == [*story, *deleted, approved(2), *attempt(2, purpose="create")]


def _model(world: World, config: str) -> str:
    (variant,) = world.client("sagemaker").describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    return str(variant["ModelName"])


def _left_behind(name: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 0.01,
        "ComparisonOperator": "GreaterThanThreshold",
    }
