"""Judging an open attempt: what became of its rollout. Pure.

SageMaker has no status for a rollback: the endpoint ends InService on the old config, and FailureReason may be empty.
So a success is InService *and* the new config. Anything else needs a sign that SageMaker accepted the update at all.
"""

import dataclasses

from lambdas.gate.decide.action import Accept, Alert, Close, Defer, Judgement, RequestAbort, Wait
from lambdas.gate.decide.decision import BUSY_RECONCILE_SECONDS
from lambdas.gate.decide.failure import Cause, cause_of
from lambdas.gate.decide.judging import settled_at, stopped, verdict_text, worse_text
from lambdas.gate.decide.not_in_service import not_in_service
from lambdas.gate.decide.resize import changes_settings_only, restores_settings
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.judge import JudgeMode
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import AbortCause, Attempt, Outcome, Purpose
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint, EndpointStatus, FiredAlarm, Observed
from lambdas.gate.state.orders import Abort
from lambdas.gate.state.rung import Copying
from lambdas.gate.state.tries import Retry
from lambdas.gate.text import counted
from lambdas.gate.timing import LOCK

RETRY_SECONDS = (300, 900, 2700)
"""The waits between the tries of an approval that failed for a temporary reason. After the last it is given up."""
LONGEST_RETRY_SECONDS = 3600
"""The wait between further tries if there is no capacity, until the spec's deadline."""
OVERDUE_SECONDS = 900
"""What SageMaker may need beyond a rollout's time limit to roll it back."""
REACTION_SECONDS = 60
"""How long SageMaker has to act on an alarm by itself. AWS does not say how often it reads them."""
MAXIMUM_UNKNOWN = 2
"""How many tries an approval has if the last one failed for an unknown reason. Each launches a fleet. A revert has all
tries, because its version has served before."""
MAXIMUM_UNSEEN = 2
"""How many tries may show no sign that SageMaker accepted them."""
SERVING = frozenset(
    {
        EndpointStatus.IN_SERVICE,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
    }
)
"""Statuses in which DescribeEndpoint's config takes traffic. During an update that is the old config. So if it is the
attempt's config, somebody else or AWS is already making the next change."""


def judge(observed: Observed, head: Head, attempt: Attempt, now: float) -> Judgement:
    """Return what to do about an endpoint with an open attempt."""
    decision = _judge(observed, head, attempt, now)
    if attempt.abort is None or not isinstance(decision, Close):
        return decision
    return _not_again(decision, head, attempt, attempt.abort, now)


def _not_again(decision: Close, head: Head, attempt: Attempt, abort: Abort, now: float) -> Close:
    """Return how to close an attempt that an operator ordered to abort: however it ended, the version is not rolled out
    again automatically, and does not stay live.

    A revert is paused by the order, and continues when the pause ends. Changed settings of the live version stay. The
    order also ends the rung of a version that became the shadow all the same.
    """
    is_live = decision.outcome is Outcome.SUCCEEDED
    ordered = f"; an operator ordered its abort: {abort.reason}"
    reason = decision.reason if decision.outcome is Outcome.ABORTED else decision.reason + ordered
    alert = reason if decision.alert is None else f"{decision.alert}{ordered}"
    ended = dataclasses.replace(decision, reason=reason, alert=alert if is_live else decision.alert)
    if attempt.purpose.is_back or (is_live and changes_settings_only(head, attempt)):
        return ended
    return dataclasses.replace(ended, reconcile_at=now, quarantine=True, retry=None)


def _judge(observed: Observed, head: Head, attempt: Attempt, now: float) -> Judgement:
    endpoint = observed.endpoint
    if endpoint is None:
        return _judge_missing(head, attempt, now)
    if is_live(endpoint, attempt):
        return _succeeded(observed, endpoint, head, attempt, now)
    may_be_calling = _may_be_calling(attempt, now)
    is_replaced = not may_be_calling and _is_replaced(endpoint, attempt)
    if endpoint.is_busy and not is_replaced:
        return _judge_busy(observed, endpoint, head, attempt, now)
    if may_be_calling:
        # Whatever is observed now, a decision about it would not stop the call.
        return Defer("another invocation is about to update the endpoint", attempt.opened_at + LOCK)
    if endpoint.status == EndpointStatus.FAILED:
        alert = not_in_service(head.endpoint, endpoint)
        return _quarantined(alert.reason, now, alert.notice)
    if endpoint.status != EndpointStatus.IN_SERVICE and not is_replaced:
        return not_in_service(head.endpoint, endpoint)
    if attempt.live_at is not None:
        return _replaced(endpoint, head, attempt, now)
    if endpoint.config != attempt.previous_config:
        reason = f"somebody else put {endpoint.config} on the endpoint during the rollout"
        return Close(reason, now, outcome=Outcome.SUPERSEDED, alert=reason)
    return _judge_old_config(observed, endpoint, head, attempt, now)


