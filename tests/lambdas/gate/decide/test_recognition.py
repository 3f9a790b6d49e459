"""What is an approval, and what is not."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.recognition import recognise
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.approval import ApprovalTime
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.orders import Override
from lambdas.gate.state.tries import Quarantined
from tests.lambdas.builders import (
    APPROVER,
    NOW,
    PIN,
    REVIEWER,
    SPEC,
    approval,
    arn,
    attempt,
    head,
    live,
    observed,
    package,
)

DISPUTED = {"inferred": True, "approver": None, "uncertain": True}
KNOWS_2 = head(approved=(1, 2), times=(ApprovalTime(2, NOW - 500),), orders=2)
APPROVED_AGAIN = ApprovalHint(arn(2), NOW - 400)


def recognised(row: Head, seen: Observed) -> list[tuple[int, float, bool]]:
    """(version, time, inferred) of the approvals recognised, oldest first."""
    after, _ = recognise(row, seen, NOW)
    new = sorted((a for a in after.approvals if a.order > row.orders), key=lambda a: a.order)
    return [(int(a.version.rsplit("/", 1)[1]), a.at, a.inferred) for a in new]


CASES: list[tuple[str, Head, Observed, list[tuple[int, float, bool]]]] = [
    (
        "a version that was not known as Approved, and an event tells when: an approval",
        head(approved=(1,)),
        observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 7),)),
        [(2, NOW - 7, False)],
    ),
    (
        "the event was lost: an approval, inferred from the package's last change",
        head(approved=(1,)),
        observed(described=[2]),
        [(2, NOW - 1000, True)],
    ),
    (
        "an event tells of an approval later than the known one: a new approval",
        KNOWS_2,
        observed(described=[2], hints=(APPROVED_AGAIN,)),
        [(2, NOW - 400, False)],
    ),
    (
        "the same event three times: one approval",
        KNOWS_2,
        observed(described=[2], hints=(APPROVED_AGAIN,) * 3),
        [(2, NOW - 400, False)],
    ),
    (
        "an event of a later time than the last change is false, and no approval",
        KNOWS_2,
        observed(packages={arn(2): package(2, modified_at=NOW - 403)}, hints=(APPROVED_AGAIN,)),
        [],
    ),
    (
        "the clocks of event and registry may differ",
        KNOWS_2,
        observed(packages={arn(2): package(2, modified_at=NOW - 402)}, hints=(APPROVED_AGAIN,)),
        [(2, NOW - 400, False)],
    ),
    (
        "a false event hides no true one",
        KNOWS_2,
        observed(
            packages={arn(2): package(2, modified_at=NOW - 400)}, hints=(APPROVED_AGAIN, ApprovalHint(arn(2), NOW))
        ),
        [(2, NOW - 400, False)],
    ),
    (
        "an event of the approval already known: nothing",
        KNOWS_2,
        observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 500),)),
        [],
    ),
    (
        "approved again after it was revoked, and an event of its first approval comes late: dated by the last change",
        dataclasses.replace(KNOWS_2, approved=(1,)),
        observed(packages={arn(2): package(2, modified_at=NOW - 100)}, hints=(ApprovalHint(arn(2), NOW - 500),)),
        [(2, NOW - 100, True)],
    ),
    (
        "approved again after it was revoked, and an event of the revocation comes late: dated by the last change",
        dataclasses.replace(KNOWS_2, approved=(1,), times=(ApprovalTime(2, NOW - 500, seen=NOW - 450),)),
        observed(packages={arn(2): package(2, modified_at=NOW - 100)}, hints=(ApprovalHint(arn(2), NOW - 450),)),
        [(2, NOW - 100, True)],
    ),
    (
        "a later event tells of an approval that was dropped for being too early: a new approval",
        head(approved=(1, 2), times=(ApprovalTime(2, NOW - 500, seen=NOW - 400),), orders=2),
        observed(described=[2], hints=(APPROVED_AGAIN,)),
        [(2, NOW - 400, False)],
    ),
    (
        "an old event comes late: nothing",
        KNOWS_2,
        observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 900),)),
        [],
    ),
    (
        "a metadata edit moved the package's last change: nothing",
        KNOWS_2,
        observed(packages={arn(2): package(2, modified_at=NOW)}),
        [],
    ),
    (
        "an event of a version whose approval is older than the ledger remembers: nothing before the horizon",
        head(approved=(1, 2), horizon=NOW - 9000),
        observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 9500),)),
        [],
    ),
    (
        "the event says approved, Describe says Rejected: nothing",
        head(approved=(1,)),
        observed(packages={arn(2): package(2, approval_status="Rejected")}, hints=(ApprovalHint(arn(2), NOW),)),
        [],
    ),
    (
        "an endpoint was adopted, and the list of that look lacked a version that was Approved before: nothing",
        head(live=live(1), approved=(1,), horizon=NOW - 1000),
        observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 1000),)),
        [],
    ),
    (
        "it was approved after that: an approval",
        head(live=live(1), approved=(1,), horizon=NOW - 1001),
        observed(described=[2]),
        [(2, NOW - 1000, True)],
    ),
    (
        "an endpoint is to be created, and the list of the first look lacked a version: an approval",
        head(approved=(1,), horizon=NOW - 1000),
        observed(described=[2]),
        [(2, NOW - 1000, True)],
    ),
    (
        "several at once: in the order they were approved",
        head(approved=(1,)),
        observed(
            packages={arn(3): package(3, modified_at=NOW - 20), arn(5): package(5, modified_at=NOW - 10)},
            described=[4],
            hints=(ApprovalHint(arn(4), NOW - 15),),
        ),
        [(3, NOW - 20, True), (4, NOW - 15, False), (5, NOW - 10, True)],
    ),
]


@pytest.mark.parametrize(("row", "seen", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_recognises(row: Head, seen: Observed, expected: list[tuple[int, float, bool]]) -> None:
    assert recognised(row, seen) == expected


def test_what_was_approved_before_an_endpoint_was_adopted_is_known_from_then_on() -> None:
    row = head(live=live(1), approved=(1,), horizon=NOW - 1000)
    assert recognise(row, observed(described=[2]), NOW) == (dataclasses.replace(row, approved=(1, 2)), ())


LATER = approval(3, order=3, at=NOW - 300)


@pytest.mark.parametrize(
    "acted_on",
    [
        {"live": live(3, approval=LATER)},
        {"live": live(1), "good": (live(3, approval=LATER),)},
        {"attempt": attempt(approval=LATER)},
        {"quarantined": (Quarantined(LATER, SPEC.settings, "5xx"),)},
    ],
    ids=["live", "live before", "tried now", "tried and rolled back"],
)
def test_an_approval_told_late_is_overtaken_by_a_later_one_that_was_acted_on(acted_on: dict[str, Any]) -> None:
    row = dataclasses.replace(KNOWS_2, **acted_on)
    after, (fact,) = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert (after.approvals, after.orders, after.approved_at(arn(2))) == ((), 3, NOW - 400)
    assert fact.summary == "FraudDetectionGroup/2 was approved; given before FraudDetectionGroup/3, which overtook it"


@pytest.mark.parametrize(("by_hand_at", "waits"), [(NOW - 400, False), (NOW - 401, True), (None, True)])
def test_an_approval_told_late_is_overtaken_by_a_change_by_hand_that_began_later(
    by_hand_at: float | None, waits: bool
) -> None:
    theirs = Live("hotfix", NOW - 300, by_hand_at=by_hand_at)
    after, (fact,) = recognise(
        dataclasses.replace(KNOWS_2, live=theirs), observed(described=[2], hints=(APPROVED_AGAIN,)), NOW
    )
    assert [a.version for a in after.approvals] == ([arn(2)] if waits else [])
    assert fact.detail["overtaken_by"] == (None if waits else "hotfix")
    late = "" if waits else "; given before hotfix, which overtook it"
    assert fact.summary == f"FraudDetectionGroup/2 was approved{late}"


def test_what_was_retried_since_overtakes_an_approval_told_late() -> None:
    retried = dataclasses.replace(approval(3, order=3, at=NOW - 900), retried_at=NOW - 300)
    row = dataclasses.replace(KNOWS_2, live=live(3, approval=retried))
    assert recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)[0].approvals == ()


BEFORE = approval(2, order=2, at=NOW - 500, uncertain=True)
"""The version was changed since, so the last to change it need not have approved it."""


@pytest.mark.parametrize(
    ("where", "redated"),
    [
        ({"approvals": (BEFORE,)}, lambda head: head.approvals[0]),
        ({"live": live(2, approval=BEFORE)}, lambda head: head.live.approval),
        ({"attempt": attempt(approval=BEFORE)}, lambda head: head.attempt.approval),
        ({"quarantined": (Quarantined(BEFORE, SPEC.settings, "5xx"),)}, lambda head: head.quarantined[0].approval),
    ],
    ids=["waits", "live", "tried now", "tried and rolled back"],
)
def test_approved_twice_before_it_was_read_is_one_approval_of_the_later_time(where: Any, redated: Any) -> None:
    row = head(approved=(1, 2), times=(ApprovalTime(2, NOW - 500, seen=NOW - 399.5),), orders=2, **where)
    after, facts = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert redated(after) == dataclasses.replace(BEFORE, at=NOW - 400, uncertain=False)
    assert (facts, after.orders, after.approved_at(arn(2)), after.seen_at(arn(2))) == ((), 2, NOW - 400, NOW - 399.5)


def test_what_is_live_and_was_approved_again_after_what_is_rolled_out_in_its_place_is_approved_anew() -> None:
    row = head(
        approved=(1, 2, 3),
        times=(ApprovalTime(2, NOW - 500, seen=NOW - 399.5),),
        orders=3,
        live=live(2, approval=BEFORE),
        attempt=attempt(3, approval=approval(3, at=NOW - 450)),
    )
    after, (fact,) = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert [(a.version, a.at) for a in after.approvals] == [(arn(2), NOW - 400)]
    assert (after.live, fact.detail["overtaken_by"]) == (row.live, None)
    older = dataclasses.replace(row, attempt=attempt(3, approval=approval(3, at=NOW - 300)))
    assert recognise(older, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)[0].approvals == ()


@pytest.mark.parametrize("until", [NOW - 400, NOW - 401], ids=["before it burned", "after it burned"])
def test_an_approval_that_waited_when_its_version_burned_lifts_no_quarantine(until: float) -> None:
    """Its event came after what burned had begun, for an earlier approval."""
    tried = Quarantined(approval(2, order=2, at=NOW - 500), SPEC.settings, "5xx")
    again, other = approval(2, order=3, at=NOW - 400), approval(3, order=4, at=NOW - 450)
    after = head(approvals=(again, other)).with_quarantined(tried, until)
    assert after.approvals == ((again, other) if until < NOW - 400 else (other,))


def test_an_approval_of_other_content_than_what_burned_goes_on_waiting() -> None:
    tried = Quarantined(approval(2, order=2, at=NOW - 500), SPEC.settings, "5xx")
    mended = approval(2, order=3, at=NOW - 400, pin=dataclasses.replace(PIN, specification="mended"))
    assert head(approvals=(mended,)).with_quarantined(tried, NOW).approvals == (mended,)


@pytest.mark.parametrize("until", [NOW - 400, NOW - 401], ids=["before it burned", "after it burned"])
def test_an_event_that_comes_late_lifts_no_quarantine(until: float) -> None:
    tried = Quarantined(approval(2, order=2, at=NOW - 500), SPEC.settings, "5xx")
    row = head(approved=(1, 2), times=(ApprovalTime(2, NOW - 500),), orders=2).with_quarantined(tried, until)
    after, _ = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert [a.at for a in after.approvals] == ([NOW - 400] if until < NOW - 400 else [])


@pytest.mark.parametrize(
    ("fields", "seen", "uncertain"),
    [
        ({"uncertain": True}, NOW - 399.5, False),
        ({"uncertain": True}, NOW - 300, True),
        ({"uncertain": False}, NOW - 399.5, True),
        ({"approver": None, "uncertain": False}, NOW - 300, False),
    ],
    ids=[
        "the later approval was the last change: its author approved",
        "the version was changed after that too",
        "the trail named who gave the earlier one",
        "nobody is named",
    ],
)
def test_who_gave_the_later_of_two_approvals_that_are_known_as_one(
    fields: dict[str, Any], seen: float, *, uncertain: bool
) -> None:
    known = dataclasses.replace(BEFORE, **fields)
    row = head(approved=(1, 2), times=(ApprovalTime(2, NOW - 500, seen=seen),), orders=2, approvals=(known,))
    after, _ = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert after.approvals == (dataclasses.replace(known, at=NOW - 400, uncertain=uncertain),)


@pytest.mark.parametrize(("order", "at", "lasts"), [(2, NOW - 401, False), (2, NOW - 400, True), (7, NOW - 401, True)])
@pytest.mark.parametrize("where", [{"approvals": (BEFORE,)}, {"attempt": attempt(approval=BEFORE)}], ids=str)
def test_what_was_overridden_before_the_later_of_two_approvals_is_not_any_more(
    where: Any, order: int, at: float, lasts: bool
) -> None:
    times = (ApprovalTime(2, NOW - 500, seen=NOW - 399.5),)
    given = Override(order, "soak", "arn:op", "urgent", at)
    row = head(approved=(1, 2), times=times, orders=2, overrides=(given,), **where)
    after, _ = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert after.overrides == ((given,) if lasts else ())


TWICE = head(approved=(1, 2, 3), times=(ApprovalTime(2, NOW - 500, seen=NOW - 399.5),))


@pytest.mark.parametrize(("at", "waits"), [(NOW - 450, False), (NOW - 401, False), (NOW - 400, True)])
def test_what_is_tried_was_approved_later_than_was_known_and_overtakes_what_waits(at: float, waits: bool) -> None:
    other = approval(3, order=3, at=at)
    row = dataclasses.replace(TWICE, attempt=attempt(approval=BEFORE), approvals=(other,))
    after, facts = recognise(row, observed(described=[2, 3], hints=(APPROVED_AGAIN,)), NOW)
    assert after.approvals == ((other,) if waits else ())
    assert [(fact.version, fact.detail["overtaken_by"]) for fact in facts] == ([] if waits else [(arn(3), arn(2))])


@pytest.mark.parametrize(("at", "waits"), [(NOW - 401, True), (NOW - 399, False)])
def test_what_was_live_before_was_approved_later_than_was_known_and_than_what_is_live(at: float, waits: bool) -> None:
    then = live(2, approval=BEFORE)
    row = dataclasses.replace(TWICE, live=live(3, approval=approval(3, order=3, at=at)), good=(then,))
    after, _ = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert [(a.version, a.at) for a in after.approvals] == ([(arn(2), NOW - 400)] if waits else [])


def test_an_edit_after_the_approval_does_not_date_it() -> None:
    """A tool's edit after the approval moves the last modification; it does not make the approval a later one."""
    row = dataclasses.replace(KNOWS_2, live=live(3, approval=LATER))
    after, (fact,) = recognise(
        row, observed(packages={arn(2): package(2, modified_at=NOW - 100)}, hints=(APPROVED_AGAIN,)), NOW
    )
    assert after.approvals == ()
    assert (fact.detail["approved_at"], fact.detail["approver_uncertain"]) == (NOW - 400, True)
    assert fact.detail["overtaken_by"] == arn(3)


