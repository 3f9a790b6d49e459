"""Mutants of what a look recognises: approvals, changes by hand, and when each was."""

from dataclasses import replace
from typing import Any

from lambdas.gate.decide import decision, fired_alarms, judgement, recognition
from lambdas.gate.decide.action import Close
from lambdas.gate.decide.not_in_service import not_in_service
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Outcome
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint, EndpointStatus, Observed
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import closing, manual_change
from lambdas.gate.transitions.transition import Transition, without
from simulation.mutants.mutant import Mutant, Original, never, nothing


def _live_stands(stands: Original, head: Head, version: str, at: float) -> Any:
    live = head.live.approval if head.live else None
    is_live = live is not None and (live.version, live.at) == (version, head.approved_at(version))
    return is_live or stands(head, version, at)


def _dropped_events_count(approvals: Original, head: Head, observed: Observed) -> Any:
    times = tuple(replace(time, at=time.latest) for time in head.times)
    return approvals(replace(head, times=times), observed)


def _whatever_was_put_there(overtaking: Original, head: Head, approval: Approval) -> Any:
    live = replace(head.live, by_hand_at=None) if head.live else None
    return overtaking(replace(head, live=live), approval)


def _out_of_order_first(decide: Original, spec: Spec, observed: Observed, head: Head, now: float) -> Any:
    endpoint = observed.endpoint
    if endpoint is None or endpoint.is_busy or endpoint.status == EndpointStatus.IN_SERVICE:
        return decide(spec, observed, head, now)
    return not_in_service(spec.endpoint, endpoint)


def _keeping_others(with_quarantined: Original, head: Head, quarantined: Quarantined, *args: Any, **kwargs: Any) -> Any:
    approvals = tuple(a for a in head.approvals if a.order != quarantined.approval.order)
    return replace(with_quarantined(head, quarantined, *args, **kwargs), approvals=approvals)


def _with_live(ended_at: Original, head: Head, settings: str | None) -> Any:
    live = replace(head.live, settings=settings) if head.live else None
    return ended_at(replace(head, live=live))


def _patching_is_updating(disturbed: Original, head: Head, endpoint: Endpoint | None, now: float) -> Any:
    if endpoint and endpoint.status == EndpointStatus.SYSTEM_UPDATING:
        endpoint = replace(endpoint, status=EndpointStatus.UPDATING)
    return disturbed(head, endpoint, now)


def _dropping_what_was_overtaken(
    closed: Original, head: Head, attempt: Attempt, decided: Close, *args: Any
) -> Transition:
    after, facts = closed(head, attempt, decided, *args)
    is_overtaken = decided.outcome is Outcome.SUPERSEDED
    return without(after, attempt.approval) if is_overtaken else after, facts


MUTANTS = (
    Mutant(
        "what is live stands, whatever is rolled out in its place",
        Head.stands,
        _live_stands,
        ("approved-in-turn: SageMaker Model Package State Change 4 ed, SageMaker Model Package State Change 5 ed",),
    ),
    Mutant(
        "the highest version wins, not the last approval",
        Head.newest,
        lambda newest, head: max(head.approvals, key=lambda approval: approval.version, default=None),
        ("older-last",),
    ),
    Mutant(
        "approvals rank as they were seen",
        Head.newest,
        lambda newest, head: max(head.approvals, key=lambda approval: approval.order, default=None),
        ("late-event",),
    ),
    Mutant(
        "an approval told late is not overtaken",
        recognition._overtaking,
        nothing,
        ("adopted: GetItem 1 cb, DescribeEndpointConfig 1 lo, DescribeEndpoint 2 av",),
    ),
    Mutant(
        "an event from before the version was read tells of no approval that was dropped",
        recognition._approvals,
        _dropped_events_count,
        ("approved-in-turn: SageMaker Model Package State Change 1 ed",),
    ),
    Mutant(
        "an approval told late undoes a change by hand",
        recognition._overtaking,
        _whatever_was_put_there,
        ("by-hand-after-approvals",),
    ),
    Mutant(
        "a change by hand is noticed once the endpoint is mended",
        decision.decide,
        _out_of_order_first,
        ("by-hand-failed",),
    ),
    Mutant(
        "an answer from before a change by hand ends it",
        manual_change._is_from_before,
        never,
        (
            "rollback-failed-by-hand: SageMaker Model Package State Change 1 el, GetParameter 4 av, "
            "DescribeEndpoint 5 st",
        ),
    ),
    Mutant(
        "an approval from before a version burned waits, if its event came in time",
        Head.with_quarantined,
        _keeping_others,
        ("burns-approved-on-hold",),
    ),
    Mutant(
        "an answer from before a rollout was live begins a change by hand",
        manual_change._ended_at,
        lambda ended_at, head: _with_live(ended_at, head, settings=None),
        ("by-hand-after-rollout: DescribeEndpoint 8 st",),
    ),
    Mutant(
        "an answer from before a rollout had gone back begins a change by hand",
        manual_change._ended_at,
        lambda ended_at, head: ended_at(replace(head, clears_at=0.0)),
        ("by-hand-after-rollback: DescribeEndpoint 6 st",),
    ),
    Mutant(
        "a change by hand that began before the first look is from before it",
        manual_change._ended_at,
        lambda ended_at, head: _with_live(ended_at, head, settings="any"),
        ("adopted-busy: DescribeEndpoint 1 st",),
    ),
    Mutant(
        "what the first look's list lacked is approved anew",
        recognition._adopted,
        lambda adopted, head, observed: head,
        ("adopted-right-after",),
    ),
    Mutant(
        "an alarm from before the live version was approved again blames it",
        fired_alarms._is_about_live,
        lambda is_heard, spec, head, live, *rest: is_heard(spec, head, replace(live, approval=None), *rest),
        ("burns-approved-again",),
    ),
    Mutant("a change by hand is not noticed", Endpoint.replaces, never, ("by-hand",)),
    Mutant(
        "a change by hand is noticed only once all is over",
        Endpoint.replaces,
        lambda replaces, endpoint, config, since: not endpoint.is_busy and replaces(endpoint, config, since),
        ("rollback-failed-by-hand: ListTags 1 hd, Publish 3 av, GetItem 34 hd",),
    ),
    Mutant(
        "a change by hand during an attempt is noticed only once all is over",
        judgement._is_replaced,
        never,
        ("rollback-failed-by-hand: PutMetricAlarm 3 hd, DeleteItem 3 av, DescribeEndpoint 14 hd",),
    ),
    Mutant(
        "a patch is the beginning of a change by hand",
        manual_change.disturbed,
        _patching_is_updating,
        ("patched: DescribeEndpoint 3 hd",),
    ),
    Mutant(
        "a change by hand lasts a moment",
        manual_change.began,
        lambda began, head, endpoint: endpoint.modified_at,
        ("by-hand-after-approval",),
    ),
    Mutant(
        "what somebody's change overtook was approved before that",
        closing.closed,
        _dropping_what_was_overtaken,
        ("by-hand-after-approval: DescribeEndpoint 1 st, UpdateEndpoint 1 cb",),
    ),
)
