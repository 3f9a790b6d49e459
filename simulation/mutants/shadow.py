"""Mutants of the rung: who climbs it, how it ends, and what becomes of the shadow."""

import dataclasses
from typing import Any

from lambdas.gate.aws import inbox
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide import answers as comparing
from lambdas.gate.decide import judgement, shadow
from lambdas.gate.decide.action import Close
from lambdas.gate.decide.answers import Found
from lambdas.gate.decide.shadow import Ended
from lambdas.gate.reconcile import roll_out
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.reconcile.roll_out import RolloutStarter
from lambdas.gate.state.answers import AnswersResult
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.rung import Rung, RungEnd
from lambdas.gate.transitions import intervention, promotion, rung
from simulation.mutants.mutant import Mutant, Original, always, answers, answers_with, never, nothing


def _swapped(original: Original, hosting: Hosting, spec: Any, fleet: Any, model: str, beside: Any = None) -> None:
    """The new version answers callers, and the live one is its shadow."""
    if beside is None:
        original(hosting, spec, fleet, model)
    else:
        original(hosting, spec, fleet, beside.model, dataclasses.replace(beside, model=model))


def _passes_what_is_worse(original: Original, *arguments: Any) -> Ended | None:
    found: Ended | None = original(*arguments)
    return found and (dataclasses.replace(found, end=RungEnd.PASSED) if found.end is RungEnd.WORSE else found)


def _ends_at_once(original: Original, *arguments: Any) -> Ended | None:
    found: Ended | None = original(*arguments)
    return found or Ended(RungEnd.PASSED, "it is early")


def _promotes_unseen(original: Original, spec: Any, observed: Any, head: Any, rung: Rung, *more: Any) -> Ended | None:
    """An order to promote counts before anything that the copies showed."""
    if rung.early is not None:
        return Ended(RungEnd.PROMOTED, "somebody ordered it")
    found: Ended | None = original(spec, observed, head, rung, *more)
    return found


MUTANTS = (
    Mutant(
        "no version climbs the rung",
        shadow.before,
        lambda before, spec, head, live, forward, back, now: forward,
        ("shadow",),
    ),
    Mutant("a shadow answers callers", Hosting.create_config, _swapped, ("shadow",)),
    Mutant("a rung ends before its time", shadow.ended, _ends_at_once, ("shadow",)),
    Mutant("a worse shadow passes", shadow.ended, _passes_what_is_worse, ("shadow-worse",)),
    Mutant("a silent comparer passes", Found.lacking, answers(""), ("shadow-silent",)),
    Mutant("senders of compared answers are not compared", AnswersResult.is_from, always, ("shadow-forged",)),
    Mutant(
        "compared answers are by whom they name",
        inbox._answers_result,
        lambda answers_result, content, body, sender, own: answers_result(content, body, f"{own}:session", own),
        ("shadow-forged",),
    ),
    Mutant("a shadow whose answers differ passes", Found.is_differing, never, ("shadow-differs",)),
    Mutant("late captures are not waited for", comparing.waits, never, ("shadow-answers-late",)),
    Mutant("a promoted shadow is not compared", shadow.ended, _promotes_unseen, ("shadow-promoted-worse",)),
    Mutant("a shadow stays after its end", shadow.stays, always, ("shadow-worse",)),
    Mutant("a manual change leaves the rung", rung.gone, lambda gone, head, now: (head, ()), ("shadow-by-hand",)),
    Mutant(
        "what is launched anew is not compared before a shadow",
        Reconciler._not_launchable,
        nothing,
        ("shadow-live-changed",),
    ),
    Mutant(
        "what is launched anew is not read again before the call",
        RolloutStarter._launched_anew,
        lambda launched_anew, starter, prepared, live, endpoint: (
            starter.registry.describe(prepared.attempt.approval.version),
            "",
        ),
        ("shadow",),
    ),
    Mutant(
        "a rollout that is refused beside a shadow condemns its version",
        roll_out._refused_beside_shadow,
        lambda original, head, rung, attempt, reason, now: Close(
            reason, now, outcome=Outcome.FAILED, quarantine=True, alert=reason
        ),
        ("shadow/h: UpdateEndpoint 3 ca",),
    ),
    Mutant(
        "a rung that was passed counts for other settings",
        promotion.promoted,
        lambda promoted, head, *arguments: dataclasses.replace(promoted(head, *arguments), shadowed=head.shadowed),
        ("shadow-passed-resized",),
    ),
    Mutant(
        "an abort leaves out a version that passed its rung",
        intervention._climbing,
        lambda climbing, head: shadow.running(head),
        ("shadow-passed-aborted",),
    ),
    Mutant(
        "an alarm while a shadow comes condemns its version",
        judgement._shadow_stays_as_it_was,
        answers_with(quarantine=True, retry=None),
        ("shadow-kpi",),
    ),
)
