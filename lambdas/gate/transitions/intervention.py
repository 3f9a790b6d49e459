"""What an operator may change: pause, resume, abort, promote, retry, rollback, override, restore. Pure.

Each function takes a head and returns the head to store and the fact that explains the change, or raises Impossible.
`who` is the operator, as AWS says.
"""

import dataclasses
from collections.abc import Iterable

from lambdas.gate import names
from lambdas.gate.decide import shadow
from lambdas.gate.decide.revert import DISPUTED, undisputed_targets, why_left_out
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label, version_number
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.limits import shorten
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.orders import Abort, EarlyEnd, Override
from lambdas.gate.state.rung import Rung
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.text import is_blank, one_line, time_text
from lambdas.gate.transitions.rung import condemned

Change = tuple[Head, Fact]


class Impossible(Exception):
    """The head, or the reason, does not allow the change."""


def pause(head: Head, reason: str, who: str, now: float, lasts: int | None = None) -> Change:
    """Start no rollout, reverts included, until `resume`, or for so many seconds. A rollout in flight continues."""
    reason = _checked(reason)
    if head.is_paused(now):
        subject = "All endpoints are" if head.endpoint == names.ALL else f"{head.endpoint} is"
        raise Impossible(f"{subject} already paused: {head.paused_for}")
    paused = dataclasses.replace(head, paused=reason, paused_until=None if lasts is None else now + lasts)
    until = {} if lasts is None else {"until_at": paused.paused_until}
    return paused, Fact(Kind.HELD, now, f"paused: {paused.paused_for}", who, detail={"reason": reason, **until})


def resume(head: Head, who: str, now: float) -> Change:
    """End the pause."""
    if not head.is_paused(now):
        is_all = head.endpoint == names.ALL
        raise Impossible("There is no pause of all endpoints." if is_all else f"{head.endpoint} is not paused.")
    # The deployer reports a hold once. Forget this one, so that the next pause is reported even with the same reason.
    is_noticed = head.is_noticed(Notice(Code.ENDPOINT_PAUSED, head.paused_for))
    fact = Fact(Kind.RESUMED, now, f"resumed after a pause: {head.paused_for}", who, detail={"reason": head.paused})
    resumed = dataclasses.replace(head, paused=None, paused_until=None, notice=None if is_noticed else head.notice)
    return resumed, fact


def abort(head: Head, reason: str, who: str, now: float, only: int | None = None) -> Change:
    """Order the rollout in flight to stop. The deployer asks SageMaker for it, and records when it has happened.

    A revert would start again at once, so its abort also pauses the endpoint. Without a rollout, a version that is the
    live one's shadow is stopped, also if it has passed and waits. `only`: the number of the only attempt to stop; None
    for whichever is open.
    """
    attempt, reason = head.attempt, _checked(reason)
    if only is not None and (attempt is None or attempt.number != only):
        raise Impossible(f"Rollout {only} on {head.endpoint} is over, and no other one is stopped.")
    if attempt is None and (rung := _climbing(head)):
        return _abort_rung(head, rung, Abort(who, reason, now))
    if attempt is None:
        raise Impossible(
            f"No rollout is in flight on {head.endpoint}. To keep the next one from starting, use `pause`."
        )
    label = version_label(attempt.approval.version)
    if attempt.abort:
        raise Impossible(f"{attempt.abort.by} has already ordered the abort of {label}: {attempt.abort.reason}")
    summary, paused, until = f"abort of {label} ordered: {reason}", head.paused, head.paused_until
    if attempt.purpose.is_back and (paused is None or until is not None):
        what = "the revert to" if attempt.purpose is Purpose.REVERT else "the end of the shadow beside"
        paused, until = f"an operator aborted {what} {label}: {reason}", None
        kind = "a revert" if attempt.purpose is Purpose.REVERT else "the end of a shadow"
        summary += f"; the rollout is {kind}, so the endpoint is paused until `resume`"
    if attempt.purpose is Purpose.CREATE:
        summary += "; the first creation of an endpoint cannot be aborted, so it continues"
    elif not attempt.is_guarded:
        summary += "; an update of a serverless endpoint cannot be aborted, so it continues"
    fact = Fact(
        Kind.ABORT_ORDERED,
        now,
        summary,
        who,
        attempt.approval.version,
        {"attempt": attempt.number, "endpoint_config": attempt.fleet.config, "reason": reason},
    )
    ordered = dataclasses.replace(attempt, abort=Abort(who, reason, now))
    return dataclasses.replace(head, attempt=ordered, paused=paused, paused_until=until), fact


