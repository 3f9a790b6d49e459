"""Judging an open attempt: what became of the update. Pure.

A rollback is never a status: SageMaker ends it InService on the old config, and FailureReason may be empty. So
success is InService *and* the config asked for, and everything else needs a witness that the update was accepted at
all.
"""

import dataclasses

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.decide.decision import BUSY_LOOK_SECONDS
from lambdas.gate.decide.not_in_service import out_of_order
from lambdas.gate.decide.resize import changes_settings_only
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Outcome, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint, EndpointStatus, FiredAlarm, Observed
from lambdas.gate.state.orders import Abort
from lambdas.gate.state.tries import Retry
from lambdas.gate.timing import LOCK

RETRY_SECONDS = (300, 900, 2700)
"""Distances between the tries of an approval that failed for a reason that may pass; after the last it is given up."""
LONGEST_RETRY_SECONDS = 3600
"""Where there is no capacity: from then on, until the spec's deadline."""
OVERDUE_SECONDS = 900
"""Beyond a rollout's time limit, to roll it back."""
MAXIMUM_UNSEEN = 2
"""Tries without any sign that SageMaker accepted them."""
SERVING = frozenset(
    {
        EndpointStatus.IN_SERVICE,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
    }
)
"""DescribeEndpoint's config takes traffic. While the endpoint is updated it is the one before, so where that is ours,
somebody else or AWS is already at the next change."""
SCARCITY = (
    "insufficientinstancecapacity",
    "requested ml compute capacity",
    "resourcelimitexceeded",
    "service limit",
    "quota",
)
"""Parts of FailureReason that say that there are no instances to be had."""
MODEL_FAILURES = ("ping health check", "model data", "model artifact", "container image")
"""Parts of FailureReason that blame the model. Any other cause, or none, may pass and is tried again a few times."""


def judge(observed: Observed, head: Head, attempt: Attempt, now: float) -> Decision:
    """What to do about an endpoint with an open attempt."""
    decision = _judge(observed, head, attempt, now)
    if attempt.abort is None or decision.action is not Action.CLOSE:
        return decision
    return _not_again(decision, head, attempt, attempt.abort, now)


def _not_again(decision: Decision, head: Head, attempt: Attempt, abort: Abort, now: float) -> Decision:
    """However it ended, what an operator ordered off does not start again by itself, and does not stay live. A way
    back is paused with the order, and goes when that is ended; other settings of what is live stay where they are."""
    is_live = decision.outcome is Outcome.SUCCEEDED
    ordered = f"; its abort was ordered: {abort.reason}"
    reason = decision.reason if decision.outcome is Outcome.ABORTED else decision.reason + ordered
    alert = reason if decision.alert is None else f"{decision.alert}{ordered}"
    told = dataclasses.replace(decision, reason=reason, alert=alert if is_live else decision.alert)
    if attempt.purpose is Purpose.REVERT or (is_live and changes_settings_only(head, attempt)):
        return told
    return dataclasses.replace(told, look_again_at=now, quarantine=True, retry=None)


def _judge(observed: Observed, head: Head, attempt: Attempt, now: float) -> Decision:
    endpoint = observed.endpoint
    young = attempt.accepted_at is None and now < attempt.opened_at + LOCK
    if endpoint is None:
        return _judge_missing(head, attempt, young, now)
    if is_live(endpoint, attempt):
        return _succeeded(observed, endpoint, head, attempt, now)
    is_replaced = not young and _is_replaced(endpoint, attempt)
    if endpoint.is_busy and not is_replaced:
        return _judge_busy(endpoint, head, attempt, now)
    if young:
        # Whatever is seen now: what was decided on it would not hold back the call.
        return Decision(
            Action.DEFER, "another invocation is about to update the endpoint", look_again_at=attempt.opened_at + LOCK
        )
    if endpoint.status == EndpointStatus.FAILED:
        reason = out_of_order(head.endpoint, endpoint)
        return Decision(Action.CLOSE, reason, look_again_at=now, outcome=Outcome.FAILED, quarantine=True, alert=reason)
    if endpoint.status != EndpointStatus.IN_SERVICE and not is_replaced:
        return Decision(Action.ALERT, out_of_order(head.endpoint, endpoint))
    if attempt.live_at is not None:
        return _replaced(endpoint, head, attempt, now)
    if endpoint.config != attempt.previous_config:
        reason = f"somebody else put {endpoint.config} on the endpoint during the attempt"
        return Decision(Action.CLOSE, reason, look_again_at=now, outcome=Outcome.SUPERSEDED, alert=reason)
    return _judge_old_config(observed, endpoint, head, attempt, now)


