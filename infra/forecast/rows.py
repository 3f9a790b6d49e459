"""The rows of the plan's table, as texts."""

from collections.abc import Callable, Iterator, Sequence

from infra.forecast.forecast import Figure, Forecast, forecast, power
from infra.forecast.outcomes import Case
from infra.forecast.risks import CURVE, SUFFICIENT, smallest_seen
from infra.forecast.wording import count, name, percent, rate


def rows(cases: Sequence[Case]) -> Iterator[tuple[str, ...]]:
    """Yield the headings and the rows. The last rows are the power curve: the chances by how much a version fails."""
    yield ("mean (worst)", *(name(each.rollout) for each in cases))
    found = [forecast(each) for each in cases]
    for heading, cell in ROWS.items():
        yield (heading, *(cell(each) for each in found))
    yield (f"seen with {percent(SUFFICIENT)}", *(_seen(each) for each in cases))
    curves = [power(each, CURVE) for each in cases]
    for number, error_rate in enumerate(CURVE):
        yield (f"in time, {rate(error_rate)} fail", *(percent(curve[number]) for curve in curves))


def _seen(case: Case) -> str:
    smallest = smallest_seen(case)
    return "nothing" if smallest is None else f"{rate(smallest)} fail"


def _can_fire(found: Forecast) -> str:
    return f"{sum(bake.can_fire for bake in found.bakes)} of {len(found.bakes)}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _figure(figure: Figure | None, text: Callable[[float], str]) -> str:
    if figure is None:
        return "never"
    return f"{text(figure.mean)} ({'-' if figure.worst is None else text(figure.worst)})"


ROWS: dict[str, Callable[[Forecast], str]] = {
    "waits long enough": _can_fire,
    "detected in 1st wait": lambda found: percent(found.bakes[0].chance),
    "detected in time": lambda found: percent(found.chance_in_time),
    "detected at all": lambda found: percent(found.chance),
    "minutes to detect": lambda found: _figure(found.detected, _minutes),
    "minutes to roll back": lambda found: _figure(found.back, _minutes),
    "requests answered": lambda found: _figure(found.bad_requests, count),
    "good one lost": lambda found: percent(found.good_lost),
    "minutes if good": lambda found: _minutes(found.takes_seconds),
    "extra inst.-hours": lambda found: f"{found.extra_instance_hours:.1f}",
}
"""What each row says about a strategy. `-`: more than one of a hundred rollouts does not detect the bad version."""
