"""What operators do with the app: change an entry, destroy a stack."""

import json
from typing import Any

from lambdas.gate import names
from sandbox.app.deployment import Deployment
from tests.e2e.command_line import run
from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, SPEC_CHANGED, approved, attempt, deployed
from tests.e2e.world import World


def test_a_stack_destroyed_in_mid_rollout_leaves_the_endpoint_serving_and_the_attempt_is_closed(
    take: Take, world: World
) -> None:
    endpoint = take("destroyed")
    endpoint.serving(versions=2)
    endpoint.approve(2)
    world.advance(200)
    world.deployment.destroy(f"ApprovalGate-{endpoint.name}")
    world.client("sqs").purge_queue(QueueUrl=world.inbox())
    world.advance(2 * 900)
    assert endpoint.story() == [*FIRST, *deployed(2)]
    assert endpoint.live() == ("InService", 2)
    assert endpoint.call()["version"] == 2
    role = names.execution_role("us-east-1", endpoint.name)
    assert world.client("iam").get_role(RoleName=role)["Role"]["Path"] == names.ROLE_PATH


def test_a_changed_instance_count_is_applied_by_itself(take: Take, world: World, edited: Deployment) -> None:
    endpoint = take("resized")
    endpoint.serving()
    assert endpoint.instances() == 2
    assert _previewed(world, edited, 4)[endpoint.name] == (
        [("variant.instance_count", 2, 3)],
        ["resized-models/1 is rolled out again with the new settings, by all-at-once, in about 20 min"],
    )
    edited.deploy_stack("ApprovalGate-resized")
    world.advance()
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.instances() == 3
    assert endpoint.story() == [*FIRST, SPEC_CHANGED, *attempt(1, purpose="resize")]
    assert _previewed(world, edited, 4)[endpoint.name] == ([], [])


def _previewed(world: World, deployment: Deployment, code: int) -> dict[str, tuple[list[tuple[Any, ...]], list[str]]]:
    """What `preview` of the deployment's file says: endpoint → its changed keys, and what follows."""
    file = (deployment.context or {})["endpoints"]
    found = json.loads(run(world, "preview", file, "--output", "json", code=code))
    assert found["shared"]["unread"] == {}
    return {
        each["endpoint"]: (
            [(change["key"], change["old"], change["new"]) for change in each["changes"]],
            [follows["text"] for follows in each["follows"]],
        )
        for each in found["endpoints"]
    }


def test_autoscaled_capacity_survives_an_update(take: Take, world: World) -> None:
    endpoint = take("autoscaled")
    endpoint.serving(versions=2)
    world.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint.name}/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=2,
        MaxCapacity=8,
    )
    world.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint.name,
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 5}],
    )
    endpoint.settle()
    assert endpoint.instances() == 5
    endpoint.publish(2)
    assert endpoint.instances() == 5
    assert endpoint.story() == [*FIRST, approved(2), *attempt(2)]