@pytest.mark.parametrize(
    ("number", "at", "waits"), [(3, NOW - 399.1, False), (1, NOW - 399.1, True), (1, NOW - 399, False)]
)
def test_of_two_approvals_within_one_second_that_of_the_higher_number_is_the_later(
    number: int, at: float, *, waits: bool
) -> None:
    row = dataclasses.replace(KNOWS_2, live=live(number, approval=approval(number, order=3, at=at)))
    after, _ = recognise(row, observed(described=[2], hints=(APPROVED_AGAIN,)), NOW)
    assert [a.version for a in after.approvals] == ([arn(2)] if waits else [])


def test_what_is_written_is_not_recognised_again() -> None:
    seen = observed(described=[2], hints=(APPROVED_AGAIN,))
    once, _ = recognise(KNOWS_2, seen, NOW)
    assert recognise(once, seen, NOW) == (once, ())


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_a_version_known_as_approved_that_no_longer_is_was_revoked(status: str) -> None:
    row = head(approved=(1, 2), approvals=(approval(2),))
    seen = observed(packages={arn(2): package(2, approval_status=status, comment="drift")})
    after, (fact,) = recognise(row, seen, NOW)
    assert (after.approved, after.approvals, after.seen_at(arn(2))) == ((1,), (), NOW - 1000)
    assert (fact.kind, fact.who, fact.summary, fact.version) == (
        Kind.APPROVAL_REVOKED,
        REVIEWER,
        f"FraudDetectionGroup/2 is no longer Approved: it is {status}: drift",
        arn(2),
    )