def is_live(endpoint: Endpoint, attempt: Attempt) -> bool:
    """Its fleet takes all traffic, whatever comes next."""
    serving = endpoint.status in SERVING and endpoint.pending_config != attempt.fleet.config
    return endpoint.config == attempt.fleet.config and serving


def _is_replaced(endpoint: Endpoint, attempt: Attempt) -> bool:
    """Whether somebody put another config there, and a further change is under way, which may put back what was there
    before. While an endpoint is Updating its config is the one before, and LastModifiedTime tells of the update."""
    is_further = endpoint.status == EndpointStatus.UPDATING and endpoint.modified_at > attempt.opened_at
    is_own = attempt.fleet.config in (endpoint.config, endpoint.pending_config)
    return is_further and not is_own and endpoint.config not in attempt.expected_configs


def failed(
    head: Head, attempt: Attempt, reason: str, now: float, *, unseen: bool = False, scarce: bool = False
) -> Decision:
    """Close as failed; tried again with growing distance, until it is given up and people are told. `scarce`: AWS has
    no capacity, or the account no quota, which may pass in hours and not in tries."""
    before = head.retry(attempt.approval.order, attempt.fleet.settings)
    since = before.since or (now if scarce else 0.0)
    retry = dataclasses.replace(before, tries=before.tries + 1, unseen=before.unseen + unseen, since=since)
    distances = (*RETRY_SECONDS, LONGEST_RETRY_SECONDS)
    not_before = now + distances[min(retry.tries, len(distances)) - 1]
    late = not_before > since + attempt.capacity_seconds if scarce else retry.tries > len(RETRY_SECONDS)
    if late or retry.unseen >= MAXIMUM_UNSEEN:
        label = version_label(attempt.approval.version)
        alert = f"{label} is given up after {retry.tries} tries: {reason}"
        return Decision(
            Action.CLOSE, reason, look_again_at=now, outcome=Outcome.FAILED, quarantine=True, retry=retry, alert=alert
        )
    retry = dataclasses.replace(retry, not_before=not_before)
    return Decision(Action.CLOSE, reason, look_again_at=not_before, outcome=Outcome.FAILED, retry=retry)


def failed_for_now(head: Head, attempt: Attempt, reason: str, not_before: float) -> Decision:
    """Close as failed where SageMaker surely did nothing and the obstacle passes by itself; no try is counted."""
    retry: Retry = dataclasses.replace(
        head.retry(attempt.approval.order, attempt.fleet.settings), not_before=not_before
    )
    return Decision(Action.CLOSE, reason, look_again_at=not_before, outcome=Outcome.FAILED, retry=retry)


def _judge_missing(head: Head, attempt: Attempt, young: bool, now: float) -> Decision:
    if young:
        return Decision(
            Action.DEFER, "another invocation is about to create the endpoint", look_again_at=attempt.opened_at + LOCK
        )
    if attempt.accepted_at is None and attempt.purpose is Purpose.CREATE:
        return failed(head, attempt, "there is no sign that CreateEndpoint was accepted", now, unseen=True)
    if attempt.accepted_at is not None and now < attempt.accepted_at + LOCK:
        return _not_to_be_seen(attempt, attempt.accepted_at)
    reason = "the endpoint was deleted by hand during the attempt"
    return Decision(Action.CLOSE, reason, look_again_at=now, outcome=Outcome.SUPERSEDED, alert=reason)


