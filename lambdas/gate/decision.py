"""The decision: what to do about one endpoint, from its spec, what was observed, and the ledger's head. Pure.

`decide` is level-based: it never asks what event brought it here. Its table of tests is the specification.
"""

from dataclasses import dataclass
from enum import StrEnum

from lambdas.gate import gate
from lambdas.gate.approval import Approval, version_label
from lambdas.gate.attempt import Outcome, Purpose
from lambdas.gate.head import Head, Live, Retry
from lambdas.gate.observed import Endpoint, EndpointStatus, FiredAlarm, Observed
from lambdas.gate.pin import is_what_runs
from lambdas.gate.scaling import is_due
from lambdas.gate.spec import Spec
from lambdas.gate.timing import LOCK
from lambdas.gate.verdict import Answer, Verdict

BUSY_LOOK_SECONDS = 300
"""Until the next look at a busy endpoint of which nothing else is known; its own event usually comes first."""
HOLD_LOOK_SECONDS = 300
PUT_ON = frozenset({EndpointStatus.UPDATE_ROLLBACK_FAILED, EndpointStatus.OUT_OF_SERVICE})
"""Out of order, and yet somebody put DescribeEndpoint's config there."""
EVENT_SECONDS = 120
"""So long after an approval that was found without its event, the event may still come and say who gave it."""


class Action(StrEnum):
    """What `apply` does, and nothing besides."""

    KEEP = "keep"
    WAIT = "wait"
    DEFER = "defer"
    """Another invocation holds the lock: write nothing, and have the messages delivered again."""
    HOLD = "hold"
    ALERT = "alert"
    CREATE = "create"
    UPDATE = "update"
    CONFIRM = "confirm"
    """The approved version is the one that is live: note it, change nothing."""
    REFUSE = "refuse"
    """The gate refused: drop the approval."""
    ACCEPT = "accept"
    """SageMaker took the update although nobody saw its answer: write that down."""
    REQUEST_ABORT = "request_abort"
    CLOSE = "close"
    SCALE = "scale"
    """Change what is registered for autoscaling."""
    RECORD_CHANGE = "record_change"
    """Somebody changed the endpoint by hand."""


@dataclass(frozen=True)
class Decision:
    """`reason` is logged, stored and shown to people as it is. `look_again_at` in seconds since 1970.

    Of a SCALE: `scaling` is the digest of what is to be registered, or empty to take off what is; `unused_alarms` were
    made for the rollout that follows, to see that they can be. Of a CLOSE:
    `quarantine` means the approval is not tried again by itself, else `retry` says when it is; `alert` is what people
    must know besides the outcome. Of a REVERT: `quarantine` concerns the version that is live.
    """

    action: Action
    reason: str
    look_again_at: float | None = None
    approval: Approval | None = None
    purpose: Purpose | None = None
    outcome: Outcome | None = None
    quarantine: bool = False
    retry: Retry | None = None
    alert: str | None = None
    fired: tuple[FiredAlarm, ...] = ()
    verdict: Verdict | None = None
    """The gate's, where it was asked."""
    requests: int | None = None
    """That judged a rollout which has gone live, where a number is asked for."""
    scaling: str | None = None
    unused_alarms: tuple[str, ...] = ()


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
        wanted = _hold(spec, endpoint, head, now) or wanted
    return wanted if wanted.action is Action.UPDATE else scale(spec, endpoint, head, now) or wanted


def scale(spec: Spec, endpoint: Endpoint, head: Head, now: float) -> Decision | None:
    """What to register for autoscaling an endpoint of which nothing else is to be changed now."""
    if head.paused or endpoint.variants != (spec.variant.name,) or not is_due(head.scaling, spec.scaling, now):
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


def out_of_order(name: str, endpoint: Endpoint) -> str:
    """What to tell people about an endpoint that is neither busy nor in service, with the command that mends it."""
    reason = f" ({endpoint.failure_reason})" if endpoint.failure_reason else ""
    match endpoint.status:
        case EndpointStatus.FAILED:
            return (
                f"the endpoint is Failed{reason}; AWS allows nothing but to delete it: "
                f"aws sagemaker delete-endpoint --endpoint-name {name}; then approve a version again"
            )
        case EndpointStatus.UPDATE_ROLLBACK_FAILED:
            return (
                f"the endpoint is UpdateRollbackFailed{reason} and serves a mixed fleet; put it on a good config: "
                f"aws sagemaker update-endpoint --endpoint-name {name} --endpoint-config-name {endpoint.config}"
            )
        case EndpointStatus.OUT_OF_SERVICE:
            return f"the endpoint is OutOfService{reason} and takes no requests; see its CloudWatch logs"
        case _:
            return f"the endpoint has a status unknown to this version of Approval Gate: {endpoint.status}{reason}"


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
    reason = "; ".join((reason, *gate.let_pass(passed.checks)))
    return Decision(Action.CREATE, reason, approval=newest, purpose=Purpose.CREATE, verdict=passed)