@pytest.mark.parametrize("where", ["approvals", "live", "good", "quarantined"])
def test_what_was_said_at_the_approval_is_not_why_it_was_revoked(where: str) -> None:
    said = approval(2, comment="f1 0.9")
    rows = {
        "approvals": head(approved=(1, 2), approvals=(said,)),
        "live": head(approved=(1, 2), live=live(2, approval=said)),
        "good": head(approved=(1, 2), live=live(1), good=(live(2, approval=said),)),
        "quarantined": head(approved=(1, 2), quarantined=(Quarantined(said, SPEC.settings, "5xx"),)),
    }
    seen = observed(packages={arn(2): package(2, approval_status="Rejected", comment="f1 0.9")})
    _, (fact,) = recognise(rows[where], seen, NOW)
    assert fact.summary == "FraudDetectionGroup/2 is no longer Approved: it is Rejected"
    assert fact.detail == {"approval_status": "Rejected", "comment": None}


def test_a_revocation_without_a_comment_has_not_the_older_one() -> None:
    seen = observed(
        packages={arn(2): package(2, approval_status="Rejected", comment="registered by the pipeline")},
        hints=(ApprovalHint(arn(2), NOW - 1000, comments=False),),
    )
    _, (fact,) = recognise(head(approved=(1, 2), approvals=(approval(2),)), seen, NOW)
    assert fact.detail == {"approval_status": "Rejected", "comment": None}


