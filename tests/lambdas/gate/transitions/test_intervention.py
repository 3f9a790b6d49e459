import dataclasses
from collections.abc import Callable

import pytest

from lambdas.gate import names
from lambdas.gate.decide.action import Update
from lambdas.gate.decide.decision import decide
from lambdas.gate.decide.revert import targets
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import Abort, Override
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions.intervention import (
    Impossible,
    abort,
    abort_all,
    abort_for_all,
    override,
    pause,
    resume,
    retry,
    rollback,
)
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, head, live, observed

GROUP_NAME = "FraudDetectionGroup"
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
SECOND = Approval(2, f"{GROUP}2", 800.0, "alice")
THIRD = Approval(3, f"{GROUP}3", 900.0, "alice", "ship it")
HEAD = Head(
    "fraud-detection",
    SpecSeen(1, 1.0),
    horizon=1.0,
    orders=4,
    approved=(2, 3),
    quarantined=(Quarantined(SECOND, "s", "slow"), Quarantined(THIRD, "s", "5xx fired")),
)


def test_a_pause_is_in_the_head_and_in_the_ledger() -> None:
    assert pause(HEAD, "release freeze", "arn:ops", 1000.0) == (
        dataclasses.replace(HEAD, paused="release freeze"),
        Fact(Kind.HELD, 1000.0, "paused: release freeze", "arn:ops", detail={"reason": "release freeze"}),
    )


def test_what_is_paused_is_not_paused_again() -> None:
    with pytest.raises(Impossible, match=r"^fraud-detection is already paused: freeze$"):
        pause(dataclasses.replace(HEAD, paused="freeze"), "again", "arn:ops", 1000.0)


def test_a_pause_for_a_time_says_until_when() -> None:
    paused = dataclasses.replace(HEAD, paused="freeze", paused_until=1600.0)
    detail = {"reason": "freeze", "until_at": 1600.0}
    fact = Fact(Kind.HELD, 1000.0, "paused: freeze (until 1970-01-01T00:26:40Z)", "arn:ops", detail=detail)
    assert pause(HEAD, "freeze", "arn:ops", 1000.0, 600) == (paused, fact)


def test_a_pause_that_is_over_is_none() -> None:
    over = dataclasses.replace(HEAD, paused="freeze", paused_until=1000.0)
    assert (over.is_paused(999.9), over.is_paused(1000.0)) == (True, False)
    assert over.without_past_pause(1000.0) == HEAD
    assert pause(over, "again", "arn:ops", 1000.0)[0] == dataclasses.replace(HEAD, paused="again")
    with pytest.raises(Impossible, match=r"^fraud-detection is not paused\.$"):
        resume(over, "arn:ops", 1000.0)


def test_a_resume_ends_a_pause_for_a_time() -> None:
    paused = dataclasses.replace(HEAD, paused="freeze", paused_until=2000.0)
    assert resume(paused, "arn:ops", 1000.0)[0] == HEAD


def test_an_abort_pauses_until_resume_although_there_is_a_pause_for_a_time() -> None:
    paused = dataclasses.replace(HEAD, endpoint=names.ALL, paused="freeze", paused_until=2000.0)
    after, _ = abort_all(paused, "incident", "arn:ops", 1000.0)
    assert (after.paused, after.paused_until) == ("incident", None)
    reverting = head(attempt=attempt(purpose=Purpose.REVERT), paused="freeze", paused_until=NOW + 60)
    after, _ = abort(reverting, "wrong", "arn:ops", NOW)
    assert (after.paused, after.paused_until) == (f"an operator aborted the revert to {GROUP_NAME}/2: wrong", None)


def test_a_resume_ends_the_pause_and_the_notice_of_it() -> None:
    paused = dataclasses.replace(HEAD, paused="freeze", notice="paused: freeze")
    assert resume(paused, "arn:ops", 1000.0) == (
        HEAD,
        Fact(Kind.RESUMED, 1000.0, "resumed after a pause: freeze", "arn:ops", detail={"reason": "freeze"}),
    )


def test_a_resume_leaves_a_notice_of_something_else() -> None:
    paused = dataclasses.replace(HEAD, paused="freeze", notice="the endpoint is OutOfService")
    assert resume(paused, "arn:ops", 1000.0)[0] == dataclasses.replace(HEAD, notice="the endpoint is OutOfService")


def test_what_is_not_paused_is_not_resumed() -> None:
    with pytest.raises(Impossible, match=r"^fraud-detection is not paused\.$"):
        resume(HEAD, "arn:ops", 1000.0)


