"""A janitor that is not told to delete reports what nothing needs any more."""

from lambdas.gate import names
from tests.e2e.conftest import Take
from tests.e2e.inventory import config_of, inventory
from tests.e2e.lines import FIRST, deployed
from tests.e2e.world import World


def test_a_dry_run_says_what_it_would_delete_and_has_no_right_to(take: Take, world: World) -> None:
    endpoint = take("dusty")
    endpoint.serving(versions=3)
    endpoint.publish(2, 3)
    first = config_of(endpoint, 1)
    before = inventory(world, endpoint)
    world.pass_days(1.1)
    lines = [line for line in world.clean() if line.get("endpoint") == "dusty"]
    assert [(line["message"], line["kind"], line["resource"]) for line in lines] == [
        ("would delete", "alarm", names.rollout_alarm("dusty", config_of(endpoint, 3), "watch")),
        ("would delete", "endpoint config", first),
    ]
    assert lines[1]["reason"] == "made 1 day ago; nothing serves it, waits for it or goes back to it"
    assert (inventory(world, endpoint), endpoint.story()) == (before, [*FIRST, *deployed(2), *deployed(3)])
    calls = {call for run in world.calls(names.JANITOR) for call in run["calls"]}
    assert not [call for call in calls if ":Delete" in call or ":Transact" in call]
    role = names.function_role("us-east-1", names.JANITOR)
    policies = world.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
    documents = [world.client("iam").get_role_policy(RoleName=role, PolicyName=name) for name in policies]
    assert [each for each in documents if '"sagemaker:Delete' in str(each["PolicyDocument"])] == []
