"""An operator's abort, through the command line and the deployed functions, against SageMaker's guardrails."""

import re

from lambdas.gate.state.fact import Kind
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, accepted, approved, attempt, closed, opened
from tests.e2e.world import World

WHY = ("--reason", "trained on the wrong data")
ORDERED = (Kind.ABORT_ORDERED, None, 2)
REQUESTED = (Kind.ABORT_REQUESTED, None, 2)


def test_an_operator_stops_a_canary_and_it_stays_off_until_retried(take: Take, world: World) -> None:
    endpoint = take("ordered-off")
    endpoint.serving(versions=2)
    endpoint.traffic(2)
    endpoint.approve(2)
    world.advance(200)
    assert endpoint.served().keys() == {1, 2}
    shown = command_line.run(world, "get", "ordered-off")
    assert re.search(r"^  rollout +update to \S+/2 in flight since \S+, about \d+ min", shown, re.MULTILINE)
    assert re.search(r"^  traffic +v1 +\d+% █+▒+ \d+% v2$", shown, re.MULTILINE)
    assert re.search(r"^  requests +v1 \d+ · v2 \d+, since ", shown, re.MULTILINE)
    assert re.search(r"^  new fleet +.*model-errors (OK|no data)", shown, re.MULTILINE)
    assert "not read" not in shown
    command_line.run(world, "abort", "ordered-off", *WHY)
    endpoint.settle()
    story = [*FIRST, approved(2), opened(2), accepted(2), ORDERED, REQUESTED, closed(2, "aborted")]
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    served = endpoint.served()[2]
    world.advance(3600)
    assert (endpoint.served()[2], endpoint.updates()) == (served, 1)

    command_line.run(world, "retry", "ordered-off", "2", "--reason", "the data was right after all")
    endpoint.settle()
    retried = [*story, (Kind.RETRY_REQUESTED, None, 2), *attempt(2)]
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), retried)