@pytest.mark.parametrize("version", ["3", "FraudDetectionGroup/3", f"{GROUP}3"])
def test_a_retried_version_leaves_quarantine_and_is_the_newest_approval(version: str) -> None:
    again = dataclasses.replace(THIRD, order=5, retried_at=1000.0)
    assert retry(HEAD, version, "the bucket is back", "arn:ops", 1000.0) == (
        dataclasses.replace(HEAD.with_approval(again), quarantined=(Quarantined(SECOND, "s", "slow"),)),
        Fact(
            Kind.RETRY_REQUESTED,
            1000.0,
            "FraudDetectionGroup/3 will be rolled out again: the bucket is back",
            "arn:ops",
            THIRD.version,
            {"reason": "the bucket is back", "approval": 5, "quarantined_for": "5xx fired"},
        ),
    )


def test_of_a_version_quarantined_twice_the_newest_approval_is_retried_and_nothing_stays_behind() -> None:
    later = dataclasses.replace(THIRD, order=4, by="bob")
    head = dataclasses.replace(HEAD, quarantined=(Quarantined(later, "s", "5xx"), Quarantined(THIRD, "s", "5xx")))
    after, _ = retry(head, "3", "why not", "arn:ops", 1000.0)
    assert after.approvals == (dataclasses.replace(later, order=5, retried_at=1000.0),)
    assert after.quarantined == ()


def test_a_retry_is_a_later_will_than_an_approval_given_before_it() -> None:
    waiting = Approval(4, f"{GROUP}4", 950.0, "bob")
    after, _ = retry(dataclasses.replace(HEAD, approvals=(waiting,)), "3", "why not", "arn:ops", 1000.0)
    assert [a.order for a in sorted(after.approvals, key=lambda a: a.rank)] == [4, 5]


@pytest.mark.parametrize(
    ("head", "version", "why"),
    [
        (
            HEAD,
            "7",
            "7 is not in quarantine on fraud-detection. Quarantined versions: FraudDetectionGroup/2, "
            "FraudDetectionGroup/3.",
        ),
        (
            dataclasses.replace(HEAD, quarantined=()),
            "3",
            "3 is not in quarantine on fraud-detection. No version is in quarantine.",
        ),
        (
            dataclasses.replace(HEAD, approved=(2,)),
            "3",
            "FraudDetectionGroup/3 is no longer Approved. Approve it again: that rolls it out, too.",
        ),
    ],
    ids=["not in quarantine", "nothing in quarantine", "no longer Approved"],
)
def test_what_cannot_be_retried_is_refused_with_the_reason(head: Head, version: str, why: str) -> None:
    with pytest.raises(Impossible) as refused:
        retry(head, version, "please", "arn:ops", 1000.0)
    assert str(refused.value) == why


WAITING = dataclasses.replace(HEAD, approvals=(SECOND, THIRD), quarantined=())
KNOWN = ("artifacts", "freeze", "require.f1")


@pytest.mark.parametrize("version", ["3", "FraudDetectionGroup/3", f"{GROUP}3"])
def test_an_override_lets_the_approval_that_waits_pass_one_check(version: str) -> None:
    assert override(WAITING, version, "freeze", KNOWN, "hotfix", "arn:ops", 1000.0) == (
        dataclasses.replace(WAITING, overrides=(Override(3, "freeze", "arn:ops", "hotfix", 1000.0),)),
        Fact(
            Kind.OVERRIDDEN,
            1000.0,
            "freeze is overridden for FraudDetectionGroup/3: hotfix",
            "arn:ops",
            THIRD.version,
            {"approval": 3, "check": "freeze", "reason": "hotfix"},
        ),
    )


def test_of_a_version_approved_twice_the_newest_approval_may_pass() -> None:
    again = dataclasses.replace(THIRD, order=9, at=950.0)
    after, _ = override(
        dataclasses.replace(WAITING, approvals=(again, THIRD)), "3", "freeze", KNOWN, "hotfix", "arn:ops", 1000.0
    )
    assert [given.order for given in after.overrides] == [9]


def test_overrides_of_approvals_that_wait_or_are_tried_stay_and_others_go() -> None:
    waiting, tried, gone = (Override(order, "freeze", "arn:ops", "x", 900.0) for order in (2, 7, 8))
    flying = attempt(approval=dataclasses.replace(THIRD, order=7))
    head = dataclasses.replace(WAITING, attempt=flying, overrides=(waiting, tried, gone))
    after, _ = override(head, "3", "freeze", KNOWN, "hotfix", "arn:ops", 1000.0)
    assert after.overrides == (waiting, tried, Override(3, "freeze", "arn:ops", "hotfix", 1000.0))