def is_live(endpoint: Endpoint, attempt: Attempt) -> bool:
    """True if the attempt's fleet takes all traffic, whatever change comes next.

    AWS does not document that an endpoint that is Updating always names the config that serves, and the next one in
    PendingDeploymentSummary. Without that summary it may be the attempt's own rollout.
    """
    if endpoint.status == EndpointStatus.UPDATING and endpoint.pending_config is None:
        return False
    serving = endpoint.status in SERVING and endpoint.pending_config != attempt.fleet.config
    return endpoint.config == attempt.fleet.config and serving


def _may_be_calling(attempt: Attempt, now: float) -> bool:
    """True if the invocation that opened the attempt may still be about to call SageMaker."""
    return attempt.accepted_at is None and now < attempt.opened_at + LOCK


def _is_replaced(endpoint: Endpoint, attempt: Attempt) -> bool:
    """True if somebody put another config there, and a further change is under way, which may put the old config back.
    While an endpoint is Updating, its config is the old one, and LastModifiedTime is that of the update."""
    is_further = endpoint.status == EndpointStatus.UPDATING and endpoint.modified_at > attempt.opened_at
    is_own = attempt.fleet.config in (endpoint.config, endpoint.pending_config)
    return is_further and not is_own and endpoint.config not in attempt.expected_configs


def failed(
    head: Head, attempt: Attempt, reason: str, now: float, *, unseen: bool = False, cause: Cause = Cause.INTERNAL
) -> Close:
    """Return that the attempt failed. The approval is tried again after growing waits, until it is given up with an
    alert. `unseen`: there is no sign that SageMaker accepted the call."""
    scarce = cause.is_scarcity
    before = head.retry(attempt.approval.order, attempt.fleet.settings)
    since = before.since or (now if scarce else 0.0)
    retry = dataclasses.replace(before, tries=before.tries + 1, unseen=before.unseen + unseen, since=since)
    distances = (*RETRY_SECONDS, LONGEST_RETRY_SECONDS)
    not_before = now + distances[min(retry.tries, len(distances)) - 1]
    is_unknown = cause is Cause.UNKNOWN and attempt.purpose is not Purpose.REVERT
    most = MAXIMUM_UNKNOWN if is_unknown else len(RETRY_SECONDS) + 1
    late = not_before > since + attempt.capacity_seconds if scarce else retry.tries >= most
    if late or retry.unseen >= MAXIMUM_UNSEEN:
        if attempt.purpose is Purpose.END_SHADOW:
            return _tried_until_it_ends(reason, retry, now)
        label = version_label(attempt.approval.version)
        alert = f"{label} is given up after {retry.tries} tries: {reason}"
        return Close(reason, now, outcome=Outcome.FAILED, quarantine=True, retry=retry, alert=alert)
    retry = dataclasses.replace(retry, not_before=not_before)
    return Close(reason, not_before, outcome=Outcome.FAILED, retry=retry)


def _tried_until_it_ends(reason: str, retry: Retry, now: float) -> Close:
    """The end of a shadow is never given up: the live version is not at fault, and nothing may be rolled out before."""
    again = now + LONGEST_RETRY_SECONDS
    alert = f"{reason}; it is tried again every hour, and nothing else is rolled out before"
    retry = dataclasses.replace(retry, not_before=again)
    return Close(reason, again, outcome=Outcome.FAILED, retry=retry, alert=alert)


def failed_for_now(head: Head, attempt: Attempt, reason: str, not_before: float) -> Close:
    """Return that the attempt failed, without counting a try: SageMaker surely did nothing, and the obstacle goes away
    by itself."""
    retry: Retry = dataclasses.replace(
        head.retry(attempt.approval.order, attempt.fleet.settings), not_before=not_before
    )
    return Close(reason, not_before, outcome=Outcome.FAILED, retry=retry)


