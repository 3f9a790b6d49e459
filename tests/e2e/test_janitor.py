"""What nothing needs any more is deleted after its days, and no way back with it."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e import by_hand
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint, Line
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
    before = _stock(world, endpoint)
    configs = {version: _config(endpoint, version) for version in (1, 2, 3, 4)}
    models = {version: _model(world, config) for version, config in configs.items()}

    world.clean()
    assert _stock(world, endpoint) == before
    world.pass_days(1.1)
    world.clean()
    gone = {names.rollout_alarm("cleaned", "gate-cleaned-9", "5xx"), configs[1], configs[3]}
    assert before - _stock(world, endpoint) == gone
    world.clean()
    gone |= {models[1], models[3]}
    assert before - _stock(world, endpoint) == gone
    world.clean()
    assert (before - _stock(world, endpoint), endpoint.story()) == (gone, [*story, *CLEANED, *CLEANED])

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


def test_a_dry_run_says_what_it_would_delete_and_has_no_right_to(take: Take, world: World) -> None:
    endpoint = take("dusty")
    endpoint.serving(versions=3)
    endpoint.publish(2, 3)
    first = _config(endpoint, 1)
    before = _stock(world, endpoint)
    world.pass_days(1.1)
    lines = [line for line in world.clean() if line.get("endpoint") == "dusty"]
    assert [(line["message"], line["kind"], line["resource"]) for line in lines] == [
        ("would delete", "endpoint config", first)
    ]
    assert lines[0]["reason"] == "made 1 day ago; nothing serves it, waits for it or goes back to it"
    assert (_stock(world, endpoint), endpoint.story()) == (before, [*FIRST, *deployed(2), *deployed(3)])
    calls = {call for run in world.calls(names.JANITOR) for call in run["calls"]}
    assert not [call for call in calls if ":Delete" in call or ":Transact" in call]
    role = names.function_role("us-east-1", names.JANITOR)
    policies = world.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
    documents = [world.client("iam").get_role_policy(RoleName=role, PolicyName=name) for name in policies]
    assert [each for each in documents if '"sagemaker:Delete' in str(each["PolicyDocument"])] == []


def _stock(world: World, endpoint: Endpoint) -> set[str]:
    """Names of all models, configs and alarms that have to do with the endpoint, the user's among them."""
    sagemaker, cloudwatch = world.client("sagemaker"), world.client("cloudwatch")
    pages = (
        (sagemaker, "list_models", "Models", "ModelName"),
        (sagemaker, "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
        (cloudwatch, "describe_alarms", "MetricAlarms", "AlarmName"),
    )
    found = (
        each[name]
        for client, operation, result, name in pages
        for page in client.get_paginator(operation).paginate()
        for each in page[result]
    )
    return {name for name in found if endpoint.name in name}


def _config(endpoint: Endpoint, version: int) -> str:
    """Of the version's first attempt."""
    opened_rows = (row.fact for row in endpoint.rows() if row.fact.kind is Kind.ATTEMPT_OPENED)
    return str(next(fact.detail["endpoint_config"] for fact in opened_rows if fact.version == endpoint.arn(version)))


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
