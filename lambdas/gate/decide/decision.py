"""The decision: what to do about one endpoint without an open attempt. Pure.

`decide` is level-based: it looks at the spec, at what was observed and at the ledger's head, and never asks which event
brought it here. Its table of tests is the specification.
"""

import dataclasses

from lambdas.gate.decide import shadow
from lambdas.gate.decide.acceptance import is_accepted
from lambdas.gate.decide.action import (
    Alert,
    Confirm,
    Create,
    Decision,
    Defer,
    Hold,
    Keep,
    NeedEvidence,
    RecordChange,
    Refuse,
    Scale,
    Update,
    Wait,
)
from lambdas.gate.decide.fired_alarms import failing_alarms
from lambdas.gate.decide.hold import HOLD_RECONCILE_SECONDS, has_own_variants, hold, paused, waiting
from lambdas.gate.decide.not_in_service import HAS_CONFIG, not_in_service
from lambdas.gate.decide.resize import resize
from lambdas.gate.decide.revert import is_held_up, revert
from lambdas.gate.decide.witness import EVENT_SECONDS
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer, Verdict
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.autoscaling_change import is_due
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint, EndpointStatus, FiredAlarm, Observed, Package
from lambdas.gate.state.pin import difference, is_what_runs
from lambdas.gate.timing import LOCK

BUSY_RECONCILE_SECONDS = 300
"""Until the next reconcile of a busy endpoint. SageMaker's event about the endpoint usually comes first."""


def decide(spec: Spec, observed: Observed, head: Head, now: float) -> Decision:
    """Return what to do about an endpoint that has no open attempt; `judgement.judge` is for one that has.

    The first case that applies decides:

    1. The endpoint does not exist: create it with the newest approval. If it was live, somebody deleted it: alert.
    2. It is busy, and it serves what the ledger knows: wait.
    3. It is not in service: alert, because only a person can fix it. Case 4 goes first if it serves another config.
    4. It serves another config than the ledger knows: somebody changed it, so record that and leave it alone. Do so at
       once: a further change might put the known config back, and LastModifiedTime moves with each change.
    5. Another invocation is changing the autoscaling: defer.
    6. A rollout is wanted: of the newest approval; else of the last good version, if the live one was revoked or its
       alarm fired; else of the spec's new settings. A hold of the endpoint stops it. So does a revocation by somebody
       who is no approver. The newest approval may have to climb the rung of a shadow first, see `shadow`.
    7. The autoscaling is not what the spec asks for: change it. Otherwise keep, wait or hold as 6 says.
    """
    endpoint = observed.endpoint
    if endpoint is None:  # 1
        return _decide_missing(spec, observed, head, now)
    is_replaced = head.live is not None and endpoint.replaces(head.live.config, head.live.since)
    if endpoint.is_busy and not is_replaced:  # 2
        reason = f"the endpoint is {endpoint.status}, and Approval Gate did not start that"
        return Wait(reason, now + BUSY_RECONCILE_SECONDS)
    is_not_in_service = not endpoint.is_busy and endpoint.status != EndpointStatus.IN_SERVICE
    if is_not_in_service and not (is_replaced and endpoint.status in HAS_CONFIG):  # 3
        return not_in_service(spec.endpoint, endpoint)
    if head.live is None or is_replaced:  # 4
        reason = f"manual change: the endpoint serves {endpoint.config}" + (
            f" instead of {head.live.config}" if head.live else ""
        )
        return RecordChange(reason, now)
    if head.scaling and head.scaling.is_under_way(now):  # 5
        reason = "another invocation is changing the autoscaling"
        return Defer(reason, head.scaling.begun_at + LOCK)
    wanted = _wanted(spec, observed, head, head.live, now)
    if isinstance(wanted, NeedEvidence):
        return wanted
    if isinstance(wanted, Update):  # 6
        held = hold(spec, endpoint, head, now)
        if held is None:
            return wanted
        wanted = held
    return scale(spec, endpoint, head, now) or wanted  # 7


def scale(spec: Spec, endpoint: Endpoint, head: Head, now: float) -> Scale | None:
    """Return the change of autoscaling that the spec asks for, if any. The endpoint must need no other change now."""
    if head.is_paused(now) or not has_own_variants(spec, endpoint, head):
        return None
    if not is_due(head.scaling, spec.scaling, now):
        return None
    name = spec.variant.name
    reason = f"{name} is autoscaled: {spec.autoscaling.text}" if spec.autoscaling else f"{name} is no longer autoscaled"
    return Scale(reason, now, digest=spec.scaling)