def _judge_missing(head: Head, attempt: Attempt, now: float) -> Defer | Wait | Close:
    if _may_be_calling(attempt, now):
        return Defer("another invocation is about to create the endpoint", attempt.opened_at + LOCK)
    if attempt.accepted_at is None and attempt.purpose is Purpose.CREATE:
        return failed(head, attempt, "there is no sign that CreateEndpoint was accepted", now, unseen=True)
    if attempt.accepted_at is not None and now < attempt.accepted_at + LOCK:
        return _not_to_be_seen(attempt, attempt.accepted_at)
    reason = "the endpoint was deleted manually during the rollout"
    return Close(reason, now, outcome=Outcome.SUPERSEDED, alert=reason)


def _judge_busy(
    observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float
) -> Accept | RequestAbort | Alert | Wait:
    ours = attempt.fleet.config in (endpoint.pending_config, endpoint.config)
    if ours and attempt.accepted_at is None:
        reason = f"SageMaker is at work on {attempt.fleet.config}: the call was accepted"
        return Accept(reason, now)
    stop = _why_stop(head, attempt)
    if stop and ours and attempt.abort_reason is None:
        cause, why = stop
        return RequestAbort(why, now, cause=cause)
    if ours and observed.fired and attempt.abort_reason is None:
        return _not_acted_on(observed.fired[0], attempt, now)
    if ours and now >= attempt.began + attempt.maximum_seconds + OVERDUE_SECONDS:
        reason = f"{attempt.fleet.config} is still on its way after the time limit of {attempt.maximum_seconds} s"
        notice = Notice(Code.ROLLOUT_OVERDUE, str(attempt.number))
        return Alert(f"{reason}: ask AWS Support why", now + BUSY_RECONCILE_SECONDS, notice=notice)
    reconcile_at = attempt.expected_end if now < attempt.expected_end else now + BUSY_RECONCILE_SECONDS
    return Wait(f"the endpoint is {endpoint.status}", reconcile_at)


def _not_acted_on(alarm: FiredAlarm, attempt: Attempt, now: float) -> RequestAbort | Wait:
    """An alarm of the rollout fired. SageMaker may have refused or ignored it, because it has metric math."""
    acts_at = alarm.at + REACTION_SECONDS
    if now < acts_at:
        return Wait(f"{alarm.name} fired; SageMaker is given time to roll back", acts_at)
    label = version_label(attempt.approval.version)
    reason = f"SageMaker did not roll {label} back although {alarm.name} fired: {alarm.reason}"
    return RequestAbort(reason, now, cause=AbortCause.ALARM, alarm=alarm.name)


def _why_stop(head: Head, attempt: Attempt) -> tuple[AbortCause, str] | None:
    """Return why the rollout must not go on, also in words; None if it may."""
    label = version_label(attempt.approval.version)
    if attempt.revoked_at is not None or not head.is_approved(attempt.approval.version):
        return AbortCause.REVOKED, f"{label} was revoked during its rollout"
    if attempt.doubt is not None:
        return AbortCause.DOUBTED, attempt.doubt
    if attempt.abort is not None:
        return AbortCause.ORDERED, f"the abort of {label} was ordered: {attempt.abort.reason}"
    return (AbortCause.WORSE, worse_text(head, attempt, attempt.condemned)) if attempt.condemned else None


UNHEARD = "the prober reported no answer of the new fleet to golden requests: inconclusive"
PARTLY_HEARD = "the new fleet answered only some of the golden requests: inconclusive"


