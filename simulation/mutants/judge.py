"""Mutants of the judge: which minutes it compares, how it compares them, and what it makes of its verdict."""

import dataclasses
from collections.abc import Iterable, Iterator

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.decide import judgement, judging, resize
from lambdas.gate.judge import at_rest
from lambdas.gate.spec.judge import Judge
from lambdas.gate.state.attempt import AbortCause
from lambdas.gate.state.comparison import Findings, Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute
from lambdas.gate.transitions import opening
from simulation.mutants.mutant import Mutant, Original, never, nothing


def _by_weights(original: Original, *arguments: object) -> tuple[SharedMinute, ...] | None:
    """The requests of each fleet are its configured half of all requests, not what CloudWatch counted."""
    found: tuple[SharedMinute, ...] | None = original(*arguments)
    return found and tuple(_halved(each) if each.new.requests and each.old.requests else each for each in found)


def _halved(minute: SharedMinute) -> SharedMinute:
    half = minute.requests // 2
    return SharedMinute(minute.at, Count(half, minute.old.failures), Count(half, minute.new.failures))


def _all_minutes(original: Original, minutes: Iterable[SharedMinute], warm_up_minutes: int) -> Iterator[SharedMinute]:
    return (minute for minute in minutes if minute.new.requests and minute.old.requests)


def _two_sided(original: Original, rules: object, minutes: tuple[SharedMinute, ...]) -> Findings:
    """A version that fails less than the live one is no equal one, either."""
    found: Findings = original(rules, minutes)
    swapped: Findings = original(rules, tuple(SharedMinute(each.at, each.new, each.old) for each in minutes))
    return found if found.verdict is Verdict.WORSE else swapped


def _both_summed(original: Original, *arguments: object) -> tuple[SharedMinute, ...] | None:
    """Invocation5XXErrors are added. In the simulation, each request that the model failed is in both metrics."""
    found: tuple[SharedMinute, ...] | None = original(*arguments)
    return found and tuple(SharedMinute(each.at, _twice(each.old), _twice(each.new)) for each in found)


def _twice(count: Count) -> Count:
    return Count(count.requests, min(count.requests, 2 * count.failures))


MUTANTS = (
    Mutant("requests are shared as configured", CloudWatch.minutes, _by_weights, ("as-good",)),
    Mutant("the failures of both metrics are added", CloudWatch.minutes, _both_summed, ("hardly-worse",)),
    Mutant("minutes in which the share moves are compared", at_rest._moves, never, ("as-good",)),
    Mutant("a cold fleet is compared", at_rest.at_rest, _all_minutes, ("as-good",)),
    Mutant(
        "there is no margin",
        judging.compared,
        lambda compared, rules, minutes: compared(dataclasses.replace(rules, margin_percent=0), minutes),
        ("hardly-worse",),
    ),
    Mutant("a better version is worse", judging.compared, _two_sided, ("better",)),
    Mutant("a slower version is not stopped", Findings.is_slower, never, ("slower",)),
    Mutant(
        "a slower version is stopped, whatever the entry says",
        Judge.reverts_slower,
        lambda reverts_slower, rules: rules.latency is not None,
        ("slower-observed",),
    ),
    Mutant(
        "an approval that the judge stopped is tried again and again",
        judging.stopped,
        lambda stopped, head, *rest: stopped(dataclasses.replace(head, retries=()), *rest),
        ("worse",),
    ),
    Mutant(
        "a version that is found worse is not stopped",
        judgement._why_stop,
        lambda why_stop, head, attempt: why_stop(head, dataclasses.replace(attempt, judging=None)),
        ("worse",),
    ),
    Mutant(
        "a rollout that the judge stopped is taken for one that somebody aborted",
        opening.abort_requested,
        lambda requested, head, attempt, decision, now: requested(
            head, attempt, dataclasses.replace(decision, cause=AbortCause.ORDERED), now
        ),
        ("worse",),
    ),
    Mutant("settings that are worse stay", resize.restore_settings, nothing, ("settings-worse-late",)),
    Mutant("settings that were worse are tried again", resize.other_settings, nothing, ("settings-worse-late",)),
    Mutant(
        "settings that are worse condemn their version",
        resize.changes_settings_only,
        never,
        ("settings-worse-late",),
    ),
    Mutant(
        "former settings are those of the entry",
        SpecParameters.with_settings,
        lambda with_settings, specs, spec, settings: spec,
        ("settings-worse-late",),
    ),
)
