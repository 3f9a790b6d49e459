"""What a decision makes of the head, and the facts that say so. Pure; the ledger writes both in one transaction."""

import dataclasses
from typing import Any

from lambdas.gate import alarms, golden
from lambdas.gate.action import Action, Decision
from lambdas.gate.approval import Approval, version_label
from lambdas.gate.attempt import Attempt, Outcome, Purpose
from lambdas.gate.enough import Otherwise
from lambdas.gate.fact import GATE, Fact, Kind
from lambdas.gate.head import MAXIMUM_GOOD, Head, Live, Quarantined
from lambdas.gate.judgement import is_live
from lambdas.gate.minutes import minutes
from lambdas.gate.observed import Endpoint, EndpointStatus, FiredAlarm, Observed
from lambdas.gate.timing import LOCK

Transition = tuple[Head, tuple[Fact, ...]]


def disturbed(head: Head, endpoint: Endpoint | None, now: float) -> Head:
    """The head that knows since when somebody else's change is under way. LastModifiedTime tells it only while the
    change lasts, as it moves once more at the end; an approval given meanwhile is the later will of a person. That AWS
    patches the endpoint is nobody's will."""
    if _is_from_before(head, endpoint, now):
        return head
    attempt, status = head.attempt, endpoint.status if endpoint else None
    expected = attempt.expected_configs if attempt else {head.live.config if head.live else None}
    since = None
    if endpoint is not None and endpoint.is_busy and status != EndpointStatus.SYSTEM_UPDATING:
        own = endpoint.config if status == EndpointStatus.CREATING else endpoint.pending_config
        is_own = attempt is not None and attempt.fleet.config == own
        since = None if is_own else head.disturbed_at or endpoint.modified_at
    elif endpoint is not None and endpoint.config not in expected:
        since = head.disturbed_at
    return head if since == head.disturbed_at else dataclasses.replace(head, disturbed_at=since)


def opened(head: Head, attempt: Attempt, decision: Decision, observed: Observed, now: float) -> Transition:
    """The intent. Opening an attempt supersedes all older approvals, so that what was approved last wins."""
    if decision.quarantine and head.live and head.live.approval:
        burning = Quarantined(head.live.approval, head.live.settings or "", decision.reason)
        head = head.with_quarantined(burning)
    fact = Fact(
        Kind.ATTEMPT_OPENED,
        now,
        decision.reason,
        version=attempt.approval.version,
        detail={
            "attempt": attempt.number,
            "purpose": attempt.purpose,
            "approval": dataclasses.asdict(attempt.approval),
            "endpoint_config": attempt.fleet.config,
            "previous_endpoint_config": attempt.previous_config,
            "instance_type": attempt.fleet.instance_type,
            "instance_count": attempt.fleet.instance_count,
            **({"serverless": dataclasses.asdict(attempt.fleet.serverless)} if attempt.fleet.serverless else {}),
            "alarms": attempt.alarms,
            **({"golden_requests": {"digest": attempt.golden_set}} if attempt.golden_set else {}),
            **_gate(decision, attempt.approval, observed),
        },
    )
    head = dataclasses.replace(
        head,
        attempt=attempt,
        attempts=attempt.number,
        approvals=tuple(a for a in head.approvals if a.rank >= attempt.approval.rank),
        notice=None,
        held=None,
    )
    return head, (fact,)


def accepted(head: Head, attempt: Attempt, how: str, now: float) -> Transition:
    """SageMaker took the call."""
    fact = Fact(
        Kind.ATTEMPT_ACCEPTED,
        now,
        f"SageMaker accepted the rollout of {attempt.fleet.config}: {how}",
        version=attempt.approval.version,
        detail={"attempt": attempt.number, "endpoint_config": attempt.fleet.config},
    )
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, accepted_at=now)), (fact,)


