"""Revocations of the live version, if the gate asks for approvers: who gave each, and whether it takes effect. Pure.

Only an approver takes the live version off the endpoint. The entry may ask for approvers, and so may the floor. An
approver is one of both. So a revocation by somebody else keeps the version live, until
an approver sets the status again. This needs certainty: AWS must name the caller of each act since the approval.

1. An approver was among the callers: it takes effect.
2. AWS names all callers, and none is an approver: it is held and reported.
3. A caller is not known, or the floor cannot be read: it takes effect, once the events had EVENT_SECONDS to arrive.

The version may be Approved again by somebody whom the gate does not accept. That approval is one more act. It is the
last one, so it revoked nothing. The acts before it count as above.

The caller of an act is LastModifiedBy if the act was the version's last change, or the caller in CloudTrail's event
history. A deletion leaves no LastModifiedBy, so only the history names its caller. It names no Studio user profile: if
such a profile may approve, a role in the history may be that of an approver.

A message names nobody, because anybody may have sent it. It only leads to a reconcile, which asks AWS. While a
revocation is held, the history is asked until it has had SETTLE_SECONDS to show each act. So an approver's rejection
that an outsider's change hides takes effect late.
"""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.gate.decide.acceptance import is_accepted, later
from lambdas.gate.decide.action import Hold, Wait
from lambdas.gate.decide.certainty import SETTLE_SECONDS
from lambdas.gate.decide.witness import EVENT_SECONDS, TOLERANCE_SECONDS, approves, witnesses
from lambdas.gate.spec.spec import Mode, Spec
from lambdas.gate.state.approval import ASK_SECONDS, Approval, version_account, version_label
from lambdas.gate.state.fact import GATE, Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.history import History
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed, Package
from lambdas.gate.state.revocation import Revocation, Revoker

MOST = 100
"""How many acts are remembered. The newest stay."""
BEFORE_SECONDS = 3600
"""How long before a revocation was found the event history is read. If the event of a revocation is lost, the schedule
finds it."""
AGAIN_SECONDS = 300
"""The wait before the event history is asked again about a revocation that is held."""


@dataclass(frozen=True)
class _Approvers:
    """`lists`: an approver is in each of them. `are_known`: False if the floor, which may have a list, could not be
    read."""

    lists: tuple[tuple[str, ...], ...]
    are_known: bool

    @classmethod
    def of(cls, spec: Spec, observed: Observed) -> "_Approvers":
        own = spec.gate.approvers if spec.gate.mode is Mode.ENFORCE else ()
        read = observed.floor
        of_floor = read.floor.gate.approvers if read and read.floor else ()
        lists = tuple(patterns for patterns in (own, of_floor) if patterns)
        return cls(lists, are_known=read is None or read.floor is not None)

    @property
    def are_nobody(self) -> bool:
        return self.are_known and not self.lists

    def have(self, identity: Identity, account: str) -> bool:
        return self.are_known and all(identity.matches(patterns, account) for patterns in self.lists)

    def leave_out(self, revoker: Revoker, account: str) -> bool:
        """True if the caller is certainly no approver."""
        return any(_is_outsider(revoker, patterns, account) for patterns in self.lists)


def begun(head: Head, version: str, package: Package | None, now: float) -> Head:
    """Return the head that knows that a version was found revoked. If it is live, a revocation from before it went live
    takes effect, also an outsider's. What is known about earlier acts stays."""
    head = head.with_revoked(version, now).with_revoked_as(version, package.approval_status if package else "deleted")
    live = head.live
    if live is None or live.version != version or live.revoked_at is not None:
        return head
    if package is not None and package.modified_at < live.serving_since:
        return _with(head, live, None, revoked_at=now)
    before = live.revocation or Revocation(now)
    return _with(head, live, dataclasses.replace(before, found_at=now, is_deleted=package is None))


def asks_since(spec: Spec, head: Head, observed: Observed, now: float) -> float | None:
    """Return since when the event history is needed, in seconds since 1970; None if it is not. It is not if the
    registry names an approver, or if it had the time to show each act."""
    live = head.live
    if live is None or live.approval is None or _is_confirmed(spec, head, observed, live.approval):
        return None
    before = _in_question(head, live, live.approval, now)
    if before is None:
        return None
    known = _known(live.approval, before, head, observed, None, spec, now)
    is_again = head.is_approved(live.approval.version)
    approvers = _Approvers.of(spec, observed)
    if _named(live.approval.version, known, approvers, is_again=is_again) or not _is_asked(known, now):
        return None
    return max(live.approval.at, min(known.found_at - BEFORE_SECONDS, *known.set_at, known.changed_at))


