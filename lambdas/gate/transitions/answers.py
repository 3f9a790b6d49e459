"""The comparer's results in the ledger: each that counts is added to the rung, with a row. Pure."""

import dataclasses
from typing import Any

from lambdas.gate import codec
from lambdas.gate.decide import answers
from lambdas.gate.decide.shadow import running
from lambdas.gate.judge.share import is_above
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.answers import Answers, AnswersResult
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.rung import RungEnd
from lambdas.gate.text import time_text
from lambdas.gate.transitions.transition import Transition


def settle(spec: Spec, observed: Observed, head: Head, results: tuple[AnswersResult, ...], now: float) -> Transition:
    """Return the head with the results that count, in the order of time, and a row for each."""
    facts: tuple[Fact, ...] = ()
    for result in sorted(results, key=lambda each: each.since):
        rung = running(head)
        if rung is not None and answers.counts(spec, rung, result, observed.copied, now):
            known = (rung.answers or Answers(rung.since)).plus(result)
            # The next window may be asked for at once.
            head = dataclasses.replace(head, rung=dataclasses.replace(rung, answers=known), compare_at=None)
            facts += (_fact(rung.version, result, known, now),)
    return head, facts


def misjudged(detail: dict[str, Any]) -> str | None:
    """Return how the end of a rung in a row's detail differs from what its answers show, in words; None if it does
    not."""
    try:
        known, allowed = detail["answers"], detail["shadow"]["differ"]["max_percent"] / 100
        shown = is_above(known["differing"], known["pairs"], allowed)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return "its answers cannot be judged again"
    if shown is (detail.get("end") == RungEnd.DIFFERING):
        return None
    return f"its answers {'differ too often' if shown else 'do not differ too often'}, and it says {detail.get('end')}"


def _fact(version: str, result: AnswersResult, known: Answers, now: float) -> Fact:
    what = f"answers of the shadow {version_label(version)} until {time_text(result.until)}"
    detail: dict[str, Any] = {"window": codec.written(result), "sums": codec.written(known)}
    return Fact(
        Kind.ANSWERS_COMPARED,
        now,
        f"{what} were compared: {result.differing:,} of {result.pairs:,} differ",
        version=version,
        detail=detail,
    )