def abort_requested(head: Head, attempt: Attempt, decision: Decision, now: float) -> Transition:
    """Requested, not done: AWS watches the alarm while the new fleet takes traffic, and never on a first create or of a
    serverless endpoint.
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html"""
    kind, what = Kind.ALERT, "the first creation of an endpoint cannot be aborted; it is judged when it is done"
    if attempt.is_guarded:
        kind = Kind.ABORT_REQUESTED
        what = "its abort is requested, which AWS promises to heed once the new fleet has traffic"
    elif attempt.purpose is not Purpose.CREATE:
        what = "an update of a serverless endpoint cannot be aborted; what it puts live is judged when it is done"
    fact = Fact(
        kind,
        now,
        f"{decision.reason}; {what}",
        who=attempt.abort.by if attempt.abort else GATE,
        version=attempt.approval.version,
        detail={
            "attempt": attempt.number,
            "endpoint_config": attempt.fleet.config,
            "reason": attempt.abort.reason if attempt.abort else None,
        },
    )
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, abort_reason=decision.reason)), (fact,)


def gone_live(head: Head, attempt: Attempt, endpoint: Endpoint | None, now: float) -> Head:
    """The head that knows it though the attempt stays open, whatever somebody puts there meanwhile."""
    if attempt.live_at is not None or endpoint is None or not is_live(endpoint, attempt):
        return head
    live_at = _live_since(attempt, endpoint, now)
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, live_at=live_at))


def closed(head: Head, attempt: Attempt, decision: Decision, endpoint: Endpoint | None, now: float) -> Transition:
    """The outcome, with its evidence. What was live before a success becomes the way back."""
    outcome = decision.outcome
    if outcome is None:
        raise ValueError("A CLOSE has an outcome.")
    approval = attempt.approval
    previous = head.live.version if head.live else None
    head = dataclasses.replace(head, attempt=None, notice=None)
    if decision.retry is not None:
        head = head.with_retry(decision.retry)
    if decision.quarantine or decision.retry is None:
        head = head.without_overrides(approval)
    if decision.quarantine:
        head = head.with_quarantined(Quarantined(approval, attempt.fleet.settings, decision.reason))
    elif decision.retry is None and outcome is not Outcome.ABORTED:
        # What was aborted leaves when a look sees it revoked, or refused: it may be Approved again by then.
        head = _without(head, approval)
    if outcome is Outcome.SUCCEEDED:
        head = _promoted(head, attempt, endpoint, _condemned_at(attempt, decision, now), now)
        if attempt.purpose is Purpose.CREATE:
            # Whatever was registered was of an endpoint that is no more.
            head = dataclasses.replace(head, scaling=None)
    elif attempt.accepted_at is not None or decision.fired or outcome is Outcome.ROLLED_BACK:
        head = dataclasses.replace(head, clears_at=now + alarms.CLEARING_SECONDS)
    before = head
    if outcome is Outcome.SUPERSEDED and endpoint is not None:
        head = _overtaken(head, endpoint, None, now)
    fact = Fact(
        Kind.ATTEMPT_CLOSED,
        now,
        decision.reason,
        version=approval.version,
        detail={
            "attempt": attempt.number,
            "outcome": outcome,
            "purpose": attempt.purpose,
            "endpoint_config": attempt.fleet.config,
            "previous_version": previous,
            "live_endpoint_config": endpoint.config if endpoint else None,
            "live_since_at": head.live.since if head.live and outcome is Outcome.SUCCEEDED else None,
            "accepted": attempt.accepted_at is not None,
            "fired": _evidence(decision.fired),
            "failure_reason": endpoint.failure_reason if endpoint else None,
            "quarantined": decision.quarantine,
            "tried_again_at": decision.retry.not_before if decision.retry and not decision.quarantine else None,
            "overtaken": _dropped(before, head),
            **_counted(attempt, decision),
            **_golden(attempt),
        },
    )
    if decision.alert is None:
        return head, (fact,)
    grounds = _golden(attempt) if outcome is Outcome.SUCCEEDED else {}
    detail = {"attempt": attempt.number, **grounds}
    alert = Fact(Kind.ALERT, now, decision.alert, version=approval.version, detail=detail)
    return dataclasses.replace(head, notice=decision.alert), (fact, alert)


