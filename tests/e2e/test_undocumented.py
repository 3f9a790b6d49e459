"""Where AWS does not say what it does, a rollback ends the same on either answer."""

import itertools

from lambdas.gate.state.fact import Kind
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


def test_an_alarm_with_metric_math_ends_a_rollout_whatever_sagemaker_does_with_it(take: Take, world: World) -> None:
    """One request of five fails: above the hard stop, and below the plain alarm."""
    endpoint = take("overlooked")
    endpoint.serving()
    endpoint.traffic(2)
    for answer in ({"metric_math_refused": True}, {"metric_math_watched": False}):
        world.control("assumptions", answer)
        version = endpoint.register(error_rate="0.2")
        endpoint.approve(version)
        endpoint.settle()
        *_, closed = (row.fact for row in endpoint.rows() if row.fact.kind is Kind.ATTEMPT_CLOSED)
        assert (closed.detail["outcome"], closed.detail["quarantined"]) == ("rolled_back", True), answer
        assert closed.detail["fired"][0]["name"].endswith("/model-errors")
    asked = endpoint.summaries(Kind.ABORT_REQUESTED)
    assert len(asked) == 2
    world.control("assumptions", {})