@pytest.mark.parametrize(
    ("hints", "known", "comment"),
    [
        ((ApprovalHint(arn(2), NOW - 1000),), "f1 0.9", "f1 0.9"),
        ((ApprovalHint(arn(2), NOW - 1000, comments=False),), None, None),
        ((), "f1 0.9", None),
        ((), "another", "f1 0.9"),
    ],
    ids=["given again", "the event lacks it", "no event, and an older approval's", "no event, and new"],
)
def test_a_comment_that_sagemaker_keeps_is_not_that_of_a_new_approval(
    hints: tuple[ApprovalHint, ...], known: str | None, comment: str | None
) -> None:
    """Approved with a comment, revoked, and approved without one."""
    row = head(approved=(1,), live=live(1), good=(live(2, approval=approval(2, at=NOW - 5000, comment=known)),))
    _, (fact,) = recognise(row, observed(packages={arn(2): package(2, comment="f1 0.9")}, hints=hints), NOW)
    assert (fact.kind, fact.detail["comment"]) == (Kind.APPROVAL_SEEN, comment)


def test_a_late_event_takes_an_older_comment_off() -> None:
    waiting = approval(2, at=NOW - 1000, inferred=True, comment="f1 0.9")
    seen = observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 1000, comments=False),))
    after, _ = recognise(head(approved=(1, 2), approvals=(waiting,)), seen, NOW)
    assert [each.comment for each in after.approvals] == [None]