@pytest.mark.parametrize(
    ("head", "version", "check", "why"),
    [
        (
            WAITING,
            "3",
            "pin",
            "pin cannot be overridden: a version must run as it was approved. If it was changed, register a new "
            "version.",
        ),
        (WAITING, "3", "approved", "approved cannot be overridden: only a reviewer approves."),
        (
            WAITING,
            "3",
            "four-eyes",
            "fraud-detection has no check 'four-eyes' to override. Known checks: artifacts, freeze, require.f1.",
        ),
        (
            WAITING,
            "7",
            "freeze",
            "No approval of 7 is waiting on fraud-detection. Waiting versions: FraudDetectionGroup/2, "
            "FraudDetectionGroup/3.",
        ),
        (
            dataclasses.replace(WAITING, approvals=()),
            "3",
            "freeze",
            "No approval of 3 is waiting on fraud-detection. Nothing is waiting.",
        ),
        (
            dataclasses.replace(WAITING, overrides=(Override(3, "freeze", "arn:ops", "x", 900.0),)),
            "3",
            "freeze",
            "freeze is already overridden for FraudDetectionGroup/3 by arn:ops.",
        ),
    ],
    ids=["the pin", "the approval itself", "no such check", "another waits", "nothing waits", "twice"],
)
def test_what_cannot_be_overridden_is_refused_with_the_reason(head: Head, version: str, check: str, why: str) -> None:
    with pytest.raises(Impossible) as refused:
        override(head, version, check, KNOWN, "please", "arn:ops", 1000.0)
    assert str(refused.value) == why


@pytest.mark.parametrize("blank", ["", " \n", "\u200b\u00a0"])
@pytest.mark.parametrize(
    "change",
    [
        lambda reason: pause(HEAD, reason, "arn:ops", 1000.0),
        lambda reason: abort(dataclasses.replace(HEAD, attempt=attempt()), reason, "arn:ops", 1000.0),
        lambda reason: retry(HEAD, "3", reason, "arn:ops", 1000.0),
        lambda reason: override(WAITING, "3", "freeze", KNOWN, reason, "arn:ops", 1000.0),
    ],
    ids=["pause", "abort", "retry", "override"],
)
def test_nothing_is_done_for_a_blank_reason(change: Callable[[str], object], blank: str) -> None:
    with pytest.raises(Impossible) as refused:
        change(blank)
    assert str(refused.value) == f"The reason is blank: {blank!a}. Give a reason with a visible character."


@pytest.mark.parametrize(
    ("paused", "change", "why"),
    [
        ("freeze", lambda head: pause(head, "again", "arn:ops", 1000.0), "All endpoints are already paused: freeze"),
        (None, lambda head: resume(head, "arn:ops", 1000.0), "There is no pause of all endpoints."),
    ],
)
def test_the_text_names_all_endpoints(
    paused: str | None, change: Callable[[Head], tuple[Head, Fact]], why: str
) -> None:
    with pytest.raises(Impossible) as refused:
        change(Head(names.ALL, SpecSeen(0, 0.0), 0.0, paused=paused))
    assert str(refused.value) == why


DETAIL = {"attempt": 3, "endpoint_config": "gate-v2", "reason": "wrong data"}


def test_an_abort_is_recorded_as_an_order() -> None:
    before = head(attempt=attempt())
    after = head(attempt=attempt(abort=Abort("arn:ops", "wrong data", NOW)))
    told = "abort of FraudDetectionGroup/2 ordered: wrong data"
    assert abort(before, "wrong data", "arn:ops", NOW) == (
        after,
        Fact(Kind.ABORT_ORDERED, NOW, told, "arn:ops", arn(2), DETAIL),
    )


def test_the_abort_of_a_revert_also_pauses_or_the_revert_would_start_again() -> None:
    after, fact = abort(head(attempt=attempt(purpose=Purpose.REVERT)), "wrong data", "arn:ops", NOW)
    assert after.paused == "an operator aborted the revert to FraudDetectionGroup/2: wrong data"
    assert fact.summary.endswith("; the rollout is a revert, so the endpoint is paused until `resume`")
    held = head(attempt=attempt(purpose=Purpose.REVERT), paused="freeze")
    assert abort(held, "wrong data", "arn:ops", NOW)[0].paused == "freeze"