def _succeeded(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Wait | Close:
    """A version that went live without results of golden requests has not passed them. Alert and keep it: a silent
    prober says nothing about the version."""
    if attempt.copying is not None:
        return _shadowed(observed, head, attempt, attempt.copying, now)
    decision = _by_requests(observed, endpoint, head, attempt, now)
    if isinstance(decision, Close):
        decision = _by_comparison(decision, endpoint, head, attempt, now)
    if isinstance(decision, Wait) or decision.quarantine or attempt.abort or not attempt.is_unheard:
        return decision
    ended = attempt.ended(endpoint.modified_at)
    if ended is not None and now < ended + alarms.ARRIVAL_SECONDS:
        # The prober's last message may be on its way, and the whole set is sent once more to the live version.
        reason = f"{version_label(attempt.approval.version)} is live; waiting for its answers to golden requests"
        return Wait(reason, ended + alarms.ARRIVAL_SECONDS)
    unheard = PARTLY_HEARD if attempt.golden and attempt.golden.is_part else UNHEARD
    reason = f"{decision.reason}; {unheard}"
    alert = reason if decision.alert is None else f"{decision.alert}; {unheard}"
    return dataclasses.replace(decision, reason=reason, alert=alert)


def _shadowed(observed: Observed, head: Head, attempt: Attempt, copying: Copying, now: float) -> Close:
    """The version is the live one's shadow. An alarm that fired meanwhile condemns neither, so people are told."""
    label, shadow = version_label(attempt.approval.version), copying.shadow
    live = version_label(head.live.version or head.live.config) if head.live else "the live version"
    reason = f"{label} gets copies of {shadow.percent} % of the requests to {live} for {shadow.hours} h"
    alert = None
    if observed.fired:
        alert = f"{observed.fired[0].name} fired while {live} was launched anew for the shadow of {label}"
    return Close(reason, now, outcome=Outcome.SHADOWED, alert=alert, fired=observed.fired)


def _shadow_stays_as_it_was(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Close:
    """An update that should only add or remove a shadow ended on the old config.

    The live version was launched anew, so an alarm, or an instance of it that did not start, says nothing about the new
    version. Only a shadow variant that did not start condemns its version. Otherwise the update is tried again, a
    shadow's end as often as it takes.
    """
    label = version_label(attempt.approval.version)
    words = endpoint.failure_reason or "SageMaker gave no reason, and no alarm fired"
    cause, first = cause_of(endpoint.failure_reason), observed.fired[0] if observed.fired else None
    is_of_shadow = attempt.copying is not None and attempt.copying.variant in words
    is_of_container = cause in {Cause.MODEL, Cause.PERMISSION}
    if is_of_container and is_of_shadow:
        return _rolled_back(f"{label} did not start as a shadow: {words}", observed, now)
    if first is not None and not cause.is_scarcity:
        cause, words = Cause.UNKNOWN, f"{first.name} fired: {first.reason}"
    what = f"the shadow of {label} did not come" if attempt.copying else f"{label} did not lose its shadow"
    closed = failed(head, attempt, f"{what}: {words}", now, cause=Cause.UNKNOWN if is_of_container else cause)
    return dataclasses.replace(closed, fired=observed.fired)


def _by_requests(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Wait | Close:
    label, requests, enough = version_label(attempt.approval.version), observed.requests, attempt.enough
    judged = f"; {counted(requests, 'request')} reached it" if requests is not None else ""
    # Sent when the bake was about to end, or to an endpoint that was just created: nothing could be rolled back.
    wrong = attempt.golden if attempt.golden and attempt.golden.failed else None
    with_what = " with its former settings" if restores_settings(head, attempt) else ""
    closed = Close(
        f"{label} is live{with_what}{judged}",
        now,
        outcome=Outcome.SUCCEEDED,
        alert=f"{label} is live and answers wrong: {wrong.text}" if wrong else None,
    )
    if observed.fired:
        closed = _too_late(closed, observed.fired, head, attempt)
    if enough is None:
        return closed
    if requests is not None and requests >= enough.min_requests:
        return dataclasses.replace(closed, requests=requests)
    ended = attempt.ended(endpoint.modified_at)
    if ended is not None and now < ended + alarms.ARRIVAL_SECONDS:
        # Metrics are eventually consistent: those of the last minutes are missing.
        reason = f"{label} is live; waiting for the metrics that count its requests"
        return Wait(reason, ended + alarms.ARRIVAL_SECONDS)
    return _inconclusive(dataclasses.replace(closed, requests=requests), head, attempt, enough)


def _by_comparison(closed: Close, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Wait | Close:
    """Add what the judge found. The rollout is over, so a version that is worse is reverted and quarantined.

    1. It is not judged.
    2. The last minutes that both versions served are not in the metrics yet. If they cannot be read at all, there is no
       verdict, and the alarms alone guarded the rollout.
    3. The judge only observes, or people know of a reason to revert already.
    4. It is worse. If only its settings are new, it is they that are worse, and the former ones are rolled out again.
    5. Nothing says how good it is, so `evidence.otherwise` says what follows.
    """
    if attempt.judging is None:  # 1
        return closed
    rules, found = attempt.judging.rules, attempt.judging.comparison
    if found is None:  # 2
        settled = settled_at(attempt, endpoint.modified_at)
        if settled is not None and now < settled:
            label = version_label(attempt.approval.version)
            return Wait(f"{label} is live; waiting for the metrics that compare it", settled)
        return dataclasses.replace(closed, reason=f"{closed.reason}; the judge could not read the metrics")
    closed = dataclasses.replace(closed, reason=f"{closed.reason}; {verdict_text(head, attempt, found)}")
    if rules.mode is JudgeMode.OBSERVE or closed.quarantine:  # 3
        return closed
    if attempt.condemned and changes_settings_only(head, attempt):  # 4
        reason = f"{closed.reason}, so it gets its former settings back"
        return dataclasses.replace(closed, reason=reason, restores_settings=True)
    if attempt.condemned:
        return _reverted(closed, Otherwise.REVERT, head, attempt)
    is_known = found.verdict is Verdict.NOT_WORSE_SEEN
    return closed if is_known else _reverted(closed, rules.otherwise, head, attempt)  # 5


def _reverted(closed: Close, otherwise: Otherwise, head: Head, attempt: Attempt) -> Close:
    """Close as `otherwise` says, for the reason that `closed` has. Changed settings of the same version have no version
    to go back to, so they are reported."""
    if otherwise is Otherwise.ACCEPT:
        return dataclasses.replace(closed, reason=f"{closed.reason}, and accepted")
    if otherwise is Otherwise.REVERT and _brings_another_version(head, attempt):
        return dataclasses.replace(closed, reason=f"{closed.reason}, so it is reverted", quarantine=True)
    return dataclasses.replace(closed, alert=_besides(closed.alert, closed.reason))


def _too_late(closed: Close, fired: tuple[FiredAlarm, ...], head: Head, attempt: Attempt) -> Close:
    """An alarm of the new fleet fired when SageMaker no longer watched: for the last minutes of the bake, whose periods
    were not over, or while the old fleet was taken down. If only a shadow went, that condemns nobody."""
    if attempt.purpose.keeps_live:
        anew = f"{closed.reason}; {fired[0].name} fired while it was launched anew: {fired[0].reason}; it stays live"
        return dataclasses.replace(closed, reason=anew, alert=_besides(closed.alert, anew), fired=fired)
    reason = f"{closed.reason}; {fired[0].name} fired too late for SageMaker to roll it back: {fired[0].reason}"
    goes_back = _brings_another_version(head, attempt)
    return dataclasses.replace(
        closed, reason=reason, alert=_besides(closed.alert, reason), quarantine=goes_back, fired=fired
    )


def _brings_another_version(head: Head, attempt: Attempt) -> bool:
    """True if the attempt replaced another version, so that there is one to go back to. With changed settings only
    there is none: an alarm blames the settings, and the version was good with the former ones."""
    return attempt.purpose is Purpose.UPDATE and not changes_settings_only(head, attempt)


def _besides(alert: str | None, reason: str) -> str:
    """The alert with one more reason."""
    return f"{alert}; {reason}" if alert else reason


def _replaced(endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Close:
    """The attempt was seen live, so the config that serves now is somebody's own change, even if it is the old config.
    The next reconcile records that change."""
    label, enough = version_label(attempt.approval.version), attempt.enough
    goes_back = _brings_another_version(head, attempt)
    unproven = enough is not None and enough.otherwise is Otherwise.REVERT and goes_back
    reason = f"{label} was live; {endpoint.config} was put in its place"
    reason += " before the requests that reached it were counted"
    return Close(reason, now, outcome=Outcome.SUCCEEDED, quarantine=unproven)


def _inconclusive(closed: Close, head: Head, attempt: Attempt, enough: MinimumRequests) -> Close:
    """Fewer requests reached the new fleet than the minimum, or nobody knows how many, so no alarm could tell."""
    fewer = f", fewer than the {enough.min_requests} of the minimum"
    if closed.requests is None:
        fewer = f"; its requests could not be counted, and the minimum is {enough.min_requests}"
    inconclusive = dataclasses.replace(closed, reason=f"{closed.reason}{fewer}: inconclusive")
    return _reverted(inconclusive, enough.otherwise, head, attempt)


def _judge_old_config(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Wait | Close:
    """The endpoint is InService on the old config.

    1. The update was accepted and has ended if an alarm of the new fleet fired, if the attempt's alarms are in
       LastDeploymentConfig, or if the call was answered.
    2. Without any of these signs nothing is known. LastModifiedTime moves for other reasons too (autoscaling,
       patching).
    """
    label = version_label(attempt.approval.version)
    own = alarms.own_alarms(head.endpoint, attempt)
    carried = any(name in own for name in endpoint.deployment_alarms)
    own_fired = [alarm for alarm in observed.fired if alarm.name in own]
    if attempt.accepted_at is None and not carried and not own_fired:
        return failed(head, attempt, "there is no sign that UpdateEndpoint was accepted", now, unseen=True)
    since = attempt.accepted_at or attempt.opened_at
    if now < since + LOCK and endpoint.modified_at == attempt.modified_at:
        return _not_to_be_seen(attempt, since)
    if attempt.fleet.serverless:
        return _not_switched(endpoint, head, attempt, now)
    aborted = attempt.abort_reason
    others = [alarm for alarm in observed.fired if not alarm.name.endswith(f"/{alarms.ABORT}")]
    if attempt.condemned and attempt.abort_cause in (AbortCause.WORSE, None):
        # Without a cause, nobody wrote that SageMaker was asked, or an earlier release did. Whatever else that release
        # may have asked for stands: an order is added to any end, and the gate is asked again about the approval.
        if not others:
            return dataclasses.replace(stopped(head, attempt, attempt.condemned, now), fired=observed.fired)
        aborted = None
    elif aborted is None and own_fired and own_fired[0].name.endswith(f"/{alarms.ABORT}"):
        # Only the deployer makes this alarm fire. The row that says why was not written.
        aborted = "its abort was requested"
    if aborted is not None and attempt.abort_alarm is None:
        reason = f"{label} was aborted: {aborted}"
        return Close(reason, now, outcome=Outcome.ABORTED, fired=observed.fired)
    if attempt.purpose.keeps_live:
        return _shadow_stays_as_it_was(observed, endpoint, head, attempt, now)
    cause = cause_of(endpoint.failure_reason)
    if others and (own_fired or not cause.is_scarcity):
        first = others[0]
        reason = f"{label} was rolled back: {first.name} fired: {first.reason}"
        if attempt.golden is not None and attempt.golden.failed and first.name.endswith(f"/{alarms.GOLDEN}"):
            reason += f"; {attempt.golden.text}"
        return _rolled_back(reason, observed, now)
    if attempt.abort_alarm is not None:
        return _rolled_back(f"{label} was rolled back: {attempt.abort_alarm} fired", observed, now)
    words = endpoint.failure_reason or "SageMaker gave no reason, and no alarm fired"
    if cause is Cause.MODEL:
        return _rolled_back(f"{label} was rolled back: {words}", observed, now)
    return _not_started(f"the rollout of {label} failed: {words}", cause, head, attempt, now)


def _not_switched(endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Close:
    """A serverless update failed. Without guardrails nothing is rolled back: the old config is still live."""
    cause, words = cause_of(endpoint.failure_reason), endpoint.failure_reason or "SageMaker gave no reason"
    reason = f"the update to {version_label(attempt.approval.version)} failed: {words}"
    return _not_started(reason, cause, head, attempt, now)


def _not_started(reason: str, cause: Cause, head: Head, attempt: Attempt, now: float) -> Close:
    if cause in {Cause.MODEL, Cause.PERMISSION}:
        return _quarantined(reason, now)
    return failed(head, attempt, reason, now, cause=cause)


def _not_to_be_seen(attempt: Attempt, since: float) -> Wait:
    # DescribeEndpoint may still answer from before the call. No rollout ends this soon.
    reason = f"the rollout of {version_label(attempt.approval.version)} is not visible yet"
    return Wait(reason, since + LOCK)


def _rolled_back(reason: str, observed: Observed, now: float) -> Close:
    return Close(reason, now, outcome=Outcome.ROLLED_BACK, quarantine=True, fired=observed.fired)


def _quarantined(reason: str, now: float, notice: Notice | None = None) -> Close:
    """Close as failed for good, and alert."""
    return Close(reason, now, outcome=Outcome.FAILED, quarantine=True, alert=reason, notice=notice)
