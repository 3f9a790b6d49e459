"""Autoscaling by the spec: registered, kept, changed, and taken off only while the instance type changes."""

from typing import Any

from sandbox.app.deployment import Deployment
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint, Line
from tests.e2e.lines import FIRST, SPEC_CHANGED, attempt
from tests.e2e.world import World

CHANGED: Line = ("autoscaling_changed", None, None)


def test_it_lives_through_a_change_of_the_instance_type_with_the_count_that_it_set(
    take: Take, world: World, edited: Deployment
) -> None:
    endpoint = take("elastic")
    endpoint.serving()
    endpoint.pass_time(lambda: endpoint.story()[-1] == CHANGED, 600)
    assert _registered(world, endpoint) == ((2, 8), ["approval-gate-invocations"], ["approval-gate-morning"])
    world.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint.name,
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 5}],
    )
    endpoint.settle()

    edited.deploy_stack("ApprovalGate-elastic")
    world.advance()
    endpoint.settle()
    story = [*FIRST, CHANGED, SPEC_CHANGED, CHANGED, *attempt(1, purpose="resize"), CHANGED]
    endpoint.pass_time(lambda: endpoint.story() == story, 600)
    assert _registered(world, endpoint) == ((2, 16), ["approval-gate-invocations"], [])
    assert endpoint.instances() == 5
    assert endpoint.live() == ("InService", 1)


def _registered(world: World, endpoint: Endpoint) -> tuple[tuple[int, int] | None, list[str], list[str]]:
    """The bounds, the policies and the scheduled actions of the endpoint's variant."""
    client, resource = world.client("application-autoscaling"), f"endpoint/{endpoint.name}/variant/AllTraffic"
    asked: dict[str, Any] = {"ServiceNamespace": "sagemaker"}
    targets = client.describe_scalable_targets(**asked, ResourceIds=[resource])["ScalableTargets"]
    policies = client.describe_scaling_policies(**asked, ResourceId=resource)["ScalingPolicies"]
    actions = client.describe_scheduled_actions(**asked, ResourceId=resource)["ScheduledActions"]
    return (
        (targets[0]["MinCapacity"], targets[0]["MaxCapacity"]) if targets else None,
        [policy["PolicyName"] for policy in policies],
        [action["ScheduledActionName"] for action in actions],
    )
