"""Models that do not start, people who act behind the gate's back, and a policy that lacks an action."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e import by_hand
from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, accepted, alert, approved, attempt, closed, deployed, opened
from tests.e2e.world import World


def test_a_version_whose_model_data_is_missing_is_given_up_at_once_with_an_alert(take: Take, world: World) -> None:
    endpoint = take("artifacts")
    endpoint.serving()
    endpoint.register(model="lost/model.tar.gz")
    endpoint.approve(2)
    endpoint.settle()
    world.advance(3600)
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, *deployed(2, "failed"), alert(2)]
    assert endpoint.updates() == 1


def test_a_first_version_that_fails_to_start_is_told_with_the_command_that_mends_it(take: Take, world: World) -> None:
    endpoint = take("stillborn")
    endpoint.register(model="lost/model.tar.gz")
    endpoint.approve(1)
    endpoint.settle()
    world.advance(3600)
    story = [approved(1), opened(1, "create"), accepted(1), closed(1, "failed"), alert(1)]
    assert (endpoint.status(), endpoint.story()) == ("Failed", story)
    (told,) = endpoint.summaries(Kind.ALERT)
    command = "aws sagemaker delete-endpoint --endpoint-name stillborn"
    assert command in told
    assert endpoint.creations() == 1

    world.client("sagemaker").delete_endpoint(EndpointName="stillborn")
    world.advance(60)
    endpoint.register()
    endpoint.publish(2)
    assert endpoint.story() == [*story, approved(2), *attempt(2, purpose="create")]


def test_an_update_by_hand_is_reported_once_and_not_fought(take: Take, world: World) -> None:
    endpoint = take("meddled")
    endpoint.serving(versions=2)
    by_hand.config(world, "meddled-by-hand", endpoint.arn(1))
    world.client("sagemaker").update_endpoint(EndpointName="meddled", EndpointConfigName="meddled-by-hand")
    world.advance()
    endpoint.settle()
    world.advance(1800)
    story = [*FIRST, (Kind.CHANGED_BY_HAND, None, 1)]
    assert (endpoint.story(), endpoint.updates()) == (story, 1)
    described = endpoint.describe()
    assert described
    assert described["EndpointConfigName"] == "meddled-by-hand"
    endpoint.publish(2)
    assert endpoint.story() == [*story, *deployed(2)]


def test_an_endpoint_deleted_by_hand_is_reported_once_and_made_again_for_the_next_approval(
    take: Take, world: World
) -> None:
    endpoint = take("deleted")
    endpoint.serving(versions=2)
    world.client("sagemaker").delete_endpoint(EndpointName="deleted")
    world.advance(1800)
    assert (endpoint.live(), endpoint.story()) == (None, [*FIRST, alert()])
    endpoint.publish(2)
    assert endpoint.story() == [*FIRST, alert(), approved(2), *attempt(2, purpose="create")]


def test_a_missing_permission_is_seen_in_the_dead_letters_and_made_good_by_the_schedule(
    take: Take, world: World
) -> None:
    endpoint = take("denied")
    endpoint.serving(versions=2)
    with _without(world, "sagemaker:ListModelPackages"):
        endpoint.approve(2)
        assert endpoint.story() == FIRST
        denied = [d for d in world.control("decisions") if d["action"] == "sagemaker:ListModelPackages"][-1]
        assert denied["allowed"] is False
        world.advance(6 * 360 + 600)
        assert endpoint.story() == FIRST
        state = world.client("cloudwatch").describe_alarms(AlarmNames=[names.DEAD_LETTERS])["MetricAlarms"][0]
        assert state["StateValue"] == "ALARM"
        assert any(names.DEAD_LETTERS in message["Subject"] for message in world.told())
    world.advance(400)  # Six minutes lie between two scheduled reconciles of so many endpoints.
    endpoint.settle()
    assert endpoint.story() == [*FIRST, *deployed(2)]


def test_a_denied_update_is_recorded_and_made_once_it_is_allowed(take: Take, world: World) -> None:
    endpoint = take("refused")
    endpoint.serving(versions=2)
    with _without(world, "sagemaker:UpdateEndpoint"):
        endpoint.approve(2)
        assert endpoint.story() == [*FIRST, approved(2), opened(2), closed(2, "failed")]
        assert "not authorized" in endpoint.summaries(Kind.ATTEMPT_CLOSED)[-1]
    world.advance(300)
    endpoint.settle()
    assert endpoint.story() == [*FIRST, approved(2), opened(2), closed(2, "failed"), *attempt(2)]


@contextmanager
def _without(world: World, action: str) -> Iterator[None]:
    """The deployer's policies lack the action meanwhile."""
    iam = world.client("iam")
    role = world.client("lambda").get_function_configuration(FunctionName=names.DEPLOYER)["Role"].rsplit("/", 1)[1]
    policies = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    for name, policy in policies.items():
        left = json.loads(json.dumps(policy))
        for statement in left["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [one for one in actions if one != action or statement["Effect"] == "Deny"]
        left["Statement"] = [statement for statement in left["Statement"] if statement["Action"]]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(left))
    try:
        yield
    finally:
        for name, policy in policies.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