def test_a_revoked_version_that_people_know_to_wait_says_so() -> None:
    waits = dataclasses.replace(approval(2), reported_at=NOW - 9)
    seen = observed(packages={arn(2): package(2, approval_status="Rejected")})
    _, (fact,) = recognise(head(approved=(1, 2), approvals=(waits,)), seen, NOW)
    assert fact.detail["waited"] is True


@pytest.mark.parametrize(
    ("stage", "status", "reported"),
    [
        ("production", "approved", True),
        ("Production ", "Approved", True),
        ("Staging", "Approved", False),
        ("Production", "Rejected", False),
    ],
)
def test_a_stage_in_other_letters_is_reported_once(stage: str, status: str, *, reported: bool) -> None:
    described = {"ModelLifeCycle": {"Stage": stage, "StageStatus": status}}
    seen = observed(packages={arn(2): package(2, at_stage=False, modified_at=NOW - 5, description=described)})
    row = head(approved=(1,), stage=Stage("Production", "Approved"))
    after, facts = recognise(row, seen, NOW)
    assert [(fact.kind, fact.version) for fact in facts] == ([(Kind.ALERT, arn(2))] if reported else [])
    assert after.approvals == ()
    assert recognise(after, seen, NOW) == (after, ())


def test_a_deleted_version_was_revoked() -> None:
    after, (fact,) = recognise(head(approved=(1, 2)), observed(packages={arn(2): None}), NOW)
    assert after.approved == (1,)
    assert fact.summary == "FraudDetectionGroup/2 is no longer Approved: it is deleted"


def test_rejected_and_approved_again_between_two_looks_is_a_new_approval() -> None:
    row = head(approved=(1, 2, 3), times=(ApprovalTime(2, NOW - 500), ApprovalTime(3, NOW - 400)), orders=3)
    seen = observed(described=[2], hints=(ApprovalHint(arn(2), NOW - 5),))
    assert recognised(row, seen) == [(2, NOW - 5, False)]


