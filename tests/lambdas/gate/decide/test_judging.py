"""When the judge looks, and what its verdict makes of the attempt, as whole values."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide import judging
from lambdas.gate.decide.action import Close
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.state.attempt import Attempt, Outcome, Purpose
from lambdas.gate.state.comparison import Comparison, Findings, Judging, Verdict
from lambdas.gate.state.shared_minute import Count
from lambdas.gate.state.tries import Retry
from tests.lambdas.builders import NOW, SPEC, attempt, head, live

MINUTE = NOW // 60 * 60
RULES = Judge(JudgeMode.REVERT)
WORSE = Findings(Verdict.WORSE, Count(2290, 12), Count(2310, 41), 3, decided_at=MINUTE)
NOT_WORSE = Findings(Verdict.NOT_WORSE_SEEN, Count(2290, 12), Count(2310, 14), 3, visible=0.0142)
UNSEEN = Findings(Verdict.INCONCLUSIVE, Count(40, 0), Count(38, 1), 3)
FAILED = "FraudDetectionGroup/2 failed 41 of 2,310 requests, FraudDetectionGroup/1 12 of 2,290 in the same minutes"


def judged(found: Findings | None = None, rules: Judge = RULES, **fields: Any) -> Attempt:
    return attempt(2, judging=Judging(rules, "AllTraffic", 300, found), **fields)


@pytest.mark.parametrize("mode", [JudgeMode.REVERT, JudgeMode.OBSERVE])
def test_the_rules_are_kept_with_the_attempt(mode: JudgeMode) -> None:
    spec = dataclasses.replace(SPEC, judge=Judge(mode, margin_percent=1))
    expected = Judging(Judge(mode, margin_percent=1), "AllTraffic", SPEC.rollout.bake_seconds)
    assert judging.judging(spec, Purpose.UPDATE) == judging.judging(spec, Purpose.RESIZE) == expected
    assert [judging.judging(spec, purpose) for purpose in (Purpose.CREATE, Purpose.REVERT)] == [None, None]


@pytest.mark.parametrize(
    ("given", "at"),
    [
        (judged(accepted_at=MINUTE), MINUTE + 240),
        (judged(accepted_at=MINUTE + 59), MINUTE + 240),
        (judged(accepted_at=None), None),
        (judged(WORSE, accepted_at=MINUTE), None),
        (attempt(2, accepted_at=MINUTE), None),
    ],
    ids=["at a whole minute", "within one", "not accepted", "found worse", "not judged"],
)
def test_the_first_look_is_once_a_minute_of_the_rollout_is_published(given: Attempt, at: float | None) -> None:
    assert judging.first_look(given) == at


@pytest.mark.parametrize("after", [0, 1, 59.5])
def test_looks_fall_on_whole_minutes(after: float) -> None:
    assert judging.next_look(MINUTE + after) == MINUTE + 60


def test_the_shared_minutes_are_known_once_they_are_published() -> None:
    begun = judged(accepted_at=NOW - 1000)
    assert judging.settled_at(begun, NOW) == NOW - 300 + 120 + 180
    assert judging.settled_at(begun, NOW - 1000) is None
    assert judging.settled_at(attempt(2, accepted_at=NOW - 1000), NOW) is None


@pytest.mark.parametrize(
    ("found", "mode", "is_condemned"),
    [
        (WORSE, JudgeMode.REVERT, True),
        (WORSE, JudgeMode.OBSERVE, False),
        (NOT_WORSE, JudgeMode.REVERT, False),
        (None, JudgeMode.REVERT, False),
    ],
)
def test_a_version_is_condemned_if_the_judge_may_revert(
    found: Findings | None, mode: JudgeMode, is_condemned: bool
) -> None:
    assert (judged(found, Judge(mode)).condemned is not None) is is_condemned


def test_the_first_time_the_approval_is_tried_once_more() -> None:
    open_one = judged(WORSE)
    assert judging.stopped(head(live=live(1)), open_one, WORSE, NOW) == Close(
        f"FraudDetectionGroup/2 was rolled back: the judge found it worse: {FAILED}; it is tried once more, on a new "
        "fleet, at 2027-01-15T08:15:00Z",
        NOW + 900,
        outcome=Outcome.ROLLED_BACK,
        retry=Retry(2, SPEC.settings, tries=0, unseen=0, not_before=NOW + 900, found_worse=True),
    )


def test_the_second_time_it_is_quarantined() -> None:
    before = Retry(2, SPEC.settings, tries=1, unseen=0, not_before=NOW - 900, found_worse=True)
    assert judging.stopped(head(live=live(1), retries=(before,)), judged(WORSE), WORSE, NOW) == Close(
        f"FraudDetectionGroup/2 was rolled back: the judge found it worse: {FAILED}; a second fleet was worse too",
        NOW,
        outcome=Outcome.ROLLED_BACK,
        quarantine=True,
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (WORSE, f"the judge found it worse: {FAILED}"),
        (
            NOT_WORSE,
            "the judge did not find it worse: FraudDetectionGroup/2 failed 14 of 2,310 requests, FraudDetectionGroup/1 "
            "12 of 2,290 in the same minutes; these requests would have shown a regression of 1.4 percentage points "
            "with 90%",
        ),
        (
            UNSEEN,
            "the judge saw no difference, and these requests would have shown no regression with 90%: "
            "FraudDetectionGroup/2 failed 1 of 38 requests, FraudDetectionGroup/1 0 of 40 in the same minutes: "
            "inconclusive",
        ),
        (
            Findings(Verdict.INCONCLUSIVE, Count(0, 0), Count(0, 0), 0),
            "the judge has no minutes in which both versions served: inconclusive",
        ),
    ],
)
def test_a_verdict_says_what_both_versions_failed(found: Findings, text: str) -> None:
    assert judging.verdict_text(head(live=live(1)), judged(found), found) == text


BY_LATENCY = Judge(JudgeMode.REVERT, latency=Latency(JudgeMode.REVERT, 1200))
SLOWER = Comparison(Verdict.WORSE, Count(2290, 46), Count(2310, 185), 3, decided_at=MINUTE)
SLOW = (
    "FraudDetectionGroup/2 answered 8% of its requests later than 1,200 ms, FraudDetectionGroup/1 2%, in the same "
    "minutes"
)


@pytest.mark.parametrize(
    ("failed", "slow", "text", "why"),
    [
        (WORSE, SLOWER, f"{FAILED}; it found it slower: {SLOW}", f"the judge found it worse: {FAILED}"),
        (
            NOT_WORSE,
            SLOWER,
            f"1.4 percentage points with 90%; it found it slower: {SLOW}",
            f"the judge found it slower: {SLOW}",
        ),
        (
            NOT_WORSE,
            Comparison(Verdict.NOT_WORSE_SEEN, Count(2290, 46), Count(2310, 0), 3),
            "90%; it did not find it slower",
            None,
        ),
        (
            NOT_WORSE,
            Comparison(Verdict.INCONCLUSIVE, Count(0, 0), Count(0, 0), 0),
            "90%; it has no minutes to compare the latency",
            None,
        ),
    ],
)
def test_a_verdict_says_how_many_requests_were_slow(
    failed: Findings, slow: Comparison, text: str, why: str | None
) -> None:
    found = dataclasses.replace(failed, latency=slow)
    open_one = judged(found, BY_LATENCY)
    assert judging.verdict_text(head(live=live(1)), open_one, found).endswith(text)
    assert (judging.worse_text(head(live=live(1)), open_one, found) if open_one.condemned else None) == why