def test_the_abort_of_a_first_creation_says_that_it_continues() -> None:
    _, fact = abort(head(attempt=attempt(purpose=Purpose.CREATE)), "wrong data", "arn:ops", NOW)
    assert fact.summary.endswith("; the first creation of an endpoint cannot be aborted, so it continues")


def test_the_abort_of_a_serverless_update_says_that_it_continues() -> None:
    fleet = dataclasses.replace(attempt().fleet, serverless=Serverless(2048, 20))
    _, fact = abort(head(attempt=attempt(fleet=fleet)), "wrong data", "arn:ops", NOW)
    assert fact.summary.endswith("; an update of a serverless endpoint cannot be aborted, so it continues")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (head(), r"^No rollout is in flight on fraud-detection\. To keep the next one from starting, use `pause`\.$"),
        (
            head(attempt=attempt(abort=Abort("arn:ops", "wrong data", NOW))),
            r"^arn:ops has already ordered the abort of FraudDetectionGroup/2: wrong data$",
        ),
    ],
    ids=["nothing in flight", "ordered already"],
)
def test_what_cannot_be_aborted_says_why(before: Head, why: str) -> None:
    with pytest.raises(Impossible, match=why):
        abort(before, "again", "arn:ops", NOW)


LATER = dataclasses.replace(attempt(), number=4)


@pytest.mark.parametrize("before", [head(), head(attempt=LATER)], ids=["nothing", "a later one"])
def test_an_abort_of_one_attempt_stops_no_other(before: Head) -> None:
    with pytest.raises(Impossible, match=r"^Rollout 3 on fraud-detection is over, and no other one is stopped\.$"):
        abort(before, "by a button", "arn:ops", NOW, only=3)
    assert abort(head(attempt=attempt()), "by a button", "arn:ops", NOW, only=3)[0].attempt is not None


EVERY = Head(names.ALL, SpecSeen(0, 0.0), 0.0)


@pytest.mark.parametrize("paused", [None, "freeze"])
def test_an_abort_of_all_pauses_all_and_is_for_what_was_opened_before(paused: str | None) -> None:
    after, fact = abort_all(dataclasses.replace(EVERY, paused=paused), "wrong data", "arn:ops", NOW)
    assert (after.paused, after.abort_all) == (paused or "wrong data", Abort("arn:ops", "wrong data", NOW))
    told = "abort of every rollout in flight ordered, and all endpoints are paused: wrong data"
    detail = {"opened_before_at": NOW, "reason": "wrong data"}
    assert fact == Fact(Kind.ABORT_ORDERED, NOW, told, "arn:ops", detail=detail)


def test_a_reconcile_takes_the_abort_of_all_in_a_row_that_names_the_operator() -> None:
    before, ordered = head(attempt=attempt()), Abort("arn:ops", "wrong data", attempt().opened_at + 1)
    after, (fact,) = abort_for_all(before, ordered, NOW)
    assert after.attempt is not None
    assert after.attempt.abort == Abort("arn:ops", "wrong data", NOW)
    assert (fact.kind, fact.who, fact.detail) == (
        Kind.ABORT_ORDERED,
        "arn:ops",
        DETAIL | {"ordered_for": "*", "ordered_at": ordered.at},
    )
    assert abort_for_all(after, ordered, NOW) == (after, ())


def test_an_attempt_that_was_opened_after_the_abort_of_all_goes_on() -> None:
    before = head(attempt=attempt())
    assert abort_for_all(before, Abort("arn:ops", "wrong data", attempt().opened_at), NOW) == (before, ())
    assert abort_for_all(before, None, NOW) == (before, ())
    assert abort_for_all(head(), Abort("arn:ops", "wrong data", NOW), NOW) == (head(), ())


SERVING = head(live=live(3), good=(live(2, until=NOW - 5000), live(1, until=NOW - 6000)))
"""Version 3 is live; before it, 2 was, and before that 1."""


def test_a_rollback_quarantines_the_live_version_and_leaves_the_rest_to_the_next_reconcile() -> None:
    after, fact = rollback(SERVING, "", SPEC, "customers complain", "arn:ops", NOW)
    (quarantined,) = after.quarantined
    why = f"arn:ops ordered the rollback to {GROUP_NAME}/2: customers complain"
    assert (quarantined.approval, quarantined.settings, quarantined.reason) == (approval(3), SPEC.settings, why)
    assert (after.live, after.good, after.attempt) == (SERVING.live, SERVING.good, None)
    assert fact == Fact(
        Kind.ROLLBACK_ORDERED,
        NOW,
        f"rollback from {GROUP_NAME}/3 to {GROUP_NAME}/2 ordered: customers complain",
        "arn:ops",
        arn(3),
        {"reason": "customers complain", "endpoint_config": "gate-v3", "to": arn(2), "dropped": []},
    )