def test_an_approval_carries_who_when_and_why() -> None:
    seen = observed(packages={arn(2): package(2, comment="f1 0.91")}, hints=(ApprovalHint(arn(2), NOW - 1000),))
    _, (fact,) = recognise(head(approved=(1,)), seen, NOW)
    assert (fact.kind, fact.at, fact.who, fact.summary) == (
        Kind.APPROVAL_SEEN,
        NOW,
        REVIEWER,
        "FraudDetectionGroup/2 was approved: f1 0.91",
    )
    assert fact.detail == {
        "approval": 10,
        "approved_at": NOW - 1000,
        "inferred": False,
        "comment": "f1 0.91",
        "approver": dataclasses.asdict(APPROVER),
        "approver_uncertain": False,
        "overtaken_by": None,
    }


def test_a_change_after_the_approval_makes_the_approver_uncertain() -> None:
    seen = observed(packages={arn(2): package(2, modified_at=NOW - 1)}, hints=(ApprovalHint(arn(2), NOW - 1000),))
    after, (fact,) = recognise(head(approved=(1,)), seen, NOW)
    assert fact.detail["approver_uncertain"] is True
    assert after.approvals == (approval(2, order=10, uncertain=True, pin=None),)


def test_an_approval_found_without_its_event_takes_the_last_modification_for_it() -> None:
    seen = observed(packages={arn(2): package(2, modified_at=NOW - 1)})
    after, _ = recognise(head(approved=(1,)), seen, NOW)
    assert after.approvals == (approval(2, order=10, at=NOW - 1, inferred=True, pin=None),)


def test_whoever_changed_a_version_last_need_not_have_approved_it() -> None:
    """Approved by its author, and edited by another before anybody looked; the event of the approval is lost."""
    seen = observed(packages={arn(2): package(2, modified_at=NOW - 1, is_modified=True)})
    after, _ = recognise(head(approved=(1,)), seen, NOW)
    assert after.approvals == (approval(2, order=10, at=NOW - 1, inferred=True, uncertain=True, pin=None),)


def test_a_package_that_names_nobody_has_no_approver_and_no_doubtful_one() -> None:
    seen = observed(
        packages={arn(2): package(2, modified_at=NOW - 1, modifier=None)}, hints=(ApprovalHint(arn(2), NOW - 1000),)
    )
    after, _ = recognise(head(approved=(1,)), seen, NOW)
    assert after.approvals == (approval(2, order=10, approver=None, pin=None),)


@pytest.mark.parametrize(
    ("fields", "told", "after"),
    [
        ({"inferred": True, "uncertain": True}, [NOW - 1001], {"inferred": True, "uncertain": True}),
        ({"inferred": True, "uncertain": False}, [NOW - 1001], {"inferred": True, "uncertain": False}),
        ({"inferred": True}, [NOW - 1000], {}),
        ({"inferred": True, "at": NOW - 999.5}, [NOW - 1000], {"at": NOW - 999.5}),
        ({"inferred": True}, [NOW - 1001, NOW - 1000], {}),
        ({"inferred": True, "uncertain": True}, [NOW - 1000], {}),
        ({"inferred": True}, [], {"inferred": True}),
        ({}, [NOW - 1001], {}),
        (DISPUTED, [NOW - 1000], DISPUTED),
    ],
    ids=[
        "it was given before",
        "it was given before, and the trail has named the approver",
        "it was given then",
        "events have whole seconds",
        "rejected before, and given then",
        "rejected before, said an earlier event, and given then",
        "no event",
        "its time is an event's already",
        "what the trail disputes, no event settles",
    ],
)
def test_a_late_event_confirms_the_approver_and_puts_nobody_in_doubt(
    fields: dict[str, Any], told: list[float], after: dict[str, Any]
) -> None:
    """Found by listing, it was dated by the last modification, which somebody else may have made."""
    row = head(approvals=(approval(2, **fields), approval(3)), times=(ApprovalTime(2, NOW - 999.5),))
    seen = observed(described=[2], hints=tuple(ApprovalHint(arn(2), at) for at in told))
    assert recognise(row, seen, NOW) == (dataclasses.replace(row, approvals=(approval(2, **after), approval(3))), ())


def test_another_version_s_event_says_nothing_of_it() -> None:
    row = head(approvals=(approval(2, inferred=True),), times=(ApprovalTime(3, NOW),))
    assert recognise(row, observed(described=[2, 3], hints=(ApprovalHint(arn(3), NOW - 1001),)), NOW) == (row, ())
