"""Versions that answer 200 with wrong numbers, on endpoints that nobody else calls."""

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import group
from tests.e2e.lines import FIRST, alert, approved, attempt, deployed
from tests.e2e.world import World

EVERYDAY = "golden request 'an everyday payment': found 0.5337, wanted 0.0337 at score within 0.01"


def _baseline(endpoint: Endpoint, world: World) -> None:
    """The first version is live, and has been checked."""
    endpoint.serving()
    world.advance(60)


def test_a_quiet_canary_that_answers_wrong_is_rolled_back_and_the_ledger_says_what_it_answered(
    take: Take, world: World
) -> None:
    endpoint = take("answering")
    _baseline(endpoint, world)
    endpoint.register(wrong_rate="1")
    endpoint.approve(2)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), [*FIRST, *deployed(2, "rolled_back")])
    outcome = endpoint.facts()[-1]
    assert outcome.summary.startswith(f"{group('answering')}/2 was rolled back: approval-gate/answering/")
    assert "/golden fired: Threshold Crossed" in outcome.summary
    assert "; golden request 'many small payments within a minute': found 0.3328, wanted 0.8328" in outcome.summary
    assert outcome.detail["golden_requests"]["wrong"] == [
        {
            "request": "many small payments within a minute",
            "found": "0.3328",
            "wanted": "0.8328 at score within 0.02 of it",
        }
    ]
    (opened,) = [row.fact for row in endpoint.rows() if row.fact.kind is Kind.ATTEMPT_OPENED and row.fact.version][1:]
    assert opened.detail["golden_requests"]["digest"] == outcome.detail["golden_requests"]["digest"]
    assert endpoint.served()[2] == {"200": endpoint.served()[2]["200"]}
    world.advance(1800)
    assert endpoint.updates() == 1

    endpoint.register()
    endpoint.approve(3)
    endpoint.settle()
    world.advance(600)
    assert endpoint.live() == ("InService", 3)
    assert endpoint.story() == [*FIRST, *deployed(2, "rolled_back"), *deployed(3)]
    assert "inconclusive" not in endpoint.facts()[-1].detail


def test_without_the_prober_the_same_version_goes_live_and_people_are_told_that_nobody_heard_of_it(
    take: Take, world: World
) -> None:
    endpoint = take("unprobed")
    _baseline(endpoint, world)
    world.client("events").disable_rule(Name=names.prober_rule("unprobed"))
    endpoint.register(wrong_rate="1")
    endpoint.approve(2)
    endpoint.settle()
    world.advance(600)
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), [*FIRST, *deployed(2), alert(2)])
    (told,) = endpoint.summaries(Kind.ALERT)
    assert told.endswith("the prober reported no answer of the new fleet to golden requests: inconclusive")
    assert endpoint.subjects()[-1] == f"unprobed: alert {group('unprobed')}/2"


def test_a_first_version_that_answers_wrong_is_told_to_people_and_bars_no_cure(take: Take, world: World) -> None:
    endpoint = take("babbling")
    endpoint.register(wrong_rate="1")
    endpoint.approve(1)
    endpoint.settle()
    world.advance(600)
    story = [approved(1), *attempt(1, purpose="create"), alert(1)]
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    assert endpoint.summaries(Kind.ALERT) == [
        f"{group('babbling')}/1 is live and answers wrong: {EVERYDAY}; 3 wrong answers in all"
    ]
    assert endpoint.subjects()[-1] == f"babbling: alert {group('babbling')}/1"

    endpoint.register()
    endpoint.approve(2)
    endpoint.settle()
    world.advance(600)
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), [*story, *deployed(2)])

    endpoint.register(wrong_rate="1")
    endpoint.approve(3)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()[-1]) == (("InService", 2), deployed(3, "rolled_back")[-1])


def test_all_at_once_it_is_rolled_back_whatever_the_version_before_answers(take: Take, world: World) -> None:
    endpoint = take("mute")
    endpoint.register(wrong_rate="1")
    endpoint.register(wrong_rate="0.5")
    endpoint.publish(1)
    world.advance(60)
    endpoint.approve(2)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()[-1]) == (("InService", 1), deployed(2, "rolled_back")[-1])
