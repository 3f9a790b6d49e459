"""The decision: what to do about one endpoint, from its spec, what was observed, and the ledger's head. Pure.

`decide` is level-based: it never asks what event brought it here. Its table of tests is the specification.
"""

import dataclasses

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.decide.fired_alarms import burning_alarms
from lambdas.gate.decide.hold import HOLD_LOOK_SECONDS, hold, waiting
from lambdas.gate.decide.not_in_service import PUT_ON, out_of_order
from lambdas.gate.decide.resize import resize
from lambdas.gate.decide.revert import is_held_up, way_back
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer, Verdict
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.autoscaling_change import is_due
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Endpoint, EndpointStatus, FiredAlarm, Observed
from lambdas.gate.state.pin import is_what_runs
from lambdas.gate.timing import LOCK

BUSY_LOOK_SECONDS = 300
"""Until the next look at a busy endpoint of which nothing else is known; its own event usually comes first."""
EVENT_SECONDS = 120
"""So long after an approval that was found without its event, the event may still come and say who gave it."""


def decide(spec: Spec, observed: Observed, head: Head, now: float) -> Decision:
    """What to do about an endpoint that has no open attempt; `judgement.judge` decides about one that has.

    1. missing: create what is wanted; a live endpoint that is gone was deleted by hand, so report it
    2. busy: wait, unless 4 is to be seen already
    3. not in service: a person is needed; but first 4, where there is a config of which that can be said
    4. serving a config that is not the one the ledger knows: changed by hand, so report it and do not fight it; at once
       if a further change is under way, as that may put back what the ledger knows, or if the endpoint needs mending,
       as its LastModifiedTime will be that of the mending
    5. something is wanted, but a hold stands, or another invocation is changing the autoscaling
    6. the newest approval; else the way back from a revoked or burning live version; else the spec's settings; else
       keep
    7. nothing is to be rolled out now, and what is registered for autoscaling is not what the spec asks for
    """
    endpoint = observed.endpoint
    if endpoint is None:
        return _decide_missing(spec, observed, head, now)
    is_replaced = head.live is not None and endpoint.replaces(head.live.config, head.live.since)
    if endpoint.is_busy and not is_replaced:
        reason = f"the endpoint is {endpoint.status}, and not by Approval Gate"
        return Decision(Action.WAIT, reason, look_again_at=now + BUSY_LOOK_SECONDS)
    is_out_of_order = not endpoint.is_busy and endpoint.status != EndpointStatus.IN_SERVICE
    if is_out_of_order and not (is_replaced and endpoint.status in PUT_ON):
        return Decision(Action.ALERT, out_of_order(spec.endpoint, endpoint))
    if head.live is None or is_replaced:
        reason = f"the endpoint was changed by hand: it serves {endpoint.config}" + (
            f" instead of {head.live.config}" if head.live else ""
        )
        return Decision(Action.RECORD_CHANGE, reason, look_again_at=now)
    if head.scaling and head.scaling.is_under_way(now):
        reason = "another invocation is changing the autoscaling"
        return Decision(Action.DEFER, reason, look_again_at=head.scaling.begun_at + LOCK)
    wanted = _wanted(spec, observed, head, head.live, now)
    if wanted.action is Action.UPDATE:
        wanted = hold(spec, endpoint, head, now) or wanted
    return wanted if wanted.action is Action.UPDATE else scale(spec, endpoint, head, now) or wanted


def scale(spec: Spec, endpoint: Endpoint, head: Head, now: float) -> Decision | None:
    """What to register for autoscaling an endpoint of which nothing else is to be changed now."""
    if head.paused is not None or endpoint.all_variants != (spec.variant.name,):
        return None
    if not is_due(head.scaling, spec.scaling, now):
        return None
    name = spec.variant.name
    reason = f"{name} is autoscaled: {spec.autoscaling.told}" if spec.autoscaling else f"{name} is autoscaled no more"
    return Decision(Action.SCALE, reason, look_again_at=now, scaling=spec.scaling)


def candidate(spec: Spec, observed: Observed, head: Head, now: float) -> Approval | None:
    """The approval that `decide` is about to ask the gate about. Evidence is gathered for no other."""
    endpoint, newest = observed.endpoint, _newest(head)
    if newest is None:
        return None
    if endpoint is not None:
        if endpoint.status != EndpointStatus.IN_SERVICE or head.live is None or endpoint.config != head.live.config:
            return None
        if _is_live(spec, head.live, newest):
            return None
    return None if _before_the_gate(observed, head, newest, now) else newest


def _decide_missing(spec: Spec, observed: Observed, head: Head, now: float) -> Decision:
    newest = _newest(head)
    if newest is None:
        if head.live is not None:
            label = version_label(head.live.version) if head.live.version else head.live.config
            reason = f"the endpoint, which served {label}, was deleted by hand; approve a version to create it again"
            return Decision(Action.ALERT, reason)
        return Decision(Action.KEEP, "the endpoint does not exist and no version waits for it")
    passed = _judged(spec, observed, head, newest, now)
    if isinstance(passed, Decision):
        return passed
    reason = f"create the endpoint with {version_label(newest.version)}, approved by {newest.by or 'unknown'}"
    reason = "; ".join((reason, *checks.let_pass(passed.checks)))
    return Decision(Action.CREATE, reason, approval=newest, purpose=Purpose.CREATE, verdict=passed)


