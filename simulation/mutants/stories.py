"""Mutants that break no invariant where nothing goes wrong, and tell another story: what nobody wants all the same."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from lambdas.gate.aws import hosting
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.iam import Principals
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.decide import decision, doubt, fired_alarms, judgement, recognition, resize, revert
from lambdas.gate.decide.action import Alert, Keep, Update, Wait
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer, Verdict
from lambdas.gate.reconcile import write
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.preflight import Preflight
from lambdas.gate.rollout import deployment_config
from lambdas.gate.rollout.alarms import own_alarms
from lambdas.gate.spec.spec import Spec, Strategy
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import EndpointStatus, Observed, Package
from lambdas.gate.state.orders import OrderKind
from lambdas.gate.transitions import intervention, notice, order, revert_targets, transition
from lambdas.janitor import claim
from lambdas.publisher import advice
from lambdas.publisher.annotation import Annotations
from lambdas.publisher.publisher import EventRefused, Publisher
from simulation.mutants.mutant import Mutant, Original, always, answers, answers_with, never, nothing


def _fought(original: Original, spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Any:
    good = revert.targets(spec.settings, head, live)
    if live.by_hand_at is None or not good or good[0].approval is None:
        return original(spec, observed, head, live, now)
    return Update("it should not be live", approval=good[0].approval, purpose=Purpose.REVERT)


def _without_alert(decide: Original, *asked: Any) -> Any:
    decided = decide(*asked)
    return Keep(decided.reason, decided.reconcile_at) if isinstance(decided, Alert) else decided


def _waiting(judge: Original, *asked: Any) -> Any:
    judged = judge(*asked)
    return Wait(judged.reason, judged.reconcile_at) if isinstance(judged, Alert) else judged


def _without_alert_out_of_service(decide: Original, spec: Spec, observed: Observed, *asked: Any) -> Any:
    endpoint = observed.endpoint
    if endpoint is None or endpoint.status == EndpointStatus.IN_SERVICE:
        return decide(spec, observed, *asked)
    return _without_alert(decide, spec, observed, *asked)


def _ready(authorise: Original, package: Package | None) -> Verdict:
    verdict: Verdict = authorise(package)
    return replace(verdict, answer=Answer.PASSED) if verdict.answer is Answer.HELD else verdict


def _unrefused(put_event: Original, *asked: Any) -> None:
    with suppress(EventRefused):
        put_event(*asked)


MUTANTS = (
    Mutant(
        "a manual change is reported and fought",
        revert.revert,
        _fought,
        ("by-hand",),
    ),
    Mutant(
        "what was adopted is rolled out anew with the spec's settings",
        resize.resize,
        lambda resize, spec, head, live, now: resize(spec, head, replace(live, settings=live.settings or ""), now),
        ("stack-anew",),
    ),
    Mutant(
        "a rollout without a version to revert to is not reported",
        revert_targets.at_rollout,
        lambda at_rollout, settings, head, *rest: (head, ()),
        ("targets-lost",),
    ),
    Mutant(
        "nobody hears that what was approved is back",
        revert_targets.reported,
        lambda reported, *asked: tuple(fact for fact in reported(*asked) if fact.kind is not Kind.CONTENT_RESTORED),
        ("target-restored",),
    ),
    Mutant(
        "a revert goes to the oldest good version",
        revert.targets,
        lambda targets, settings, head, live: targets(settings, replace(head, good=head.good[::-1]), live),
        ("revoke-newest",),
    ),
    Mutant(
        "a rollback is reported as an abort",
        judgement._rolled_back,
        answers_with(outcome=Outcome.ABORTED),
        ("errs",),
    ),
    Mutant(
        "an abort is written down and not requested",
        CloudWatch.request_abort,
        nothing,
        ("revoke-in-flight",),
    ),
    Mutant(
        "a rollout carries the first of its alarms only",
        deployment_config.deployment_config,
        lambda deployment_config, shape, alarms: deployment_config(shape, alarms[:1]),
    ),
    Mutant(
        "a revert is not guarded",
        deployment_config.deployment_config,
        lambda deployment_config, shape, alarms: deployment_config(
            shape, () if shape.strategy is Strategy.ALL_AT_ONCE else alarms
        ),
        ("revoke-live",),
    ),
    Mutant(
        "an operator's abort stops nothing",
        judgement._why_stop,
        lambda why_stop, head, attempt: why_stop(head, replace(attempt, abort=None)),
        ("aborted",),
    ),
    Mutant(
        "an abort of all endpoints stops nothing",
        intervention.abort_for_all,
        lambda abort_for_all, head, ordered, now: (head, ()),
        ("stopped-in-flight",),
    ),
    Mutant(
        "an order that comes again is carried out again",
        order.is_carried_out,
        never,
        ("ordered-in-another-name",),
    ),
    Mutant(
        "an order is carried out in the name that its sender claims",
        Principals.proved,
        lambda proved, principals, sender, claimed: claimed,
        ("ordered-in-another-name",),
    ),
    Mutant(
        "an order never expires",
        OrderKind.lifetime,
        answers(10**9),
        ("ordered-late",),
    ),
    Mutant(
        "a changed spec is never rolled out",
        resize.resize,
        nothing,
        ("resize",),
    ),
    Mutant(
        "a fleet has one instance",
        hosting._capacity,
        lambda capacity, fleet: capacity(replace(fleet, instance_count=1)),
        ("resize",),
    ),
    Mutant(
        "the count that others' autoscaling has set is not kept",
        Preflight.check,
        lambda check, preflight, spec, *asked, **how: replace(
            check(preflight, spec, *asked, **how), keep_count=spec.autoscaling is not None
        ),
    ),
    Mutant(
        "people hear of no outcome",
        advice.advise,
        lambda advise, row: None if row.fact.kind is Kind.ATTEMPT_CLOSED else advise(row),
        ("errs",),
    ),
    Mutant(
        "nobody hears that there is no version to go back to",
        revert.revert,
        _without_alert,
        ("revoke-only",),
    ),
    Mutant(
        "nobody hears that an endpoint was deleted by hand",
        decision._decide_missing,
        _without_alert,
        ("deleted-by-hand",),
    ),
    Mutant(
        "nobody hears that an endpoint is out of service",
        decision.decide,
        _without_alert_out_of_service,
        ("out-of-service",),
    ),
    Mutant(
        "nobody hears that a rollout does not end",
        judgement._judge_busy,
        _waiting,
        ("overdue",),
    ),
    Mutant(
        "people are notified at every reconcile",
        notice.noticed,
        lambda noticed, head, *asked: noticed(replace(head, notice=None, held=None), *asked),
        ("kpi-burns",),
    ),
    Mutant(
        "no message is sent for the next reconcile",
        write.plan_reconcile,
        lambda plan_reconcile, head, at, now: (plan_reconcile(head, at, now)[0], None),
        ("overdue",),
    ),
    Mutant(
        "the sweep finds no open attempt",
        Ledger.open_attempts,
        answers(()),
        ("stack-gone",),
    ),
    Mutant(
        "a pause does not hold the autoscaling",
        decision.scale,
        lambda scale, spec, endpoint, head, now: scale(spec, endpoint, replace(head, paused=None), now),
        ("scaled-paused",),
    ),
    Mutant(
        "a version whose alarm fired stays one to go back to",
        revert.revert,
        answers_with(quarantines_live=False),
        ("burns-then-revoked",),
    ),
    Mutant(
        "the user's alarms do not end a rollout",
        Preflight.check,
        answers_with(alarms=()),
        ("kpi-burns-in-flight",),
    ),
    Mutant(
        "a user's alarm that ended a rollout is not its evidence",
        Observer.attempt,
        lambda look, observation, observed, endpoint, attempt, now: look(
            observation, observed, endpoint, replace(attempt, alarms=own_alarms(endpoint, attempt)), now
        ),
        ("kpi-burns-in-flight",),
    ),
    Mutant(
        "a user's alarm that fired for a fleet that went back blames what is live",
        fired_alarms._cleared,
        answers(0.0),
        ("kpi-burns-in-flight",),
    ),
    Mutant(
        "an alarm counts however long after the promotion",
        Live.is_watched,
        always,
        ("burns-too-late",),
    ),
    Mutant(
        "an alarm that fires once SageMaker watches no more counts for nobody",
        judgement._too_late,
        lambda too_late, closed, fired, head, attempt: closed,
        ("errs-late",),
    ),
    Mutant(
        "a package that is not ready goes live",
        checks.authorise,
        _ready,
        ("package-pending",),
    ),
    Mutant(
        "the ledger does not say who approved",
        recognition._seen,
        answers_with(who="unknown"),
    ),
    Mutant(
        "the ledger does not say which alarm fired",
        transition.evidence,
        answers({"fired": []}),
        ("errs",),
    ),
    Mutant(
        "two approvers of what is in flight abort nothing",
        doubt.settle,
        lambda settle, spec, observed, head: head,
        ("approved-by-two",),
    ),
    Mutant(
        "the ledger does not say what the gate found",
        transition.gate_detail,
        answers({}),
    ),
    Mutant(
        "an alert about what serves hides what became of the newest approval",
        decision._nowhere_to_go,
        lambda nowhere_to_go, judged, back: back,
        ("revoke-only-failed",),
    ),
    Mutant(
        "outcomes are not written to the registry",
        Annotations.write,
        answers(()),
        ("copied",),
    ),
    Mutant(
        "the janitor does not say what it deletes",
        claim._facts,
        answers(()),
        ("cleaned",),
    ),
    Mutant(
        "an event that EventBridge did not take counts as sent",
        Publisher._put_event,
        _unrefused,
        ("nothing",),
    ),
)
