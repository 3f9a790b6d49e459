"""The judge: a version that is worse by less than any threshold sees is stopped, or slower by less. One that fails as
often as the live one, by chance and in bursts, goes live."""

from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.lines import FIRST, accepted, approved, closed, deployed, opened

ABORTED = Kind.ABORT_REQUESTED, None, 2
"""The line of the judge's request to stop version 2."""
STOPPED = [opened(2), accepted(2), ABORTED, closed(2, "rolled_back")]


def serving(endpoint: Endpoint, live: str, new: str, live_ms: str = "20", new_ms: str = "20") -> None:
    """Version 1 is live with traffic, and version 2 is approved. `live`, `new`: the share of requests that each fails
    by chance. `live_ms`, `new_ms`: the median of their latencies."""
    endpoint.register(error_rate=live, latency_ms=live_ms, seed="live")
    endpoint.publish(1)
    endpoint.traffic(20)
    endpoint.register(error_rate=new, latency_ms=new_ms, seed="new")
    endpoint.approve(2)


def test_a_version_that_is_worse_by_little_is_stopped_tried_once_more_and_quarantined(take: Take) -> None:
    endpoint = take("judged")
    serving(endpoint, "0.005", "0.03")
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), [*FIRST, approved(2), *STOPPED])
    first = endpoint.facts()[-1]
    assert first.summary.startswith("judged-models/2 was rolled back: the judge found it worse: judged-models/2 ")
    assert first.detail["quarantined"] is False
    assert [each["name"].rpartition("/")[2] for each in first.detail["fired"]] == ["abort"]

    endpoint.pass_time(endpoint.is_moving, within=1200)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), [*FIRST, approved(2), *STOPPED, *STOPPED])
    second = endpoint.facts()[-1]
    assert (second.detail["quarantined"], second.detail["comparison"]["verdict"]) == (True, "worse")


def test_a_version_that_fails_as_often_as_the_live_one_goes_live(take: Take) -> None:
    """Both fail 3 % by chance. An error rate of 1 % in a minute would have rolled it back."""
    endpoint = take("noisy")
    serving(endpoint, "0.03", "0.03")
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), [*FIRST, *deployed(2)])
    closed_ = endpoint.facts()[-1]
    assert closed_.detail["comparison"]["verdict"] == "not worse seen"
    assert "; the judge did not find it worse: noisy-models/2 failed " in closed_.summary


def test_a_version_that_is_slower_is_stopped(take: Take) -> None:
    """One request of 20 takes the live version more than 30 ms, and one of five the new one."""
    endpoint = take("timed")
    serving(endpoint, "0", "0", "20", "24")
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), [*FIRST, approved(2), *STOPPED])
    found = endpoint.facts()[-1]
    assert found.summary.startswith(
        "timed-models/2 was rolled back: the judge found it slower: timed-models/2 answered "
    )
    verdicts = found.detail["comparison"]["verdict"], found.detail["comparison"]["latency"]["verdict"]
    assert verdicts == ("not worse seen", "worse")
