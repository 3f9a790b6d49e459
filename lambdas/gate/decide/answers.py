"""The answers of a shadow and of the live version: which of them are compared next, and what the compared ones show.
Pure.

The time of a rung is divided into windows. The comparer is asked for one window after the other, and what it reports is
added up. It reads what SageMaker captured, which is late by minutes, and sometimes by hours.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.gate.judge.share import is_above, visible_share
from lambdas.gate.spec.shadow import Differ, Shadow
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.answers import Answers, AnswersResult, AnswersTask
from lambdas.gate.state.rung import Copied, Rung
from lambdas.gate.text import counted, number_text

TEN_MINUTES = 600
WINDOWS = 24
"""Into how many windows a rung is divided at most. Each is a row of the ledger."""
CAPTURED_SECONDS = 600
"""How long after its end a window is first asked for."""
LATE_SECONDS = 6 * 3600
"""How long the captures of a window are waited for. After that it counts with what is there."""
LAST_SECONDS = LATE_SECONDS + 3600
"""How long after the end of a rung its last answers are waited for. The comparer has time for the windows that were
late."""
AGAIN_SECONDS = 540
"""The comparer is not asked for the same window again within this time. It is shorter than the time between two
looks."""
ENOUGH = 2
"""The pairs are enough if they would have shown a version that differs in this many times the allowed share."""


@dataclass(frozen=True)
class Found:
    """What the compared answers show. `answers`: the sums. `differ`: the rules. `visible`: the smallest share of
    differing pairs that would have been found, from 0 to 1; None if none would."""

    answers: Answers
    differ: Differ
    visible: float | None

    @property
    def is_differing(self) -> bool:
        """True if more differ than may."""
        return is_above(self.answers.differing, self.answers.pairs, self.differ.share)

    @property
    def lacking(self) -> str:
        """Why the pairs say too little, as a text; empty if they say enough."""
        if not self.answers.pairs:
            return "no answers were compared"
        if self.visible is not None and self.visible <= min(1.0, ENOUGH * self.differ.share):
            return ""
        return f"{counted(self.answers.pairs, 'compared pair')} would have shown only a large difference"

    @property
    def text(self) -> str:
        """What was found, as a text: how many of the compared answers differ, and by what the pairs were found."""
        known, allowed = self.answers, number_text(self.differ.max_percent)
        text = f"{known.differing:,} of {known.pairs:,} compared answers differ, and {allowed} % may"
        return f"{text}; {_pairing_text(known)}" if known.pairs else text


def window_seconds(shadow: Shadow) -> int:
    """Return how long a window is, in whole ten minutes."""
    return math.ceil(shadow.seconds / WINDOWS / TEN_MINUTES) * TEN_MINUTES


def compared(spec: Spec, rung: Rung) -> Differ | None:
    """Return how the answers of a rung are compared; None if they are not, also if the endpoint has no comparer any
    more."""
    return rung.copying.shadow.differ if spec.comparer else None


def found(spec: Spec, rung: Rung) -> Found | None:
    """Return what the answers of a rung show so far; None if they are not compared."""
    differ = compared(spec, rung)
    if differ is None:
        return None
    known = rung.answers or Answers(rung.since)
    return Found(known, differ, visible_share(known.pairs, differ.share) if known.pairs else None)


def window(rung: Rung, copied: Copied | None) -> tuple[float, float] | None:
    """Return from when until when the next requests were made whose answers are compared; None if all windows were. A
    window without copies is left out. `copied`: what both variants answered; None if that is not known."""
    until = rung.answers.until if rung.answers else rung.since
    ahead = ((begin, end) for begin, end in _windows(rung) if begin >= until)
    return next((each for each in ahead if copied is None or _copies(copied, *each)), None)


def task(spec: Spec, rung: Rung, copied: Copied | None, now: float) -> AnswersTask | None:
    """Return what the comparer is asked now; None if there is nothing to ask yet."""
    differ, following = compared(spec, rung), window(rung, copied)
    if differ is None or following is None or now < following[1] + CAPTURED_SECONDS:
        return None
    return AnswersTask(spec.variant.name, rung.copying.variant, *following, differ)


def counts(spec: Spec, rung: Rung, result: AnswersResult, copied: Copied | None, now: float) -> bool:
    """True if a result counts:

    1. The comparer that the spec names sent it.
    2. It is about the next window of this rung. A repeated result is about a former one.
    3. At least half of the copies that CloudWatch counted were captured, or more than the comparer reads. Captures that
       are late are waited for.
    """
    if compared(spec, rung) is None or not result.is_from(spec.comparer.role_id if spec.comparer else None):  # 1
        return False
    if result.shadow != rung.copying.variant or (result.since, result.until) != window(rung, copied):  # 2
        return False
    is_late = now >= result.until + LATE_SECONDS
    is_there = copied is not None and 2 * result.copies >= _copies(copied, result.since, result.until)
    return is_there or result.is_part or is_late  # 3


def waits(spec: Spec, rung: Rung, copied: Copied | None, now: float) -> bool:
    """True if a rung whose time is over waits for answers that are not compared yet."""
    is_ahead = compared(spec, rung) is not None and window(rung, copied) is not None
    return is_ahead and now < rung.until + LAST_SECONDS


def _windows(rung: Rung) -> Iterator[tuple[float, float]]:
    """Yield the windows, in whole ten minutes as CloudWatch's counts. The first minutes are left out, in which both
    variants are cold."""
    begin = -(-(rung.since + 60 * rung.copying.rules.warm_up_minutes) // TEN_MINUTES) * TEN_MINUTES
    end = rung.until // TEN_MINUTES * TEN_MINUTES
    length = window_seconds(rung.copying.shadow)
    while begin < end:
        yield begin, min(begin + length, end)
        begin += length


def _copies(copied: Copied, since: float, until: float) -> int:
    return sum(each.new.requests for each in copied.minutes if since <= each.at < until)


def _pairing_text(known: Answers) -> str:
    if known.by_id == known.pairs:
        return "paired by InferenceId"
    by_id = f"{known.by_id:,} paired by InferenceId, the others" if known.by_id else "paired"
    return f"{by_id} by the request"
