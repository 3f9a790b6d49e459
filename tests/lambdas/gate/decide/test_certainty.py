"""Whether a version that is first seen already approved is what was approved."""

from typing import Any

import pytest

from lambdas.gate.decide.certainty import (
    HISTORY_SECONDS,
    LATE_SECONDS,
    RETRY_SECONDS,
    SETTLE_SECONDS,
    certainty,
    since,
)
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.certainty import Certain, Changed, Later, Unknown
from lambdas.gate.state.history import History, RecordedCall
from lambdas.gate.state.identity import Identity
from tests.lambdas.builders import NOW, arn, package

PRODUCTION = Stage("Production", "Approved")
AT = NOW - 1000
"""When the version was last changed."""
BY = Identity("arn:aws:iam::123456789012:user/bob")


def call(at: float = AT, status: str | None = "Approved", **fields: Any) -> RecordedCall:
    defaults: dict[str, Any] = {"event": "1", "version": arn(2), "identity": BY, "status": status}
    return RecordedCall(at=at, **defaults | fields)


def edit(at: float = AT, **fields: Any) -> RecordedCall:
    """A call that sets only metadata."""
    return call(at, None, **fields)


def history(*calls: RecordedCall, **fields: float) -> History:
    defaults: dict[str, float] = {"asked": NOW - 100_000, "since": NOW - 100_000, "read_at": NOW}
    return History(calls=tuple(sorted(calls, key=lambda each: each.at)), **defaults | fields)


CERTAIN = Certain(call())
LACKS_CHANGE = "CloudTrail's event history lacks its last change, at 2027-01-15 07:43:20 UTC"
LACKS_APPROVAL = "CloudTrail's event history lacks its approval"
AGAIN = NOW + RETRY_SECONDS

CASES: list[tuple[str, tuple[RecordedCall, ...], Certain | Changed | Later | Unknown]] = [
    ("the approval is the last change", (call(),), CERTAIN),
    ("an earlier change is part of what was approved", (edit(AT - 50, changes=True), call()), CERTAIN),
    ("metadata that was written later changes nothing", (call(AT - 50), edit()), Certain(call(AT - 50))),
    ("a change after the approval", (call(AT - 50), edit(changes=True)), Changed(edit(changes=True))),
    (
        "a change between the approval and a harmless edit",
        (call(AT - 50), edit(AT - 9, changes=True), edit()),
        Changed(edit(AT - 9, changes=True)),
    ),
    ("the approving call changed it too", (call(changes=True),), Changed(call(changes=True))),
    ("a change in the second of the approval", (call(), edit(changes=True)), Changed(edit(changes=True))),
    ("the last approval counts", (call(AT - 90), edit(AT - 50, changes=True), call()), CERTAIN),
    ("approved, rejected and approved again", (call(AT - 90), call(AT - 50, "Rejected"), call()), CERTAIN),
    ("the call that approved it again is missing", (call(AT - 90), call(AT, "Rejected")), Later(AGAIN, LACKS_APPROVAL)),
    ("rejected in the second of the approval: which came last?", (call(), call(AT, "Rejected")), CERTAIN),
    ("the last change is missing", (call(AT - 50),), Later(AGAIN, LACKS_CHANGE)),
    ("a call of the second before is not the last change", (call(AT - 1),), Later(AGAIN, LACKS_CHANGE)),
    ("the approval is missing", (edit(),), Later(AGAIN, LACKS_APPROVAL)),
    ("nothing is there", (), Later(AGAIN, LACKS_CHANGE)),
    ("the calls of another version say nothing", (call(version=arn(3)),), Later(AGAIN, LACKS_CHANGE)),
    ("nor do they count as changes", (call(), edit(changes=True, version=arn(3))), CERTAIN),
    (
        "a later call that may be about any version counts as a change",
        (call(), edit(AT + 500, changes=True, version=None)),
        Changed(edit(AT + 500, changes=True, version=None)),
    ),
    ("an earlier one does not", (edit(AT - 9, changes=True, version=None), call()), CERTAIN),
    (
        "SageMaker writes names in lower case into some ARNs",
        (call(version=arn(2).lower()),),
        Certain(call(version=arn(2).lower())),
    ),
    (
        "the calls of a version with the same ARN, which was deleted",
        (call(NOW - 90_001), edit()),
        Later(AGAIN, LACKS_APPROVAL),
    ),
]


