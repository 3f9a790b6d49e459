"""Mutants of what else the gate asks for: conditions, soaks, freezes, overrides, stages, copies."""

from dataclasses import replace

import jmespath

from lambdas.gate.aws import registry
from lambdas.gate.decide.action import Hold
from lambdas.gate.policy import checks, condition, freeze, reports, strict_jmespath
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.state.head import Head
from lambdas.publisher.copy import Copies
from simulation.mutants.mutant import Mutant, always, given, nothing


def _never_fired(question: checks.Question) -> checks.Question:
    evidence = question.evidence
    soaked = evidence.soaked and replace(evidence.soaked, fired=())
    return replace(question, evidence=replace(evidence, soaked=soaked))


MUTANTS = (
    Mutant(
        "a condition that gives no boolean is met",
        condition.evaluate,
        lambda evaluate, expression, document: evaluate(expression, document) is not False,
        ("disputed",),
    ),
    Mutant(
        "a report that was written later is the version's",
        reports._difference,
        lambda difference, *asked: None,
        ("another-report",),
    ),
    Mutant(
        "what is missing is false, as in JMESPath",
        strict_jmespath.search,
        lambda search, expression, document: jmespath.search(expression, document),
        ("never-reported",),
    ),
    Mutant(
        "what could not be read is null, as if it were not there",
        checks._condition,
        lambda condition, asked, question: condition(
            asked, replace(question, evidence=replace(question.evidence, unread={}))
        ),
        ("first-required",),
    ),
    Mutant(
        "alarms may fire during a soak",
        checks._soak,
        lambda soak, question: soak(_never_fired(question)),
        ("overridden-before",),
    ),
    Mutant(
        "an override counts for every approval",
        checks._lenient,
        lambda lenient, rule, check, question, overrides: lenient(
            rule, check, question, tuple(replace(given, order=question.approval.order) for given in overrides)
        ),
        ("overridden-before",),
    ),
    Mutant(
        "an override outlives a later date of its approval",
        Head.redated,
        lambda redated, head, version, at: replace(redated(head, version, at), overrides=head.overrides),
        ("overridden-approved-again: SageMaker Model Package State Change 2 eo, UpdateEndpoint 1 cb",),
    ),
    Mutant(
        "an override lets nothing pass",
        checks._lenient,
        given(overrides=()),
        ("overridden",),
    ),
    Mutant(
        "a freeze is in UTC",
        freeze._end,
        lambda end, frozen, at: end(replace(frozen, time_zone="UTC"), at),
        ("frozen",),
    ),
    Mutant(
        "a pause of all endpoints is not read",
        Reconciler._obstacle,
        lambda obstacle, *asked: None if isinstance(found := obstacle(*asked), Hold) else found,
        ("all-paused",),
    ),
    Mutant(
        "a stage counts for nothing",
        registry._is_at,
        always,
        ("staged",),
    ),
    Mutant(
        "a row leaves the outbox before it is copied",
        Copies.keep,
        nothing,
        ("copied",),
    ),
)
