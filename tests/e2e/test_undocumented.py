"""Where AWS does not say what it does, a rollback ends the same on either answer."""

import itertools

from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, deployed
from tests.e2e.world import World

ANSWERS = {
    "rolling_back_shows": (True, False),
    "rollback_gives_reason": (True, False),
    "rollback_moves_modified": (True, False),
    "alarms_from_launch": (False, True),
}


def test_a_rollback_is_judged_alike_whatever_aws_answers(take: Take, world: World) -> None:
    endpoint = take("undocumented")
    endpoint.serving()
    endpoint.traffic(2)
    story = [*FIRST]
    for answers in itertools.product(*ANSWERS.values()):
        world.control("assumptions", dict(zip(ANSWERS, answers, strict=True)))
        version = endpoint.register(error_rate="0.5")
        endpoint.approve(version)
        endpoint.settle()
        story += deployed(version, "rolled_back")
        assert (endpoint.live(), endpoint.story()) == (("InService", 1), story), answers