def confirmed(head: Head, approval: Approval) -> Transition:
    """The newest approval is of what is live: the live version now rests on it."""
    live = dataclasses.replace(head.live, approval=approval) if head.live else None
    kept = tuple(a for a in head.approvals if a.rank > approval.rank)
    return dataclasses.replace(head, live=live, approvals=kept, notice=None), ()


def refused(head: Head, approval: Approval, decision: Decision, observed: Observed, now: float) -> Transition:
    """The gate said no: the approval is dropped until the version is approved again."""
    detail = {"approval": approval.order, **_gate(decision, approval, observed)}
    fact = Fact(Kind.APPROVAL_REFUSED, now, decision.reason, version=approval.version, detail=detail)
    return _without(head.without_overrides(approval), approval), (fact,)


def changed_by_hand(head: Head, endpoint: Endpoint, served: Approval | None, reason: str, now: float) -> Transition:
    """Reported, not fought: what a person put there is live, and only an approval given after that moves it again.
    Those it overtakes are named: which came first need not be known for sure."""
    before = head.live
    after = _overtaken(head, endpoint, served, now)
    dropped = _dropped(head, after)
    labels = ", ".join(version_label(version) for version in dropped)
    fact = Fact(
        Kind.CHANGED_BY_HAND,
        now,
        f"{reason}; approved before that, and so not rolled out: {labels}" if dropped else reason,
        who="unknown",
        version=served.version if served else None,
        detail={
            "endpoint_config": endpoint.config,
            "previous_endpoint_config": before.config if before else None,
            "previous_version": before.version if before else None,
            "overtaken": dropped,
        },
    )
    return after, (fact,)


def noticed(head: Head, decision: Decision, observed: Observed, now: float) -> Transition:
    """A hold or an alert: a fact when it begins or changes, silence while it stands. A hold of an approval stands
    through whatever has to be waited for meanwhile, as autoscaling may have the endpoint busy many times a day."""
    approval, reason = decision.approval, decision.reason
    is_hold = decision.action is Action.HOLD
    if is_hold and observed.endpoint is None and head.live is not None:
        # Else nothing would ever say so, while what waits is held for other reasons.
        reason += f"; the endpoint, which served {version_label(head.live.version or head.live.config)}, was deleted"
    held = f"{approval.order}: {reason}" if is_hold and approval else None
    if head.notice == reason or (held is not None and held == head.held):
        return dataclasses.replace(head, notice=reason), ()
    kind = Kind.HELD if is_hold else Kind.ALERT
    grounds = _gate(decision, approval, observed) if approval else {}
    status = observed.endpoint.status if observed.endpoint else None
    detail = {"fired": _evidence(decision.fired), "endpoint_status": status, **grounds}
    fact = Fact(kind, now, reason, version=approval.version if approval else None, detail=detail)
    return dataclasses.replace(head, notice=reason, held=held or head.held), (fact,)


def _golden(attempt: Attempt) -> dict[str, Any]:
    """Nothing where none were played, or none was wrong."""
    return golden.evidence(attempt.golden) if attempt.golden and attempt.golden.failed else {}


def _promoted(head: Head, attempt: Attempt, endpoint: Endpoint | None, condemned_at: float | None, now: float) -> Head:
    since = attempt.live_at or _live_since(attempt, endpoint, now)
    live = Live(
        config=attempt.fleet.config,
        since=since,
        approval=attempt.approval,
        settings=attempt.fleet.settings,
        instance_type=attempt.fleet.instance_type,
        instance_count=attempt.fleet.instance_count,
        golden=attempt.golden,
        suspect_from=_suspect_from(head, attempt, since),
        condemned_at=condemned_at,
    )
    before = _former(head.live, since)
    good = tuple(g for g in (*before, *head.good) if g.version != live.version)
    newest = tuple(g for i, g in enumerate(good) if g.version not in {b.version for b in good[:i]})
    return dataclasses.replace(head, live=live, good=newest[:MAXIMUM_GOOD], previous_config=attempt.previous_config)


