"""A rollout that goes live with more than one thing to tell: people read all of it, in the one alert and its row."""

from typing import Any

import pytest

from lambdas.gate.decide.action import Close
from lambdas.gate.decide.judgement import judge
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.state.attempt import Attempt, Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.golden_result import GoldenResult, Wrong
from lambdas.gate.state.orders import Abort
from lambdas.gate.transitions import closing
from tests.lambdas.builders import NOW, attempt, endpoint, head, live, observed

ORDER = Abort("arn:aws:sts::123456789012:assumed-role/Ops/carol", "the wrong data", NOW - 60)
PLAYED = GoldenResult(
    "ff" * 32, "gate-v2", NOW - 50, alone=True, failed=1, wrong=(Wrong("a large payment", "0.1", "0.9"),)
)
LIVE = "FraudDetectionGroup/2 is live"
WRONG = f"{LIVE} and answers wrong: golden request 'a large payment': found 0.1, wanted 0.9"
FEW = f"{LIVE}; 99 requests reached it, fewer than the 100 of the minimum: inconclusive"
ORDERED = "an operator ordered its abort: the wrong data"


def wrong(otherwise: Otherwise | None = None, **fields: Any) -> Attempt:
    return attempt(enough=MinimumRequests(100, otherwise) if otherwise else None, golden=PLAYED, **fields)


def succeeded(open_one: Attempt) -> Any:
    seen = observed(endpoint=endpoint("gate-v2", modified_at=NOW - 500), requests=99)
    decision: Any = judge(seen, head(live=live(1)), open_one, NOW)
    assert (type(decision), decision.outcome) == (Close, Outcome.SUCCEEDED)
    return decision


@pytest.mark.parametrize(
    ("open_one", "reason", "alert", "goes_back"),
    [
        pytest.param(wrong(Otherwise.ALERT), FEW, f"{WRONG}; {FEW}", False, id="wrong, and too few"),
        pytest.param(
            wrong(Otherwise.REVERT),
            f"{FEW}, so it is reverted",
            WRONG,
            True,
            id="wrong, and back for too few: told once",
        ),
        pytest.param(
            wrong(Otherwise.REVERT, purpose=Purpose.RESIZE),
            FEW,
            f"{WRONG}; {FEW}",
            False,
            id="wrong, and too few of changed settings",
        ),
        pytest.param(
            wrong(Otherwise.ACCEPT), f"{FEW}, and accepted", WRONG, False, id="too few accepted, wrong is not"
        ),
        pytest.param(
            wrong(abort=ORDER),
            f"{LIVE}; 99 requests reached it; {ORDERED}",
            f"{WRONG}; {ORDERED}",
            True,
            id="wrong, and ordered off too late",
        ),
        pytest.param(
            wrong(Otherwise.ALERT, abort=ORDER),
            f"{FEW}; {ORDERED}",
            f"{WRONG}; {FEW}; {ORDERED}",
            True,
            id="wrong, too few, and ordered off too late",
        ),
        pytest.param(
            attempt(enough=MinimumRequests(100), abort=ORDER),
            f"{FEW}; {ORDERED}",
            f"{FEW}; {ORDERED}",
            True,
            id="too few, and ordered off too late",
        ),
    ],
)
def test_all_that_is_to_be_said_of_what_went_live(open_one: Attempt, reason: str, alert: str, goes_back: bool) -> None:
    decision = succeeded(open_one)
    assert (decision.reason, decision.alert, decision.quarantine) == (reason, alert, goes_back)


def test_the_rows_of_what_was_wrong_and_inconclusive_have_the_grounds_of_both() -> None:
    open_one = wrong(Otherwise.ALERT)
    row = head(live=live(1), attempt=open_one)
    _, (closed, alert) = closing.closed(row, open_one, succeeded(open_one), endpoint("gate-v2"), NOW)
    golden = {
        "digest": "ff" * 32,
        "failed": 1,
        "wrong": [{"request": "a large payment", "found": "0.1", "wanted": "0.9"}],
    }
    told = {name: closed.detail[name] for name in ("requests", "requests_wanted", "inconclusive", "golden_requests")}
    assert told == {"requests": 99, "requests_wanted": 100, "inconclusive": True, "golden_requests": golden}
    assert (alert.kind, alert.summary) == (Kind.ALERT, f"{WRONG}; {FEW}")
    assert alert.detail == {"attempt": 3, "golden_requests": golden}
