"""Mutants of the gate: who may approve, and what."""

from dataclasses import replace
from typing import Any

from lambdas.gate.aws.spec_parameters import FloorParameter
from lambdas.gate.decide import baseline, doubt, revocation, witness
from lambdas.gate.policy import checks, overriding
from lambdas.gate.policy.checks import Question, Rule
from lambdas.gate.policy.verdict import Check, Result
from lambdas.gate.spec.spec import Mode, Stage
from lambdas.gate.state import identity
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Hints
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Observed
from simulation.mutants.mutant import Mutant, Original, always, answers, answers_with, never, nothing


def _by_label(compare: Original, author: Identity, approver: Identity, *trusted: Any) -> Any:
    return replace(compare(author, approver, *trusted), is_same=author.label == approver.label)


def _certain(missing: Original, *args: Any) -> Any:
    head, facts = missing(*args)
    approvals = tuple(replace(approval, uncertain=False) for approval in head.approvals)
    return replace(head, approvals=approvals), facts


def _believed(begun: Original, head: Head, hints: Hints, stage: Stage | None, now: float) -> Head:
    return witness.settle(head, hints.witnesses, stage, now)[0]


def _only_the_first(check: Original, question: Question) -> Any:
    package = replace(question.package, containers=question.package.containers[:1])
    return check(replace(question, package=package))


def _advised(lenient: Original, rule: Rule, check: Check, question: Question, *rest: Any) -> Any:
    return replace(lenient(rule, check, question, *rest), advisory=question.spec.gate.mode is Mode.ADVISE)


def _no_lost_floor(read: Original, of: FloorParameter) -> Any:
    found = read(of)
    return found if found and found.floor else None


MUTANTS = (
    Mutant("four eyes are two names", identity.compare, _by_label, ("four-eyes",)),
    Mutant("the gate's own roles may approve", Identity.is_gate, never, ("four-eyes-first",)),
    Mutant(
        "who changed a version last has approved it",
        checks._uncertain,
        lambda untold, approval: untold(replace(approval, uncertain=False)),
        ("hidden",),
    ),
    Mutant("who changed a first version last has approved it", baseline._missing, _certain, ("four-eyes-first",)),
    Mutant("any approver will do", checks._approvers, answers_with(result=Result.PASSED), ("chosen",)),
    Mutant("who breaks the glass is not asked", overriding._doubt, nothing, ("overridden-by-a-third",)),
    Mutant("no witness is asked", checks._witness, answers_with(result=Result.PASSED), ("vouched",)),
    Mutant("a message names the approver", doubt.begun, _believed, ("hidden",)),
    Mutant(
        "an event tells of an approval after the last change",
        Observed.possible_hints,
        lambda possible_hints, observed: observed.hints,
    ),
    Mutant("the floor is not asked", checks._floor_rules, answers(()), ("floor",)),
    Mutant("a lost floor is none", FloorParameter.read, _no_lost_floor, ("floor-lost",)),
    Mutant("any image will do", checks._images, answers_with(result=Result.PASSED), ("untagged",)),
    Mutant("the first container's image is the version's", checks._images, _only_the_first, ("second-of-others",)),
    Mutant(
        "the first container's model data is the version's", checks._artifacts, _only_the_first, ("second-elsewhere",)
    ),
    Mutant("where artifacts may lie is advice", checks._lenient, _advised, ("advised",)),
    Mutant(
        "everybody revokes the live version",
        revocation.begun,
        lambda begun, head, *rest: head,
        ("outsider-revokes-only",),
    ),
    Mutant("nobody confirms a held revocation", revocation._why_it_takes_effect, nothing, ("outsider-revokes",)),
    Mutant("who is not named is an outsider", revocation._are_all_named, always, ("outsider-deletes-unseen",)),
)
