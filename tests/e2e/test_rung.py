"""The rung of a shadow: a version that fails copies of requests is never seen by a caller, and one that does not goes
live after it."""

import json

from click.testing import CliRunner

from lambdas.gate.state.fact import Kind
from ops.cli import cli
from sandbox.app.deployment import operator_environment
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint, Line
from tests.e2e.lines import FIRST, accepted, approved, attempt, closed, opened
from tests.e2e.world import World

ENDED = Kind.SHADOW_ENDED.value


def shadowed(version: int) -> list[Line]:
    """The rows of a version that is approved and becomes the shadow."""
    return [approved(version), opened(version, "shadow"), accepted(version), closed(version, "shadowed")]


def ended(version: int) -> Line:
    return ENDED, None, version


def pass_rung(endpoint: Endpoint) -> None:
    """Let time pass until the shadow has ended, and what follows is over."""
    endpoint.pass_time(endpoint.is_moving, within=5400)
    endpoint.settle()


def test_a_version_that_fails_copies_is_seen_by_no_caller_and_the_next_one_goes_live(take: Take, world: World) -> None:
    endpoint = take("climbing")
    endpoint.register()
    endpoint.publish(1)
    endpoint.traffic(5)
    endpoint.register(error_rate="0.05")
    endpoint.approve(2)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), [*FIRST, *shadowed(2)])
    (seen,) = (each for each in world.control("endpoints") if each["name"] == endpoint.name)
    pass_rung(endpoint)
    story = [*FIRST, *shadowed(2), ended(2), *attempt(1, purpose="end_shadow")]
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    assert list(endpoint.served()) == [1]
    (reason,) = endpoint.summaries(Kind.SHADOW_ENDED)
    assert reason.startswith(f"the shadow of {endpoint.group}/2 is worse: {endpoint.group}/2 failed ")
    (seen,) = (each for each in world.control("endpoints") if each["name"] == endpoint.name)
    assert sum(seen["copied"][f"{endpoint.group}/2"].values()) > 100
    endpoint.register()
    endpoint.approve(3)
    endpoint.settle()
    pass_rung(endpoint)
    story += [*shadowed(3), ended(3), *attempt(3)]
    assert (endpoint.live(), endpoint.story()) == (("InService", 3), story)
    last = endpoint.facts()[-1]
    assert last.detail["outcome"] == "succeeded"
    assert set(endpoint.served()) == {1, 3}
    endpoint.register()
    endpoint.approve(4)
    endpoint.settle()
    world.advance(900)
    command_line.run(world, "promote", endpoint.name, "--reason", "the fix cannot wait")
    endpoint.settle()
    story += [*shadowed(4), (Kind.PROMOTION_ORDERED.value, None, 4), ended(4), *attempt(4)]
    assert (endpoint.live(), endpoint.story()) == (("InService", 4), story)
    asked = ["doctor", endpoint.name, "--output", "json"]
    result = CliRunner().invoke(cli, asked, env=operator_environment(world.url))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["verdict"] for each in found if " shadow" in each["expected"]] == [
        "agrees",
        "agrees",
        "not seen",
        "not seen",
    ]