def _abort_rung(head: Head, rung: Rung, ordered: Abort) -> Change:
    label = version_label(rung.version)
    if rung.abort:
        raise Impossible(f"{rung.abort.by} has already ordered the abort of {label}: {rung.abort.reason}")
    summary = f"abort of the shadow of {label} ordered: {ordered.reason}"
    detail = {"endpoint_config": rung.config, "reason": ordered.reason}
    shorter = dataclasses.replace(ordered, reason=shorten(ordered.reason))
    fact = Fact(Kind.ABORT_ORDERED, ordered.at, summary, ordered.by, rung.version, detail)
    if rung.end is not None:
        return condemned(head, rung, summary), fact
    return dataclasses.replace(head, rung=dataclasses.replace(rung, abort=shorter)), fact


def _climbing(head: Head) -> Rung | None:
    """Return the rung of a version that is on its way: it runs, or has passed and its approval waits; None if there is
    none."""
    rung = head.rung
    if rung is None or not (rung.end is None or rung.end in shadow.PASSING):
        return None
    waits = any(approval.order == rung.order for approval in head.approvals)
    return rung if rung.end is None or waits else None


def abort_all(head: Head, reason: str, who: str, now: float) -> Change:
    """Pause all endpoints, and order every rollout to stop that was opened before `now`. `head` is that of
    `names.ALL`. Each endpoint takes the order at its next reconcile, see `abort_for_all`."""
    reason = _checked(reason)
    summary = f"abort of every rollout in flight ordered, and all endpoints are paused: {reason}"
    fact = Fact(Kind.ABORT_ORDERED, now, summary, who, detail={"opened_before_at": now, "reason": reason})
    paused = head.paused if head.paused is not None and head.paused_until is None else reason
    return dataclasses.replace(head, paused=paused, paused_until=None, abort_all=Abort(who, shorten(reason), now)), fact