@pytest.mark.parametrize(("calls", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("order", [1, -1], ids=["", "shown in another order"])
def test_the_history_tells(calls: tuple[RecordedCall, ...], expected: object, order: int) -> None:
    seen = package(2, modified_at=AT + 0.4, is_modified=True)
    assert certainty(seen, history(*calls[::order]), None, NOW) == expected


def test_a_version_that_was_never_changed_needs_no_history() -> None:
    assert certainty(package(2, modified_at=NOW - 90_000), None, None, NOW) == Certain()


def test_the_history_is_believed_a_while_after_the_last_change() -> None:
    seen, told = package(2, modified_at=AT, is_modified=True), history(call(), read_at=AT + SETTLE_SECONDS)
    until = AT + SETTLE_SECONDS
    assert certainty(seen, told, None, until - 1) == Later(until, "CloudTrail shows late what was changed")
    assert certainty(seen, told, None, until) == CERTAIN


def test_a_history_that_was_read_earlier_is_not_believed() -> None:
    told = history(call(), read_at=AT + SETTLE_SECONDS - 1)
    assert certainty(package(2, modified_at=AT, is_modified=True), told, None, NOW) == Later(
        AGAIN, "CloudTrail's event history was not read"
    )


@pytest.mark.parametrize(
    ("told", "trouble", "why"),
    [
        (history(), None, LACKS_CHANGE),
        (
            history(edit(), since=AT - 9),
            None,
            "CloudTrail's event history, which was read back to 2027-01-15 07:43:11 UTC, lacks its approval",
        ),
        (None, "CloudTrail may not be read", "CloudTrail may not be read"),
    ],
)
def test_after_an_hour_a_person_is_asked(told: History | None, trouble: str | None, why: str) -> None:
    seen, late = package(2, modified_at=AT, is_modified=True), AT + LATE_SECONDS
    assert certainty(seen, told, None, late - 1, trouble) == Later(late - 1 + RETRY_SECONDS, why)
    assert certainty(seen, told, None, late, trouble) == Unknown(why)


def test_what_came_before_the_history_is_not_known() -> None:
    old = package(2, modified_at=NOW - HISTORY_SECONDS - 1, is_modified=True, created_at=0)
    assert isinstance(certainty(old, history(call(NOW - HISTORY_SECONDS - 1)), None, NOW), Unknown)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ((edit(stage=PRODUCTION),), Certain(edit(stage=PRODUCTION))),
        ((call(AT - 90), edit(stage=PRODUCTION)), Certain(edit(stage=PRODUCTION))),
        ((call(AT - 90), edit(AT - 50, changes=True), edit(stage=PRODUCTION)), Certain(edit(stage=PRODUCTION))),
        (
            (edit(AT - 50, stage=PRODUCTION), edit(stage=Stage("Production", "Retired"))),
            Later(AGAIN, LACKS_APPROVAL),
        ),
    ],
)
def test_with_a_stage_the_approving_call_is_the_one_that_reached_it(
    calls: tuple[RecordedCall, ...], expected: object
) -> None:
    seen = package(2, modified_at=AT, is_modified=True)
    assert certainty(seen, history(*calls), PRODUCTION, NOW) == expected


def test_without_a_stage_no_stage_approves() -> None:
    seen, told = package(2, modified_at=AT, is_modified=True), history(edit(stage=PRODUCTION))
    assert certainty(seen, told, None, NOW) == Later(AGAIN, LACKS_APPROVAL)


def test_the_history_is_read_from_the_registration_on_and_no_further_than_it_goes_back() -> None:
    assert since(package(2, created_at=NOW - 9.5), NOW) == NOW - 10
    assert since(package(2, created_at=0), NOW) == NOW - HISTORY_SECONDS