def _judge_busy(endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Decision:
    ours = attempt.fleet.config in (endpoint.pending_config, endpoint.config)
    if ours and attempt.accepted_at is None:
        reason = f"SageMaker is at work on {attempt.fleet.config}: the call was accepted"
        return Decision(Action.ACCEPT, reason, look_again_at=now)
    why = _why_stop(head, attempt)
    if why and ours and attempt.abort_reason is None:
        return Decision(Action.REQUEST_ABORT, why, look_again_at=now)
    if ours and now >= attempt.began + attempt.maximum_seconds + OVERDUE_SECONDS:
        reason = f"{attempt.fleet.config} is still on its way after the time limit of {attempt.maximum_seconds} s"
        return Decision(Action.ALERT, f"{reason}: ask AWS Support why", look_again_at=now + BUSY_LOOK_SECONDS)
    looks_at = attempt.expected_end if now < attempt.expected_end else now + BUSY_LOOK_SECONDS
    return Decision(Action.WAIT, f"the endpoint is {endpoint.status}", look_again_at=looks_at)


def _why_stop(head: Head, attempt: Attempt) -> str | None:
    label = version_label(attempt.approval.version)
    if not head.is_approved(attempt.approval.version):
        return f"{label} was revoked during its rollout"
    return f"the abort of {label} was ordered: {attempt.abort.reason}" if attempt.abort else None


UNHEARD = "its prober told of no answer of the new fleet to golden requests: inconclusive"
PARTLY_HEARD = "the new fleet answered only a part of the golden requests: inconclusive"


def _succeeded(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Decision:
    """What went live without anybody knowing what it answers has not passed. People are told, and it stays: that the
    prober is silent says nothing about the version."""
    decision = _by_requests(observed, endpoint, head, attempt, now)
    if decision.action is not Action.CLOSE or decision.quarantine or attempt.abort or not attempt.is_unheard:
        return decision
    ended = attempt.ended(endpoint.modified_at)
    if ended is not None and now < ended + alarms.ARRIVAL_SECONDS:
        # The prober's last message may be on its way, and what is live is played the whole set once more.
        told = f"{version_label(attempt.approval.version)} is live; what it answers to golden requests is still to come"
        return Decision(Action.WAIT, told, look_again_at=ended + alarms.ARRIVAL_SECONDS)
    unheard = PARTLY_HEARD if attempt.golden and attempt.golden.is_part else UNHEARD
    reason = f"{decision.reason}; {unheard}"
    alert = reason if decision.alert is None else f"{decision.alert}; {unheard}"
    return dataclasses.replace(decision, reason=reason, alert=alert)


def _by_requests(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Decision:
    label, requests, enough = version_label(attempt.approval.version), observed.requests, attempt.enough
    judged = f"; {requests} requests judged it" if requests is not None else ""
    # Played when the bake was about to end, or to an endpoint that was just created: nothing was to roll back.
    wrong = attempt.golden if attempt.golden and attempt.golden.failed else None
    closed = Decision(
        Action.CLOSE,
        f"{label} is live{judged}",
        look_again_at=now,
        outcome=Outcome.SUCCEEDED,
        alert=f"{label} is live and answers wrong: {wrong.told}" if wrong else None,
    )
    if observed.fired:
        closed = _too_late(closed, observed.fired, head, attempt)
    if enough is None or requests is None:
        return closed
    if requests >= enough.min_requests:
        return dataclasses.replace(closed, requests=requests)
    ended = attempt.ended(endpoint.modified_at)
    if ended is not None and now < ended + alarms.ARRIVAL_SECONDS:
        # Metrics are eventually there; those of the last minutes are not yet.
        told = f"{label} is live; whether enough requests judged it is still to be seen"
        return Decision(Action.WAIT, told, look_again_at=ended + alarms.ARRIVAL_SECONDS)
    return _inconclusive(dataclasses.replace(closed, requests=requests), head, attempt, enough)


def _too_late(closed: Decision, fired: tuple[FiredAlarm, ...], head: Head, attempt: Attempt) -> Decision:
    """An alarm that only the new fleet can fire did, once SageMaker no longer watched: of the last minutes of the bake,
    for which its periods were not over, or while the old fleet was taken down."""
    reason = f"{closed.reason}; {fired[0].name} fired too late for SageMaker to roll it back: {fired[0].reason}"
    goes_back = _brings_another_version(head, attempt)
    return dataclasses.replace(
        closed, reason=reason, alert=_besides(closed.alert, reason), quarantine=goes_back, fired=fired
    )


def _brings_another_version(head: Head, attempt: Attempt) -> bool:
    """True if the version that was live before is there to go back to. With the same version and other settings it is
    not: what fires blames the settings, and the version was good with those before."""
    return attempt.purpose is Purpose.UPDATE and not changes_settings_only(head, attempt)


def _besides(alert: str | None, reason: str) -> str:
    """What people must know, with what they must know already."""
    return f"{alert}; {reason}" if alert else reason


def _replaced(endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Decision:
    """It was seen live, so what serves now is somebody's own change, even if it is what was there before. The next look
    records that."""
    label, enough = version_label(attempt.approval.version), attempt.enough
    goes_back = _brings_another_version(head, attempt)
    unproven = enough is not None and enough.otherwise is Otherwise.REVERT and goes_back
    reason = f"{label} was live; {endpoint.config} was put in its place"
    reason += " before it was seen whether enough requests judged it"
    return Decision(Action.CLOSE, reason, look_again_at=now, outcome=Outcome.SUCCEEDED, quarantine=unproven)


def _inconclusive(closed: Decision, head: Head, attempt: Attempt, enough: MinimumRequests) -> Decision:
    """Fewer requests judged it than were asked for: no alarm could tell. With changed settings of what was live
    before there is no version to go back from, so people are told instead."""
    reason = f"{closed.reason}, fewer than the {enough.min_requests} asked for: inconclusive"
    if enough.otherwise is Otherwise.ACCEPT:
        return dataclasses.replace(closed, reason=f"{reason}, and accepted")
    if enough.otherwise is Otherwise.REVERT and _brings_another_version(head, attempt):
        return dataclasses.replace(closed, reason=f"{reason}, so it goes back", quarantine=True)
    return dataclasses.replace(closed, reason=reason, alert=_besides(closed.alert, reason))


def _judge_old_config(observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Decision:
    """InService on the config from before. Numbered by the strength of the witness:

    1. an alarm that watches the new fleet only has fired, or the attempt's alarms are in LastDeploymentConfig, or
       the call was answered: the update was accepted, and has ended
    2. none of these: LastModifiedTime may have moved for another reason (autoscaling, patching), so it decides nothing
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
    if aborted is None and own_fired and own_fired[0].name.endswith(f"/{alarms.ABORT}"):
        # Only the deployer sets it off; the row that says why was not written.
        aborted = "its abort was requested"
    if aborted is not None:
        reason = f"{label} was aborted: {aborted}"
        return Decision(Action.CLOSE, reason, look_again_at=now, outcome=Outcome.ABORTED, fired=observed.fired)
    cause = endpoint.failure_reason or "SageMaker gave no reason, and no alarm fired"
    if observed.fired and (own_fired or not _is_scarce(cause)):
        first = observed.fired[0]
        reason = f"{label} was rolled back: {first.name} fired: {first.reason}"
        if attempt.golden is not None and attempt.golden.failed and first.name.endswith(f"/{alarms.GOLDEN}"):
            reason += f"; {attempt.golden.told}"
        return _rolled_back(reason, observed, now)
    if _blames_the_model(cause):
        return _rolled_back(f"{label} was rolled back: {cause}", observed, now)
    return failed(head, attempt, f"the rollout of {label} failed: {cause}", now, scarce=_is_scarce(cause))


def _not_switched(endpoint: Endpoint, head: Head, attempt: Attempt, now: float) -> Decision:
    """Without guardrails nothing is rolled back: what was live before still is, as the update failed."""
    cause = endpoint.failure_reason or "SageMaker gave no reason"
    reason = f"the update to {version_label(attempt.approval.version)} failed: {cause}"
    if _blames_the_model(cause):
        return Decision(Action.CLOSE, reason, look_again_at=now, outcome=Outcome.FAILED, quarantine=True, alert=reason)
    return failed(head, attempt, reason, now, scarce=_is_scarce(cause))


def _blames_the_model(cause: str) -> bool:
    return any(part in cause.lower() for part in MODEL_FAILURES)


def _is_scarce(cause: str) -> bool:
    return any(part in cause.lower() for part in SCARCITY)


def _not_to_be_seen(attempt: Attempt, since: float) -> Decision:
    # DescribeEndpoint may still answer from before the call; no rollout ends this soon.
    reason = f"the rollout of {version_label(attempt.approval.version)} is not to be seen yet"
    return Decision(Action.WAIT, reason, look_again_at=since + LOCK)


def _rolled_back(reason: str, observed: Observed, now: float) -> Decision:
    return Decision(
        Action.CLOSE,
        reason,
        look_again_at=now,
        outcome=Outcome.ROLLED_BACK,
        quarantine=True,
        fired=observed.fired,
    )