@pytest.mark.parametrize("version", ["1", f"{GROUP_NAME}/1", arn(1)])
def test_the_version_to_roll_back_to_is_the_next_one_that_a_revert_takes(version: str) -> None:
    after, fact = rollback(SERVING, version, SPEC, "x", "arn:ops", NOW)
    assert [good.version for good in targets(SPEC.settings, after, after.live)] == [arn(1), arn(2)]
    assert fact.detail["to"] == arn(1)


def test_what_waited_waits_no_more_and_neither_do_its_overrides() -> None:
    override = Override(4, "freeze", "arn:ops", "hotfix", NOW)
    waiting = dataclasses.replace(SERVING, approvals=(approval(5), approval(4)), overrides=(override,))
    after, fact = rollback(waiting, "", SPEC, "x", "arn:ops", NOW)
    assert (after.approvals, after.overrides, fact.detail["dropped"]) == ((), (), [arn(4), arn(5)])
    assert fact.summary.endswith(
        f"ordered: x; nothing waits any more: to roll out {GROUP_NAME}/4, {GROUP_NAME}/5, approve it again"
    )


def test_on_a_paused_endpoint_a_rollback_begins_after_the_pause() -> None:
    after, fact = rollback(dataclasses.replace(SERVING, paused="freeze"), "", SPEC, "x", "arn:ops", NOW)
    assert after.paused == "freeze"
    assert fact.summary.endswith("ordered: x; the endpoint is paused, so it begins after that")


FAILED = Quarantined(approval(2), SPEC.settings, "5xx fired")


@pytest.mark.parametrize(
    ("head", "version", "why"),
    [
        (SERVING, "3", f"3 is live on fraud-detection. It can be rolled back to: {GROUP_NAME}/2, {GROUP_NAME}/1."),
        (
            SERVING,
            "7",
            f"7 was not live on fraud-detection, or too long ago. It can be rolled back to: {GROUP_NAME}/2, "
            f"{GROUP_NAME}/1.",
        ),
        (
            dataclasses.replace(SERVING, quarantined=(FAILED,)),
            "2",
            f"2 cannot be rolled back to: it is quarantined: 5xx fired. It can be rolled back to: {GROUP_NAME}/1.",
        ),
        (
            dataclasses.replace(SERVING, approved=(1, 3)),
            "2",
            f"2 cannot be rolled back to: it is no longer Approved. It can be rolled back to: {GROUP_NAME}/1.",
        ),
        (
            dataclasses.replace(SERVING, good=(live(2, differs="its artifact is gone"),)),
            "2",
            "2 cannot be rolled back to: its artifact is gone. No good version is left to roll back to.",
        ),
        (dataclasses.replace(SERVING, good=()), "", "No good version is left to roll back to."),
        (
            dataclasses.replace(SERVING, attempt=attempt(4)),
            "",
            f"A rollout to {GROUP_NAME}/4 is in flight on fraud-detection. To stop it, use `abort`.",
        ),
        (
            dataclasses.replace(SERVING, live=live(None)),
            "",
            "fraud-detection serves no version of the registry. Approve the version that it shall serve.",
        ),
        (
            dataclasses.replace(SERVING, live=None),
            "",
            "fraud-detection serves no version of the registry. Approve the version that it shall serve.",
        ),
    ],
)
def test_what_cannot_be_rolled_back(head: Head, version: str, why: str) -> None:
    with pytest.raises(Impossible) as error:
        rollback(head, version, SPEC, "x", "arn:ops", NOW)
    assert str(error.value) == why


def test_without_a_spec_nothing_is_rolled_back() -> None:
    with pytest.raises(Impossible, match=r"^fraud-detection has no spec, so nothing is rolled out on it\.$"):
        rollback(SERVING, "", None, "x", "arn:ops", NOW)


def test_the_next_decision_is_the_revert_to_the_version_that_was_chosen() -> None:
    after, _ = rollback(SERVING, "1", SPEC, "x", "arn:ops", NOW)
    decision = decide(SPEC, observed(endpoint=endpoint("gate-v3"), described=(1, 2, 3)), after, NOW)
    assert isinstance(decision, Update)
    assert (decision.purpose, decision.approval.version) == (Purpose.REVERT, arn(1))