def _wanted(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Decision:
    newest = _newest(head)
    if newest and _is_live(spec, live, newest):
        reason = f"{version_label(newest.version)} was approved again and is live"
        return Decision(Action.CONFIRM, reason, look_again_at=now, approval=newest)
    judged = _judged(spec, observed, head, newest, now) if newest else None
    way_back = _way_back(spec, observed, head, live, now)
    if newest and isinstance(judged, Verdict):
        burning = _burning(spec, observed, head, live) if now >= head.clears_at else ()
        if way_back and way_back.action is Action.UPDATE and _is_held_up(spec, head, newest, burning):
            return way_back
        return _forward(newest, judged, live, burning)
    if way_back:
        return way_back
    if isinstance(judged, Decision):
        return judged
    return _resize(spec, head, live, now) or Decision(Action.KEEP, "what is live is what is wanted")


def _forward(newest: Approval, verdict: Verdict, live: Live, burning: tuple[FiredAlarm, ...]) -> Decision:
    reason = f"put {version_label(newest.version)} live, approved by {newest.by or 'unknown'}"
    if burning:
        reason += f", in place of {version_label(live.version or live.config)}, whose alarm {burning[0].name} fired"
    return Decision(
        Action.UPDATE,
        "; ".join((reason, *gate.let_pass(verdict.checks))),
        approval=newest,
        purpose=Purpose.UPDATE,
        quarantine=bool(burning),
        fired=burning,
        verdict=verdict,
    )


def _is_held_up(spec: Spec, head: Head, newest: Approval, burning: tuple[FiredAlarm, ...]) -> bool:
    """One of the user's alarms burns, which would end the next rollout at once: first back, and forward once it is
    out. Only an operator lets a version go without it."""
    let = any(override.check == gate.ALARMS for override in head.overrides_of(newest))
    return not let and any(alarm.name in spec.rollback_on.alarms for alarm in burning)


def _newest(head: Head) -> Approval | None:
    return max(head.approvals, key=lambda approval: approval.rank, default=None)


def _is_live(spec: Spec, live: Live, approval: Approval) -> bool:
    """Whether what was approved is what serves. The version's artifacts may have been changed since it went live, and
    then approved again."""
    if approval.version != live.version or live.settings not in (spec.settings, None):
        return False
    return is_what_runs(live.approval.pin if live.approval else None, approval.pin, pinned=spec.gate.pin)


def _judged(spec: Spec, observed: Observed, head: Head, approval: Approval, now: float) -> Verdict | Decision:
    """The verdict that lets the newest approval pass, or why it cannot go now. Evidence that cannot be read holds; it
    never falls through to an older approval."""
    if obstacle := _before_the_gate(observed, head, approval, now):
        return obstacle
    package = observed.packages[approval.version]
    verdict = gate.judge(spec, package, approval, observed.evidence, head.overrides, now)
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
    verdict = gate.authorise(observed.packages[approval.version])
    if verdict.answer is not Answer.PASSED:
        return _shut(approval, verdict, now)
    if waiting := _waiting(head, approval, now):
        return waiting
    return Decision(Action.HOLD, f"paused: {head.paused}", approval=approval) if head.paused else None


def _shut(approval: Approval, verdict: Verdict, now: float) -> Decision:
    label = version_label(approval.version)
    if verdict.answer is Answer.REFUSED:
        reason = f"{label} is refused: {verdict.reason}"
        return Decision(Action.REFUSE, reason, look_again_at=now, approval=approval, verdict=verdict)
    again = verdict.look_again_at or now + HOLD_LOOK_SECONDS
    reason = f"{label} is held: {verdict.reason}"
    return Decision(Action.HOLD, reason, look_again_at=again, approval=approval, verdict=verdict)


def _waiting(head: Head, approval: Approval, now: float) -> Decision | None:
    not_before = max((r.not_before for r in head.retries if r.order == approval.order), default=0.0)
    if now >= not_before:
        return None
    return Decision(Action.WAIT, f"{version_label(approval.version)} is tried again later", look_again_at=not_before)


def _way_back(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Decision | None:
    """Back to the last good version, if the live one was revoked or burns within its watch window."""
    burning = _burning(spec, observed, head, live)
    if live.version and not head.is_approved(live.version):
        why, quarantine = f"{version_label(live.version)} is live and was revoked", False
    elif live.version and burning and now < head.clears_at:
        reason = f"{burning[0].name} may still tell of the fleet that was rolled back; it is read again when it cannot"
        return Decision(Action.WAIT, reason, look_again_at=head.clears_at)
    elif live.version and burning:
        why = f"{version_label(live.version)} is live and {burning[0].name} fired: {burning[0].reason}"
        quarantine = True
    elif live.approval and (live.is_condemned or head.is_quarantined(live.approval, live.settings or "")):
        # Its alarm may be out by now; that it fired was written down when its first replacement began.
        why, quarantine = f"{version_label(live.approval.version)} is live and is quarantined", False
    else:
        return None
    back = _last_good(spec, head, live)
    if back is None:
        return Decision(Action.ALERT, f"{why}; there is no good version to go back to, so it keeps serving")
    return _waiting(head, back, now) or Decision(
        Action.UPDATE,
        f"{why}; back to {version_label(back.version)}",
        approval=back,
        purpose=Purpose.REVERT,
        quarantine=quarantine,
        fired=burning,
    )


def _burning(spec: Spec, observed: Observed, head: Head, live: Live) -> tuple[FiredAlarm, ...]:
    """The standing alarms that fired for what is live, within its watch window. Who approves it again once they fired
    wants it all the same, as with what is quarantined."""
    begun = live.since if live.suspect_from is None else live.suspect_from
    since = max(begun, live.approval.wanted_at) if live.approval else begun
    window = spec.rollback_on.watch_seconds
    return tuple(
        alarm
        for alarm in observed.standing
        if live.is_watched(window, alarm.at) and alarm.at >= max(since, _cleared(spec, head, alarm))
    )


def _cleared(spec: Spec, head: Head, alarm: FiredAlarm) -> float:
    """Until when an alarm may have fired for a fleet that was rolled back. How long one of the user's then goes on to
    tell of it nobody knows, so it does not count until it fires anew."""
    return head.clears_at if alarm.name in spec.rollback_on.alarms else 0.0


def _last_good(spec: Spec, head: Head, live: Live) -> Approval | None:
    """Never one that burned when it was live, whatever the settings were and are: two versions would take turns."""
    for good in head.good:
        approval = good.approval
        if (
            approval
            and approval.version != live.version
            and head.is_approved(approval.version)
            and not good.is_condemned
            and not head.is_quarantined(approval, spec.settings)
            and not head.is_quarantined(approval, good.settings or "")
        ):
            return approval
    return None


def _resize(spec: Spec, head: Head, live: Live, now: float) -> Decision | None:
    """The live version with the spec's changed settings. An adopted config's settings are not known, so they stand."""
    if live.approval is None or live.settings in (spec.settings, None):
        return None
    if head.is_quarantined(live.approval, spec.settings):
        return Decision(Action.KEEP, "the spec's changed settings were rolled back; what was live before stays")
    count, kind = spec.variant.instance_count, spec.variant.instance_type
    same_fleet = (live.instance_count, live.instance_type) == (count, kind)
    changed = "with other settings" if same_fleet else f"on {count} x {kind}"
    return _waiting(head, live.approval, now) or Decision(
        Action.UPDATE,
        f"the spec changed: {version_label(live.approval.version)} {changed}",
        approval=live.approval,
        purpose=Purpose.RESIZE,
    )


def _hold(spec: Spec, endpoint: Endpoint, head: Head, now: float) -> Decision | None:
    """Holds that stand whatever is wanted."""
    if head.paused:
        return Decision(Action.HOLD, f"paused: {head.paused}")
    if endpoint.variants != (spec.variant.name,):
        # Guardrails need the same variant names in the old and the new config.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        found = ", ".join(endpoint.variants) or "none"
        reason = f"the endpoint's variants are {found}, but the spec's is {spec.variant.name}: guardrails need the same"
        return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS)
    return _hold_of_another_kind(spec, endpoint, head.live, now)


def _hold_of_another_kind(spec: Spec, endpoint: Endpoint, live: Live | None, now: float) -> Decision | None:
    """AWS refuses an update from instances to serverless, so there is no way back from one to instances either. Of an
    adopted endpoint it has to say so itself. Who calls an asynchronous endpoint cannot call a real-time one.
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html"""
    is_serverless, on_instances = endpoint.is_serverless, live is not None and live.instance_type is not None
    if is_serverless and spec.variant.serverless is None:
        found = "the endpoint is serverless, but the spec's variant has instances: AWS takes no way back from that"
    elif spec.variant.serverless and on_instances and not is_serverless:
        found = "the endpoint is on instances, but the spec's variant is serverless: AWS refuses that update"
    elif endpoint.is_asynchronous and spec.serving.asynchronous is None:
        found = "the endpoint is asynchronous, but the spec's is real-time: its callers could not call it any more"
    elif spec.serving.asynchronous and not endpoint.is_asynchronous:
        found = "the endpoint is real-time, but the spec's is asynchronous: its callers could not call it any more"
    else:
        return None
    reason = f"{found}; give it an entry, and an endpoint, of its own"
    return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS)
