"""Mutants of what counts against the live version: since when an alarm guards, and whether settings are at fault."""

from dataclasses import replace
from typing import Any

from lambdas.gate.decide import fired_alarms, judgement, resize
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.transitions import guarding, promotion, watching
from simulation.mutants.mutant import Mutant, Original, answers, never, nothing


def _never_forgotten(guarded: Original, head: Head, *asked: Any) -> Head:
    after: Head = guarded(head, *asked)
    if head.guards is None or after.guards is None:
        return after
    left_out = tuple(guard for guard in head.guards.alarms if after.guards.find(guard.name) is None)
    return replace(after, guards=replace(after.guards, alarms=(*after.guards.alarms, *left_out)))


def _as_of_the_next_spec(guarded: Original, head: Head, spec: Spec, seen: SpecSeen, now: float) -> Head:
    if head.guards is not None and head.guards.spec < seen.version:
        head = replace(head, guards=replace(head.guards, spec=seen.version - 1))
    after: Head = guarded(head, spec, seen, now)
    return after


MUTANTS = (
    Mutant("a watch alarm outlives its version", watching.over, answers(()), ("watched",)),
    Mutant(
        "a watch alarm is deleted at the next look",
        watching.over,
        lambda over, spec, head, standing, now: head.watches or (),
    ),
    Mutant(
        "nobody reads the watch alarm",
        alarms.watching_names,
        lambda watching_names, spec, live: alarms.guarding_names(spec),
        ("watched",),
    ),
    Mutant(
        "the standing alarm for errors blames a version that has a watch alarm",
        alarms.is_for_people,
        never,
        ("watched-for-people",),
    ),
    Mutant(
        "an alarm that was in ALARM before it was named blames what is live",
        Head.guards_since,
        answers(0.0),
        ("named-in-alarm",),
    ),
    Mutant(
        "an alarm that is left out and named again guards since the first time",
        guarding.guarded,
        _never_forgotten,
        ("named-in-alarm",),
    ),
    Mutant(
        "an alarm guards since the last edit",
        guarding.guarded,
        lambda guarded, head, *asked: guarded(
            replace(head, guards=head.guards and replace(head.guards, alarms=())), *asked
        ),
        ("named-in-alarm-fires-anew",),
    ),
    Mutant(
        "a spec that was not seen named the same alarms",
        guarding.guarded,
        _as_of_the_next_spec,
        ("named-in-alarm: Parameter Store Change 1 el, CloudWatch Alarm State Change 1 el",),
    ),
    Mutant(
        "nobody hears of an alarm that does not count",
        fired_alarms.why_not_counted,
        nothing,
        ("named-in-alarm",),
    ),
    Mutant(
        "people hear of an alarm that does not count at each reconcile",
        guarding._with_report,
        lambda told, guards, alarm: guards,
        ("named-in-alarm",),
    ),
    Mutant(
        "what fires for changed settings blames the version",
        fired_alarms._is_of_settings,
        never,
        ("settings-burn-kpi",),
    ),
    Mutant(
        "a version with changed settings is as new as they are",
        promotion._version_since,
        nothing,
        ("settings-burn-kpi",),
    ),
    Mutant(
        "an alarm that fires too late for changed settings condemns the version",
        judgement._brings_another_version,
        lambda brings, head, attempt: attempt.purpose is not Purpose.REVERT,
        ("settings-err-late",),
    ),
    Mutant(
        "a version that is approved again with other settings is another one",
        resize.changes_settings_only,
        lambda changes, head, attempt: attempt.purpose is Purpose.RESIZE,
        ("settings-approved-again-err-late",),
    ),
)