def abort_for_all(head: Head, ordered: Abort | None, now: float) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head whose open attempt or running rung takes the order to abort the rollouts of all endpoints, with
    the row that names the operator. The head stays as it is if there is no such order, or if the attempt or the rung
    began later."""
    attempt, rung = head.attempt, _climbing(head)
    if attempt is not None:
        begun_at = None if attempt.abort is not None else attempt.opened_at
    else:
        begun_at = rung.since if rung is not None and rung.abort is None else None
    if ordered is None or begun_at is None or begun_at >= ordered.at:
        return head, ()
    head, fact = abort(head, ordered.reason, ordered.by, now)
    return head, (dataclasses.replace(fact, detail=fact.detail | {"ordered_for": names.ALL, "ordered_at": ordered.at}),)


def reconcile(head: Head, reason: str, who: str, now: float) -> Change:
    """Change nothing. The row says that somebody had the endpoint reconciled, which follows each order."""
    reason = _checked(reason)
    return head, Fact(Kind.RECONCILE_ORDERED, now, f"a reconcile was ordered: {reason}", who, detail={"reason": reason})


def promote(head: Head, spec: Spec | None, all_paused: str | None, reason: str, who: str, now: float) -> Change:
    """Order to end the shadow before its time, so that its version is rolled out next. The deployer judges what the
    copies have shown until then: a version that they show worse is not rolled out.

    `all_paused`: why all endpoints are paused; None if they are not.
    """
    reason = _checked(reason)
    rung = _to_promote(head)
    label = version_label(rung.version)
    if ordered := rung.abort or rung.early:
        what = "the abort" if rung.abort else "the promotion"
        raise Impossible(f"{ordered.by} has already ordered {what} of {label}: {ordered.reason}")
    if paused := all_paused or (head.paused_for if head.is_paused(now) else None):
        subject = "All endpoints are" if all_paused else f"{head.endpoint} is"
        raise Impossible(f"{subject} paused: {paused}. {label} stays the shadow until `resume`.")
    until = shadow.frozen(spec.gate, None, head, head.newest, now) if spec and head.newest else None
    if until is not None:
        raise Impossible(f"A freeze lasts until {time_text(until)}, and ends the shadow of {label}.")
    summary = f"promotion of {label} ordered, before its shadow is over at {time_text(rung.until)}: {reason}"
    fact = Fact(
        Kind.PROMOTION_ORDERED,
        now,
        summary,
        who,
        rung.version,
        {"approval": rung.order, "endpoint_config": rung.config, "reason": reason, "until_at": rung.until},
    )
    early = EarlyEnd(who, shorten(reason), now)
    return dataclasses.replace(head, rung=dataclasses.replace(rung, early=early)), fact


def _to_promote(head: Head) -> Rung:
    """Return the rung that may be ended before its time. Raise Impossible, which says what else is under way."""
    attempt, rung, newest = head.attempt, shadow.running(head), head.newest
    if attempt is not None:
        label = version_label(attempt.approval.version)
        if attempt.purpose is Purpose.SHADOW:
            raise Impossible(f"{label} is being launched as the shadow of {head.endpoint}. Promote it when it is.")
        raise Impossible(
            f"A rollout to {label} is in flight on {head.endpoint}, and AWS has no call that skips its waits. It "
            "continues automatically. To stop it, use `abort`. To have shorter waits next time, change `rollout` in "
            "the entry."
        )
    if newest is None:
        raise Impossible(f"No approval waits on {head.endpoint}, so there is nothing to promote.")
    label = version_label(newest.version)
    if rung is None and head.rung is not None and head.rung.order == newest.order:
        raise Impossible(f"The shadow of {label} has ended already, so there is nothing to end early.")
    if rung is None:
        raise Impossible(f"{label} is no shadow on {head.endpoint}, so there is nothing to end early.")
    if rung.order != newest.order:
        raise Impossible(f"{label} was approved later than the shadow of {head.endpoint}, and takes its place.")
    return rung


def retry(head: Head, version: str, reason: str, who: str, now: float) -> Change:
    """Take the newest approval of a version out of quarantine, and make it the newest approval of all.

    `version` is its number, `GROUP/number` or ARN.
    """
    reason = _checked(reason)
    found = [q for q in head.quarantined if version in _spellings(q.approval.version)]
    if not found:
        known = dict.fromkeys(version_label(q.approval.version) for q in head.quarantined)
        listed = f"Quarantined versions: {', '.join(known)}." if known else "No version is in quarantine."
        raise Impossible(f"{version} is not in quarantine on {head.endpoint}. {listed}")
    quarantined = max(found, key=lambda q: q.approval.rank)
    label = version_label(quarantined.approval.version)
    if not head.is_approved(quarantined.approval.version):
        raise Impossible(f"{label} is no longer Approved. Approve it again: that rolls it out, too.")
    approval = dataclasses.replace(quarantined.approval, order=head.orders + 1, retried_at=now)
    kept = tuple(q for q in head.quarantined if q.approval.version != approval.version)
    fact = Fact(
        Kind.RETRY_REQUESTED,
        now,
        f"{label} will be rolled out again: {reason}",
        who,
        approval.version,
        {"reason": reason, "approval": approval.order, "quarantined_for": quarantined.reason},
    )
    return dataclasses.replace(head.with_approval(approval), quarantined=kept), fact


def rollback(head: Head, version: str, spec: Spec | None, reason: str, who: str, now: float) -> Change:
    """Quarantine the live version, drop the approvals that wait, and make `version` the next one that a revert takes.
    An empty `version` is the last good one.

    The next reconcile reverts, as it does from every live version in quarantine. A revert takes only a version that was
    live, is still Approved and is not quarantined. `version` is its number, `GROUP/number` or ARN.
    """
    reason, live = _checked(reason), head.live
    if spec is None:
        raise Impossible(f"{head.endpoint} has no spec, so nothing is rolled out on it.")
    if live is None or live.approval is None:
        raise Impossible(f"{head.endpoint} serves no version of the registry. Approve the version that it shall serve.")
    if head.attempt is not None:
        label = version_label(head.attempt.approval.version)
        raise Impossible(f"A rollout to {label} is in flight on {head.endpoint}. To stop it, use `abort`.")
    takes = undisputed_targets(spec, Observed(None), head, live)
    chosen = next((good for good in takes if not version or version in _spellings(good.version or "")), None)
    if chosen is None:
        raise Impossible(_no_target(head, version, spec, live, takes))
    label, to = version_label(live.approval.version), version_label(chosen.version or chosen.config)
    dropped = [each.version for each in sorted(head.approvals, key=lambda approval: approval.rank)]
    summary = f"rollback from {label} to {to} ordered: {reason}"
    if dropped:
        labels = ", ".join(map(version_label, dropped))
        summary += f"; nothing waits any more: to roll out {labels}, approve it again"
    if head.is_paused(now):
        summary += "; the endpoint is paused, so it begins after that"
    detail = {"reason": reason, "endpoint_config": live.config, "to": chosen.version, "dropped": dropped}
    others = tuple(good for good in head.good if good != chosen)
    left = dataclasses.replace(live, better_settings=None)
    after = dataclasses.replace(head, live=left, approvals=(), overrides=(), good=(chosen, *others)).with_quarantined(
        Quarantined(live.approval, live.settings or "", f"{who} ordered the rollback to {to}: {reason}"), now
    )
    return after, Fact(Kind.ROLLBACK_ORDERED, now, summary, who, live.version, detail)


def _no_target(head: Head, version: str, spec: Spec, live: Live, takes: tuple[Live, ...]) -> str:
    """Return why there is no version to roll back to, or why it is not the one that was asked for."""
    labels = ", ".join(version_label(good.version or good.config) for good in takes)
    listed = f"It can be rolled back to: {labels}." if labels else "No good version is left to roll back to."
    if not version:
        return listed
    if version in _spellings(live.version or ""):
        return f"{version} is live on {head.endpoint}. {listed}"
    asked = next((good for good in head.good if good.version and version in _spellings(good.version)), None)
    if asked is None:
        return f"{version} was not live on {head.endpoint}, or too long ago. {listed}"
    why = why_left_out(spec.settings, head, live, asked) or DISPUTED
    return f"{version} cannot be rolled back to: {why}. {listed}"


_NEVER = {
    "pin": "a version must run as it was approved. If it was changed, register a new version.",
    "approved": "only a reviewer approves.",
}
"""Checks that no operator can override, and why."""


def override(head: Head, version: str, check: str, known: Iterable[str], reason: str, who: str, now: float) -> Change:
    """Let the newest waiting approval of a version pass one check of the gate.

    `version` is its number, `GROUP/number` or ARN. `known` are the checks that can be overridden. The override is for
    this approval only, and never replaces an approval.
    """
    if check in _NEVER:
        raise Impossible(f"{check} cannot be overridden: {_NEVER[check]}")
    known, reason = tuple(known), _checked(reason)
    if check not in known:
        raise Impossible(f"{head.endpoint} has no check {check!r} to override. Known checks: {', '.join(known)}.")
    approval = _waiting(head, version)
    label = version_label(approval.version)
    if any((given.order, given.check, given.by) == (approval.order, check, who) for given in head.overrides):
        raise Impossible(f"{check} is already overridden for {label} by {who}.")
    open_orders = {a.order for a in head.approvals} | ({head.attempt.approval.order} if head.attempt else set())
    kept = tuple(given for given in head.overrides if given.order in open_orders)
    fact = Fact(
        Kind.OVERRIDDEN,
        now,
        f"{check} is overridden for {label}: {reason}",
        who,
        approval.version,
        {"approval": approval.order, "check": check, "reason": reason},
    )
    return dataclasses.replace(head, overrides=(*kept, Override(approval.order, check, who, reason, now))), fact


def restore(head: Head, what: str, reason: str, who: str, now: float) -> Change:
    """Say that the head is what the rows say again. `what`: what was changed without a row, in words."""
    reason = _checked(reason)
    summary = f"restored what decides from its rows: {what}: {reason}"
    return head, Fact(Kind.RESTORED, now, summary, who, detail={"what": what, "reason": reason})


def _checked(reason: str) -> str:
    """Return the reason as it is recorded, in one line. Raise Impossible if it is blank.

    Bytes of an argument that are no text arrive as lone surrogates, which are replaced.
    """
    if is_blank(reason):
        raise Impossible(f"The reason is blank: {reason!a}. Give a reason with a visible character.")
    return one_line(reason)


def _waiting(head: Head, version: str) -> Approval:
    found = [approval for approval in head.approvals if version in _spellings(approval.version)]
    if not found:
        labels = dict.fromkeys(version_label(approval.version) for approval in head.approvals)
        listed = f"Waiting versions: {', '.join(labels)}." if labels else "Nothing is waiting."
        raise Impossible(f"No approval of {version} is waiting on {head.endpoint}. {listed}")
    return max(found, key=lambda approval: approval.rank)


def _spellings(version: str) -> tuple[str, ...]:
    return (version, version_label(version), str(version_number(version))) if version else ()