def _decide_missing(spec: Spec, observed: Observed, head: Head, now: float) -> Decision:
    newest = head.newest
    if newest is None:
        if head.live is not None:
            label = version_label(head.live.version) if head.live.version else head.live.config
            reason = f"the endpoint, which served {label}, was deleted manually; approve a version to create it again"
            return Alert(reason, notice=Notice(Code.ENDPOINT_DELETED, head.live.version or head.live.config))
        return Keep("the endpoint does not exist and no version waits for it")
    passed = _judged(spec, observed, head, newest, now)
    if not isinstance(passed, Verdict):
        return passed
    reason = f"create the endpoint with {version_label(newest.version)}, approved by {newest.by or 'unknown'}"
    reason = "; ".join((reason, *checks.let_pass(passed.checks)))
    return Create(reason, approval=newest, verdict=passed)


def _wanted(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Decision:
    if rung := shadow.running(head):
        return revert(spec, observed, head, live, now) or shadow.next_look(rung, now)
    newest = head.newest
    is_live = newest is not None and _is_live(spec, live, newest) and not _is_changed(observed, newest)
    if newest and is_live and _may_confirm(spec, observed, head, live, newest):
        if _is_to_compare(spec, observed, newest):
            return NeedEvidence(f"{version_label(newest.version)} is compared with its registration", approval=newest)
        reason = f"{version_label(newest.version)} was approved again and is live"
        return Confirm(reason, now, approval=newest)
    judged = _judged(spec, observed, head, newest, now) if newest else None
    if isinstance(judged, NeedEvidence):
        return judged
    back = revert(spec, observed, head, live, now)
    if newest and isinstance(judged, Verdict):
        failing = failing_alarms(spec, observed, head, live, now) if now >= head.clears_at else ()
        if isinstance(back, Update) and is_held_up(spec, head, newest, failing):
            return back
        return shadow.before(spec, head, live, _forward(newest, judged, live, failing), back, now)
    obstacle = None if isinstance(judged, Verdict) else judged
    if obstacle and isinstance(back, Alert | Hold):
        return _nowhere_to_go(obstacle, back)
    if back is None and not shadow.stays(head, obstacle):
        return shadow.withdrawn(spec, head, live, now)
    return back or obstacle or resize(spec, head, live, now) or Keep("the live version is the wanted one")


def _nowhere_to_go(judged: Wait | Hold | Refuse, back: Alert | Hold) -> Refuse | Hold | Alert:
    """The live version stays although it is not wanted: there is no good version, or its revocation is on hold. So the
    newest approval is the only way out: report what keeps it waiting together with that."""
    match judged:
        case Refuse():
            return judged
        case Hold():
            notice = judged.notice.besides(back.notice.key)
            return dataclasses.replace(judged, reason=f"{judged.reason}; {back.reason}", notice=notice)
        case Wait():
            return dataclasses.replace(back, reconcile_at=judged.reconcile_at)


def _forward(newest: Approval, verdict: Verdict, live: Live, failing: tuple[FiredAlarm, ...]) -> Update:
    reason = f"put {version_label(newest.version)} live, approved by {newest.by or 'unknown'}"
    if failing:
        reason += f", in place of {version_label(live.version or live.config)}, whose alarm {failing[0].name} fired"
    return Update(
        "; ".join((reason, *checks.let_pass(verdict.checks))),
        approval=newest,
        purpose=Purpose.UPDATE,
        quarantines_live=bool(failing),
        fired=failing,
        verdict=verdict,
    )


def _is_live(spec: Spec, live: Live, approval: Approval) -> bool:
    """True if the approved version serves, with the spec's settings and the artifacts that were approved. The artifacts
    may have changed since the version went live, and then have been approved again."""
    if approval.version != live.version or live.settings not in (spec.settings, None):
        return False
    return is_what_runs(live.approval.pin if live.approval else None, approval.pin, pinned=spec.gate.pin)


def _may_confirm(spec: Spec, observed: Observed, head: Head, live: Live, approval: Approval) -> bool:
    """True if the live version may rest on this approval: it does already, or the gate accepts the one who gave it."""
    is_its_own = live.approval is not None and approval.order <= live.approval.order
    return is_its_own or is_accepted(spec, observed, head, approval)


def _is_changed(observed: Observed, approval: Approval) -> bool:
    """True if the version is no longer what was registered, so that the approval is about something else."""
    package = observed.packages.get(approval.version)
    if package is not None and package.changed is not None:
        return True
    pin, found = approval.pin, observed.evidence.pin if observed.evidence else None
    return pin is not None and pin.registered is not None and found is not None and difference(pin, found) is not None


def _is_to_compare(spec: Spec, observed: Observed, approval: Approval) -> bool:
    """True if what the live version loads has to be read, because it was recorded at the registration. SageMaker loads
    it again when it adds an instance."""
    package = observed.packages.get(approval.version)
    is_recorded = spec.gate.pin and approval.pin is not None and approval.pin.registered is not None
    return is_recorded and observed.evidence is None and checks.authorise(package).answer is Answer.PASSED


def _judged(
    spec: Spec, observed: Observed, head: Head, approval: Approval, now: float
) -> Verdict | Wait | Hold | Refuse | NeedEvidence:
    """Return the verdict that lets the newest approval pass, or why it cannot be rolled out now.

    Evidence that cannot be read holds this approval. An older approval is never rolled out in its place.
    """
    if obstacle := _before_the_gate(observed, head, approval, now):
        return obstacle
    package = observed.packages[approval.version]
    if observed.evidence is None:
        return NeedEvidence(f"the gate is asked about {version_label(approval.version)}", approval=approval)
    if package is None:
        raise ValueError("A version that does not exist is not authorised.")
    question = checks.Question(spec, package, approval, observed.evidence, now, observed.floor)
    verdict = checks.evaluate(question, head.overrides)
    if verdict.answer is Answer.PASSED:
        return verdict
    if verdict.answer is Answer.HELD and approval.inferred and approval.uncertain and now < approval.at + EVENT_SECONDS:
        reason = f"waiting for the event that says who approved {version_label(approval.version)}"
        return Wait(reason, approval.at + EVENT_SECONDS)
    if verdict.answer is Answer.HELD and verdict.reconcile_at is not None and verdict.is_unread:
        return Wait(f"{version_label(approval.version)} waits for CloudTrail: {verdict.reason}", verdict.reconcile_at)
    return _shut(package, approval, verdict, now)


def _before_the_gate(observed: Observed, head: Head, approval: Approval, now: float) -> Wait | Hold | Refuse | None:
    """Return what stops the approval whatever the evidence says: its registry status, the wait for a try, a pause."""
    if approval.version not in observed.packages:
        reason = f"{version_label(approval.version)} could not be read"
        notice = Notice(Code.VERSION_UNREADABLE, approval.version)
        return Hold(reason, now + HOLD_RECONCILE_SECONDS, notice=notice, approval=approval)
    package = observed.packages[approval.version]
    verdict = checks.authorise(package)
    if verdict.answer is not Answer.PASSED:
        return _shut(package, approval, verdict, now)
    if wait := waiting(head, approval, now):
        return wait
    if head.is_paused(now):
        return paused(head, approval)
    return None


def _shut(package: Package | None, approval: Approval, verdict: Verdict, now: float) -> Hold | Refuse:
    label = version_label(approval.version)
    if verdict.answer is Answer.REFUSED:
        reason = f"{label} is refused: {verdict.reason}"
        return Refuse(reason, now, approval=approval, verdict=verdict)
    again = verdict.reconcile_at or now + HOLD_RECONCILE_SECONDS
    reason = f"{label} is on hold: {verdict.reason}"
    return Hold(reason, again, notice=_shut_by(package, approval, verdict), approval=approval, verdict=verdict)


def _shut_by(package: Package | None, approval: Approval, verdict: Verdict) -> Notice:
    """What people know a hold of the gate by: the approval, and what each check that did not pass found. Before any
    check, the package's status."""
    shut = [f"{check.name} {check.result.value} {check.about}" for check in verdict.checks if not check.is_passable]
    status = package.status if package and not shut else ""
    return Notice(Code.CHECKS_FAILED, f"{approval.order}: {status}{'; '.join(shut)}")