def reconcile_at(head: Head, now: float) -> float | None:
    """Return when the event history is asked again about a revocation that is held; None if it is not."""
    known = head.live.revocation if head.live else None
    if known is None or not known.is_outsiders or not _is_asked(known, now):
        return None
    complete_at = known.changed_at + SETTLE_SECONDS
    return min(complete_at, now + AGAIN_SECONDS) if now < complete_at else now + AGAIN_SECONDS


def settle(
    spec: Spec, head: Head, observed: Observed, history: History | None, now: float
) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head with what is known about the revocation of its live version, and a fact if a revocation takes
    effect that no row reports yet. `history`: None if it was not read."""
    live = head.live
    if live is None or live.approval is None:
        return head, ()
    if _is_confirmed(spec, head, observed, live.approval):
        return _with(head, live, None), ()
    before = _in_question(head, live, live.approval, now)
    if before is None:
        return head, ()
    version, is_again = live.approval.version, head.is_approved(live.approval.version)
    known = _known(live.approval, before, head, observed, history, spec, now)
    why = _why_it_takes_effect(version, known, _Approvers.of(spec, observed), now, is_again=is_again)
    if why is None:
        return _with(head, live, known), ()
    is_reported = before.found_at == now and not is_again
    return _with(head, live, None, revoked_at=now), () if is_reported else (_taking_effect(version, known, *why, now),)


def kept_waiting(live: Live, revocation: Revocation, *, is_again: bool) -> Hold | Wait:
    """Return what keeps a live version that is revoked: the hold of an outsider's revocation, or the wait for the event
    that names the caller. `is_again`: True if it is Approved again."""
    label = version_label(live.version or live.config)
    if not revocation.is_outsiders:
        reason = f"waiting for AWS to say who revoked {label}, which is live"
        return Wait(reason, revocation.found_at + EVENT_SECONDS)
    if is_again:
        reason = (
            f"{label} stays live on its earlier approval; to confirm or replace it, an approver has to set its status"
        )
        return Hold(reason, notice=Notice(Code.REVOCATION_UNCONFIRMED, f"{live.version}: approved again"))
    did = "deleted" if revocation.is_deleted else "revoked"
    fix = "approve another version" if revocation.is_deleted else "an approver has to set its status again"
    reason = f"{label} stays live: {revocation.who}, who is not one of gate.approvers, {did} it; to replace it, {fix}"
    notice = Notice(Code.REVOCATION_UNCONFIRMED, f"{live.version}: {did}")
    return Hold(reason, notice=notice)


def _with(head: Head, live: Live, revocation: Revocation | None, *, revoked_at: float | None = None) -> Head:
    return dataclasses.replace(head, live=dataclasses.replace(live, revocation=revocation, revoked_at=revoked_at))


def _is_confirmed(spec: Spec, head: Head, observed: Observed, approval: Approval) -> bool:
    """True if the live version, which has this approval, was approved again by somebody whom the gate accepts."""
    newer = later(head, approval)
    return newer is not None and is_accepted(spec, observed, head, newer)


def _in_question(head: Head, live: Live, approval: Approval, now: float) -> Revocation | None:
    """Return what is known about the revocation that has not taken effect; None if there is none."""
    if live.revocation is None and live.revoked_at is None and later(head, approval) is not None:
        return Revocation(now)
    return live.revocation


def _is_asked(known: Revocation, now: float) -> bool:
    """True if the event history may still show an act that it has not shown yet."""
    return known.read_at < known.changed_at + SETTLE_SECONDS and now < known.changed_at + ASK_SECONDS


def _known(
    approval: Approval,
    before: Revocation,
    head: Head,
    observed: Observed,
    history: History | None,
    spec: Spec,
    now: float,
) -> Revocation:
    """Return the revocation with what this reconcile adds to it. `approval`: the one on which the version went live."""
    version, approved_at = approval.version, approval.at
    is_again, package = head.is_approved(version), observed.packages.get(version)
    is_deleted = version in observed.packages and package is None
    found_at = now if is_deleted and not before.is_deleted else before.found_at
    hints = (hint.at for hint in observed.possible_hints if hint.version == version)
    events = {at for at in hints if approved_at < at <= now + TOLERANCE_SECONDS and _may_be_an_act(at, before, package)}
    set_at = tuple(sorted({*before.set_at, *events}))[-MOST:]
    found = set(before.by)
    if package and package.modifier and math.floor(package.modified_at) in set_at:
        found.add(Revoker(package.modifier, math.floor(package.modified_at), approved=package.is_approved))
    for each in witnesses(history.calls) if history else ():
        is_later, approved = (
            each.version.lower() == version.lower() and each.at > approved_at,
            approves(each, spec.gate.stage),
        )
        if is_later and not (approved and each.at <= approved_at + TOLERANCE_SECONDS):
            found.add(Revoker(each.identity, each.at, by_trail=True, deleted=each.deleted, approved=approved))
    by = tuple(sorted(found, key=lambda revoker: revoker.place))[-MOST:]
    known = Revocation(
        found_at,
        set_at,
        by,
        is_deleted=is_deleted or before.is_deleted,
        changed_at=max(found_at, before.changed_at, *set_at, package.modified_at if package else 0.0),
        read_at=history.read_at if history else before.read_at,
    )
    account, approvers = version_account(version), _Approvers.of(spec, observed)
    outsiders = all(revoker.approved or approvers.leave_out(revoker, account) for revoker in by)
    return dataclasses.replace(known, is_outsiders=outsiders and _are_all_named(known, is_again=is_again))


def _may_be_an_act(at: float, before: Revocation, package: Package | None) -> bool:
    """True if an event's claim that the status was set then counts as an act. If AWS named the callers of all acts
    so far, the version has to have been changed since. The event history shows the earlier acts. A deleted version has
    no status."""
    if before.is_deleted:
        return False
    latest = max((*before.set_at, *(revoker.at for revoker in before.by)), default=0.0)
    return not before.is_outsiders or (at > latest and package is not None and math.floor(package.modified_at) > latest)


def _is_outsider(revoker: Revoker, approvers: tuple[str, ...], account: str) -> bool:
    """True if the caller is certainly no approver."""
    named = revoker.identity
    if named.arn is None or named.matches(approvers, account):
        return False
    has_profiles = any(pattern.startswith("user-profile/") for pattern in approvers)
    return not (revoker.by_trail and has_profiles and ":assumed-role/" in named.arn)


def _are_all_named(known: Revocation, *, is_again: bool) -> bool:
    """True if AWS names the caller of each act. Each caller in `by` stands for the act closest to it. If the version is
    Approved again, the last act approved it, whoever the caller was."""
    named, acts = set(_acts_of(known)), known.set_at[:-1] if is_again else known.set_at
    is_named = all(at in named for at in acts) and (is_again or bool(known.by))
    return is_named and (not known.is_deleted or any(revoker.deleted for revoker in known.by))


def _acts_of(known: Revocation) -> Iterator[float]:
    for revoker in known.by:
        closest = min(known.set_at, key=lambda at: abs(at - revoker.at), default=revoker.at)
        if not revoker.deleted and abs(closest - revoker.at) <= TOLERANCE_SECONDS:
            yield closest


def _why_it_takes_effect(
    version: str, known: Revocation, approvers: _Approvers, now: float, *, is_again: bool
) -> tuple[str, str] | None:
    """Return why the revocation takes effect, and who is the cause; None if it does not, or not yet."""
    if named := _named(version, known, approvers, is_again=is_again):
        return named
    if known.is_outsiders or now < known.found_at + EVENT_SECONDS:
        return None
    return f"the revocation of {version_label(version)} takes effect: it is not certain who gave it", "unknown"


def _named(version: str, known: Revocation, approvers: _Approvers, *, is_again: bool) -> tuple[str, str] | None:
    """Return why the revocation takes effect whatever else AWS will say, and who is the cause; None if it may not."""
    account, label = version_account(version), version_label(version)
    revokers = [revoker.identity for revoker in known.by if not revoker.approved]
    if approvers.are_nobody and (revokers or not is_again):
        return f"the revocation of {label} takes effect: gate.approvers asks for nobody now", GATE
    confirmed = [identity.label for identity in revokers if approvers.have(identity, account)]
    if not confirmed:
        return None
    who = confirmed[-1]
    return f"the revocation of {label} takes effect: {who}, an approver, gave or confirmed it", who


def _taking_effect(version: str, known: Revocation, summary: str, who: str, now: float) -> Fact:
    return Fact(Kind.APPROVAL_REVOKED, now, summary, who, version, {"revocation": dataclasses.asdict(known)})
