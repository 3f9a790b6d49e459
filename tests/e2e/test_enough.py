"""Enough evidence: a version that hardly any request judged goes back, and one that enough did stays."""

from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, attempt, deployed


def test_a_version_that_nobody_asked_anything_goes_back_and_one_with_traffic_stays(take: Take) -> None:
    endpoint = take("unproven")
    endpoint.serving(versions=3)
    endpoint.approve(2)
    endpoint.settle()
    story = [*FIRST, *deployed(2), *attempt(1, purpose="revert")]
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    told = endpoint.summaries(Kind.ATTEMPT_CLOSED)[1]
    assert told == (
        "unproven-models/2 is live; 0 requests reached it, fewer than the 100 of the minimum: inconclusive, "
        "so it is reverted"
    )

    endpoint.traffic(2)
    endpoint.publish(3)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 3), [*story, *deployed(3)])
    closed = endpoint.facts()[-1].detail
    assert (closed["requests_wanted"], closed["inconclusive"]) == (100, False)
    assert closed["requests"] >= 500
