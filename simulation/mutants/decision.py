"""Mutants of the decision: what may serve, for how long it is tried, and what stays."""

from dataclasses import replace
from typing import Any

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide import fired_alarms, judgement
from lambdas.gate.decide import revert as reverts
from lambdas.gate.decide.action import Keep
from lambdas.gate.reconcile import reconciler
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state import limits
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Endpoint, EndpointStatus, Observed
from lambdas.gate.transitions import closing, promotion, transition
from simulation.mutants.mutant import Mutant, Original, always, answers, never, nothing


def _all_good_are_approved(targets: Original, settings: str, head: Head, live: Live) -> Any:
    for version in (good.version for good in head.good):
        head = head.with_approved(version) if version else head
    good = tuple(replace(version, revoked_at=None) for version in head.good)
    return targets(settings, replace(head, good=good), live)


def _live_is_approved(way_back: Original, spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Any:
    head = head.with_approved(live.version) if live.version else head
    live = replace(live, revoked_at=None)
    return way_back(spec, observed, head, live, now)


def _as_if_opened_long_ago(closed: Original, head: Head, attempt: Attempt, *rest: Any) -> Any:
    return closed(head, replace(attempt, opened_at=0.0), *rest)


def _fired_is_newer(
    judge: Original, observed: Observed, endpoint: Endpoint, head: Head, attempt: Attempt, now: float
) -> Any:
    if observed.fired:
        attempt = replace(attempt, modified_at=None)
    return judge(observed, endpoint, head, attempt, now)


MUTANTS = (
    Mutant(
        "what burns is forgotten where it cannot be replaced",
        reconciler._with_failing_version,
        lambda with_failing_version, stopped, decision, head: stopped,
        ("burns-opted-out",),
    ),
    Mutant("the tag is not asked for", Hosting.is_opted_in, always, ("not-opted-in",)),
    Mutant("the alarms of a rollout that is over are left", CloudWatch.delete, nothing),
    Mutant(
        "the way back is not asked whether it is Approved",
        reverts.targets,
        _all_good_are_approved,
        ("revoke-both",),
    ),
    Mutant("a revoked live version stays", reverts.revert, _live_is_approved, ("revoke-live",)),
    Mutant("standing alarms are not looked at", fired_alarms.failing_alarms, answers(()), ("burns",)),
    Mutant(
        "an approval that was given before its version burned, and is told of late, starts it again",
        transition.with_failing_version,
        lambda with_failing, head, decision: with_failing(head, replace(decision, fired=())),
        ("burns-approved-before",),
    ),
    Mutant(
        "an approval that was given before a way back burned, and is told of late, starts it again",
        closing.closed,
        _as_if_opened_long_ago,
        ("burns-approved-former",),
    ),
    Mutant(
        "what was rolled back since it was good is a way back",
        limits.bars,
        lambda bars, quarantined, former: (
            bars(quarantined, former) and quarantined.approval.rank == former.approval.rank
        ),
        ("burns-approved-former",),
    ),
    Mutant(
        "failures are tried again without end",
        judgement.failed,
        lambda failed, head, attempt, *args, **kwargs: failed(
            head.without_retries(attempt.approval), attempt, *args, **kwargs
        ),
        ("resize-errs", "never-launched"),
    ),
    Mutant(
        "what an operator ordered off starts again",
        judgement._not_again,
        lambda not_again, decision, *rest: decision,
        ("aborted",),
    ),
    Mutant(
        "too few requests are as good as enough",
        judgement._inconclusive,
        lambda inconclusive, closed, *rest: closed,
        ("inconclusive-revert",),
    ),
    Mutant(
        "an approval from before it was told keeps what too few requests judged",
        Live.is_condemned,
        never,
        ("inconclusive-approved-again",),
    ),
    Mutant(
        "the user's alarms do not guard what is live",
        alarms.guarding_names,
        lambda guarding_names, spec: alarms.standing_names(spec),
        ("kpi-burns-live",),
    ),
    Mutant(
        "an answer from before the call decides once an alarm fired",
        judgement._judge_old_config,
        _fired_is_newer,
        ("revoke-at-once",),
    ),
    Mutant(
        "what a look saw live is forgotten while requests are waited for",
        promotion.gone_live,
        lambda gone_live, head, *rest: head,
        ("inconclusive-put-back",),
    ),
    Mutant(
        "a version is live from the look that saw it",
        promotion.live_since,
        lambda live_since, attempt, endpoint, now: now,
        ("while-updating: DescribeEndpoint 1 pt, TransactWriteItems 8 fi, GetItem 48 al",),
    ),
    Mutant(
        "a change by hand right after the promotion is a failure",
        judgement.is_live,
        lambda is_live, endpoint, attempt: (
            endpoint.status == EndpointStatus.IN_SERVICE and endpoint.config == attempt.fleet.config
        ),
        ("by-hand: GetItem 27 hd",),
    ),
    Mutant(
        "an attempt whose stack is gone is left open",
        Reconciler._without_spec,
        answers(Keep("")),
        ("stack-gone",),
    ),
)