def _condemned_at(attempt: Attempt, decision: Decision, now: float) -> float | None:
    """When people could first know that what went live does not stay. An approval from before that, of which a later
    look may learn, does not keep it."""
    if not decision.quarantine:
        return None
    reverted = attempt.enough is not None and attempt.enough.otherwise is Otherwise.REVERT
    return attempt.abort.at if attempt.abort and not reverted else now


def _suspect_from(head: Head, attempt: Attempt, since: float) -> float | None:
    """Nothing bakes on a serverless endpoint, and AWS does not say how long before the end of an update its traffic
    moves. So an alarm that fires meanwhile tells of the new version, unless that is too soon for its periods, or what
    was replaced is known to be bad."""
    replaced = head.live
    if attempt.fleet.serverless is None or attempt.purpose not in (Purpose.UPDATE, Purpose.RESIZE) or replaced is None:
        return None
    if replaced.approval and head.is_quarantined(replaced.approval, replaced.settings or ""):
        return None
    return min(since, attempt.began + alarms.EVALUATION_PERIODS * alarms.PERIOD_SECONDS)


def _live_since(attempt: Attempt, endpoint: Endpoint | None, now: float) -> float:
    # An alarm may fire before the look that sees the end of the rollout, which LastModifiedTime tells more closely.
    return max(attempt.opened_at, min(now, endpoint.modified_at)) if endpoint else now


def _former(live: Live | None, until: float) -> tuple[Live, ...]:
    """The way back that what was live becomes, if it is a version. How it answered golden requests is a baseline no
    more."""
    return (dataclasses.replace(live, until=until, golden=None),) if live and live.version else ()


def _overtaken(head: Head, endpoint: Endpoint, served: Approval | None, now: float) -> Head:
    changed_at = head.disturbed_at or endpoint.modified_at
    # DescribeEndpoint may have answered from before the change when what was live was approved again.
    confirmed_since = (head.live.approval,) if head.live and head.live.approval else ()
    later = tuple(a for a in (*head.approvals, *confirmed_since) if a.wanted_at > changed_at)
    until = min(now, changed_at)
    before = _former(head.live, until)
    return dataclasses.replace(
        head,
        live=Live(config=endpoint.config, since=now, approval=served, by_hand_at=changed_at),
        previous_config=head.live.config if head.live else None,
        good=(*before, *head.good)[:MAXIMUM_GOOD],
        approvals=later,
        notice=None,
        disturbed_at=None,
    )


def _is_from_before(head: Head, endpoint: Endpoint | None, now: float) -> bool:
    """DescribeEndpoint may still answer from before the change that a look saw."""
    if endpoint is None or head.disturbed_at is None:
        return False
    return endpoint.modified_at < head.disturbed_at and now < head.disturbed_at + LOCK


def _dropped(before: Head, after: Head) -> list[str]:
    kept = {approval.order for approval in after.approvals}
    return [approval.version for approval in before.approvals if approval.order not in kept]


def _without(head: Head, approval: Approval) -> Head:
    return dataclasses.replace(head, approvals=tuple(a for a in head.approvals if a.order != approval.order))


def _gate(decision: Decision, approval: Approval, observed: Observed) -> dict[str, Any]:
    """Nothing of what did not pass the gate anew: a way back, other settings."""
    return {"gate": minutes(decision.verdict, approval, observed)} if decision.verdict else {}


def _counted(attempt: Attempt, decision: Decision) -> dict[str, Any]:
    """Where a number of requests was asked for, and the rollout went live."""
    if attempt.enough is None or decision.requests is None:
        return {}
    wanted = attempt.enough.min_requests
    return {"requests": decision.requests, "requests_wanted": wanted, "inconclusive": decision.requests < wanted}


def _evidence(fired: tuple[FiredAlarm, ...]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(alarm) for alarm in fired]
