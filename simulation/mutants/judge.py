"""Mutants of the judge: which minutes it compares, how it compares them, and what it makes of its verdict."""

import dataclasses
from collections.abc import Iterable, Iterator

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.decide import judgement, judging
from lambdas.gate.judge import at_rest
from lambdas.gate.spec.judge import Judge
from lambdas.gate.state.comparison import Findings, Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute
from simulation.mutants.mutant import Mutant, Original, never


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


MUTANTS = (
    Mutant("requests are shared as configured", CloudWatch.minutes, _by_weights, ("as-good",)),
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
)
