"""Revocations of the live version, if the gate asks for approvers: who gave each, and whether it takes effect. Pure.

Only an approver takes the live version off the endpoint. So a revocation by somebody else keeps the version live, until
an approver sets the status again. This needs certainty: AWS must name the caller of each act since the approval.

1. An approver was among the callers: it takes effect.
2. AWS names all callers, and none is an approver: it is held and reported.
3. A caller is not known: it takes effect, once the events had EVENT_SECONDS to arrive.

The caller of an act is LastModifiedBy if the act was the version's last change, or the caller in CloudTrail's event. A
deletion leaves no LastModifiedBy, so only CloudTrail names its caller. CloudTrail names no Studio user profile: if such
a profile may approve, a role in CloudTrail's event may be that of an approver.
"""

import dataclasses
import math
from collections.abc import Iterator

from lambdas.gate.decide.action import Hold, Wait
from lambdas.gate.decide.witness import EVENT_SECONDS, TOLERANCE_SECONDS, approves
from lambdas.gate.policy.checks import is_approver
from lambdas.gate.spec.spec import Gate, Mode
from lambdas.gate.state.approval import version_account, version_label
from lambdas.gate.state.fact import GATE, Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Witness
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed, Package
from lambdas.gate.state.revocation import Revocation, Revoker

MOST = 100
"""How many acts are remembered. The newest stay."""


def begun(head: Head, version: str, package: Package | None, now: float) -> Head:
    """Return the head that knows that its live version was found revoked. A revocation from before the version went
    live takes effect, also an outsider's."""
    live = head.live
    if live is None or live.version != version:
        return head
    if package is not None and package.modified_at < (live.version_since or live.since):
        return head
    return _with(head, live, Revocation(now, is_deleted=package is None))


def settle(
    head: Head, observed: Observed, witnesses: tuple[Witness, ...], gate: Gate, now: float
) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head with what is known about the revocation of its live version, and a fact if a revocation takes
    effect that an earlier reconcile found."""
    live = head.live
    if live is None or live.version is None or live.revocation is None:
        return head, ()
    if head.is_approved(live.version):
        return _with(head, live, None), ()
    known = _known(live.version, live.revocation, head, observed, witnesses, gate, now)
    approvers = gate.approvers if gate.mode is Mode.ENFORCE else ()
    why = _why_it_takes_effect(live.version, known, approvers, now)
    if why is None:
        return _with(head, live, known), ()
    effective = _with(head, live, None)
    return effective, (_taking_effect(live.version, known, *why, now),) if live.revocation.found_at < now else ()


def kept_waiting(live: Live, revocation: Revocation) -> Hold | Wait:
    """Return what keeps a live version that is revoked: the hold of an outsider's revocation, or the wait for the event
    that names the caller."""
    label = version_label(live.version or live.config)
    if not revocation.is_outsiders:
        reason = f"waiting for the event that says who revoked {label}, which is live"
        return Wait(reason, revocation.found_at + EVENT_SECONDS)
    did = "deleted" if revocation.is_deleted else "revoked"
    fix = "approve another version" if revocation.is_deleted else "an approver has to set its status again"
    reason = f"{label} stays live: {revocation.who}, who is not one of gate.approvers, {did} it; to replace it, {fix}"
    notice = Notice(Code.REVOCATION_UNCONFIRMED, f"{live.version}: {did}")
    return Hold(reason, notice=notice)


def _with(head: Head, live: Live, revocation: Revocation | None) -> Head:
    return dataclasses.replace(head, live=dataclasses.replace(live, revocation=revocation))


def _known(
    version: str,
    before: Revocation,
    head: Head,
    observed: Observed,
    witnesses: tuple[Witness, ...],
    gate: Gate,
    now: float,
) -> Revocation:
    """Return the revocation with what this reconcile adds to it."""
    approved_at, package = head.approved_at(version), observed.packages.get(version)
    events = {hint.at for hint in observed.hints if hint.version == version and hint.at > approved_at}
    set_at = tuple(sorted({*before.set_at, *events}))[-MOST:]
    found = set(before.by)
    if package and package.modifier and math.floor(package.modified_at) in set_at:
        found.add(Revoker(package.modifier, math.floor(package.modified_at)))
    for each in witnesses:
        is_later = each.version.lower() == version.lower() and each.at > approved_at
        if is_later and not approves(each, gate.stage):
            found.add(Revoker(each.identity, each.at, by_trail=True, deleted=each.deleted))
    by = tuple(sorted(found, key=lambda revoker: (revoker.at, revoker.identity.label)))[-MOST:]
    is_deleted = version in observed.packages and package is None
    found_at = now if is_deleted and not before.is_deleted else before.found_at
    known = Revocation(found_at, set_at, by, is_deleted=is_deleted or before.is_deleted)
    account = version_account(version)
    outsiders = all(_is_outsider(revoker, gate.approvers, account) for revoker in by)
    return dataclasses.replace(known, is_outsiders=outsiders and _are_all_named(known))


def _is_outsider(revoker: Revoker, approvers: tuple[str, ...], account: str) -> bool:
    """True if the caller is certainly no approver."""
    named = revoker.identity
    if named.arn is None or is_approver(named, approvers, account):
        return False
    has_profiles = any(pattern.startswith("user-profile/") for pattern in approvers)
    return not (revoker.by_trail and has_profiles and ":assumed-role/" in named.arn)


def _are_all_named(known: Revocation) -> bool:
    """True if AWS names the caller of each act. Each caller in `by` stands for the act closest to it."""
    named = set(_acts_of(known))
    is_named = all(at in named for at in known.set_at) and bool(known.by)
    return is_named and (not known.is_deleted or any(revoker.deleted for revoker in known.by))


def _acts_of(known: Revocation) -> Iterator[float]:
    for revoker in known.by:
        closest = min(known.set_at, key=lambda at: abs(at - revoker.at), default=revoker.at)
        if not revoker.deleted and abs(closest - revoker.at) <= TOLERANCE_SECONDS:
            yield closest


def _why_it_takes_effect(
    version: str, known: Revocation, approvers: tuple[str, ...], now: float
) -> tuple[str, str] | None:
    """Return why the revocation takes effect, and who is the cause; None if it does not, or not yet."""
    account, label = version_account(version), version_label(version)
    if not approvers:
        return f"the revocation of {label} takes effect: gate.approvers asks for nobody now", GATE
    confirmed = [revoker.identity.label for revoker in known.by if is_approver(revoker.identity, approvers, account)]
    if confirmed:
        who = confirmed[-1]
        return f"the revocation of {label} takes effect: {who}, an approver, gave or confirmed it", who
    if known.is_outsiders or now < known.found_at + EVENT_SECONDS:
        return None
    return f"the revocation of {label} takes effect: it is not certain who gave it", "unknown"


def _taking_effect(version: str, known: Revocation, summary: str, who: str, now: float) -> Fact:
    return Fact(Kind.APPROVAL_REVOKED, now, summary, who, version, {"revocation": dataclasses.asdict(known)})