def _wanted(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Decision:
    newest = _newest(head)
    if newest and _is_live(spec, live, newest) and not _is_changed(observed, newest):
        reason = f"{version_label(newest.version)} was approved again and is live"
        return Decision(Action.CONFIRM, reason, look_again_at=now, approval=newest)
    judged = _judged(spec, observed, head, newest, now) if newest else None
    back = way_back(spec, observed, head, live, now)
    if newest and isinstance(judged, Verdict):
        burning = burning_alarms(spec, observed, head, live) if now >= head.clears_at else ()
        if back and back.action is Action.UPDATE and is_held_up(spec, head, newest, burning):
            return back
        return _forward(newest, judged, live, burning)
    if back and isinstance(judged, Decision) and back.action is Action.ALERT:
        return _nowhere_to_go(judged, back)
    if back:
        return back
    if isinstance(judged, Decision):
        return judged
    return resize(spec, head, live, now) or Decision(Action.KEEP, "what is live is what is wanted")


def _nowhere_to_go(judged: Decision, back: Decision) -> Decision:
    """What is live is to go and nothing good is there to go back to, so all depends on what keeps the newest approval:
    people are told both."""
    match judged.action:
        case Action.REFUSE:
            return judged
        case Action.HOLD:
            return dataclasses.replace(judged, reason=f"{judged.reason}; {back.reason}")
        case _:
            return dataclasses.replace(back, look_again_at=judged.look_again_at)


def _forward(newest: Approval, verdict: Verdict, live: Live, burning: tuple[FiredAlarm, ...]) -> Decision:
    reason = f"put {version_label(newest.version)} live, approved by {newest.by or 'unknown'}"
    if burning:
        reason += f", in place of {version_label(live.version or live.config)}, whose alarm {burning[0].name} fired"
    return Decision(
        Action.UPDATE,
        "; ".join((reason, *checks.let_pass(verdict.checks))),
        approval=newest,
        purpose=Purpose.UPDATE,
        quarantine=bool(burning),
        fired=burning,
        verdict=verdict,
    )


def _newest(head: Head) -> Approval | None:
    return max(head.approvals, key=lambda approval: approval.rank, default=None)


def _is_live(spec: Spec, live: Live, approval: Approval) -> bool:
    """Whether what was approved is what serves. The version's artifacts may have been changed since it went live, and
    then approved again."""
    if approval.version != live.version or live.settings not in (spec.settings, None):
        return False
    return is_what_runs(live.approval.pin if live.approval else None, approval.pin, pinned=spec.gate.pin)


def _is_changed(observed: Observed, approval: Approval) -> bool:
    """True if the version is no longer what was registered, so that the approval is of something else."""
    package = observed.packages.get(approval.version)
    return package is not None and package.changed is not None


def _judged(spec: Spec, observed: Observed, head: Head, approval: Approval, now: float) -> Verdict | Decision:
    """The verdict that lets the newest approval pass, or why it cannot go now. Evidence that cannot be read holds; it
    never falls through to an older approval."""
    if obstacle := _before_the_gate(observed, head, approval, now):
        return obstacle
    package = observed.packages[approval.version]
    verdict = checks.judge(spec, package, approval, observed.evidence, head.overrides, now)
    if verdict.answer is Answer.PASSED:
        return verdict
    if verdict.answer is Answer.HELD and approval.inferred and approval.uncertain and now < approval.at + EVENT_SECONDS:
        reason = f"the event that says who approved {version_label(approval.version)} is still to come"
        return Decision(Action.WAIT, reason, look_again_at=approval.at + EVENT_SECONDS)
    return _shut(approval, verdict, now)


def _before_the_gate(observed: Observed, head: Head, approval: Approval, now: float) -> Decision | None:
    """What is in the way whatever the evidence says: the registry's own word, a wait, a pause."""
    if approval.version not in observed.packages:
        reason = f"{version_label(approval.version)} could not be read"
        return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS, approval=approval)
    verdict = checks.authorise(observed.packages[approval.version])
    if verdict.answer is not Answer.PASSED:
        return _shut(approval, verdict, now)
    if wait := waiting(head, approval, now):
        return wait
    if head.paused is not None:
        return Decision(Action.HOLD, f"paused: {head.paused_for}", approval=approval)
    return None


def _shut(approval: Approval, verdict: Verdict, now: float) -> Decision:
    label = version_label(approval.version)
    if verdict.answer is Answer.REFUSED:
        reason = f"{label} is refused: {verdict.reason}"
        return Decision(Action.REFUSE, reason, look_again_at=now, approval=approval, verdict=verdict)
    again = verdict.look_again_at or now + HOLD_LOOK_SECONDS
    reason = f"{label} is held: {verdict.reason}"
    return Decision(Action.HOLD, reason, look_again_at=again, approval=approval, verdict=verdict)
