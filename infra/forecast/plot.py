"""The plan as a picture. The same plan gives the same file, which a test can compare."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Picture

from infra.forecast.curves import Curves, curves
from infra.forecast.forecast import Forecast, forecast
from infra.forecast.outcomes import Case
from infra.forecast.steps import planned
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from infra.forecast.wording import count, name, rate

STYLE: dict[Any, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "approval-gate",
}
OWN_WIDTH, WIDTH = 3, 1.8
"""The entry's own line is wider, so that a line over it does not hide it."""
DASHES = ("-", "--", "-.", (0, (1, 1)))


def plot(endpoint: str, cases: Sequence[Case], file: Path) -> None:
    """Draw the cases of one endpoint, its own first. The suffix of the file decides its format: .svg or .png."""
    until = _until(cases)
    drawn = _once([(forecast(case), curves(case, until)) for case in cases])
    with mpl.rc_context(STYLE):
        picture = Picture(figsize=(7.5, 5.2), layout="constrained")
        _draw(picture, endpoint, cases[0], drawn)
        # Without a date, and with a fixed resolution.
        picture.savefig(file, dpi=120, facecolor="white", metadata={"Date": None} if file.suffix == ".svg" else None)


def _until(cases: Sequence[Case]) -> float:
    """Return the last second to draw: when no plan that keeps the old fleet, nor the first plan, can be rolled back."""
    own, *others = (Timeline(planned(case.rollout, case.instance_count, TYPICAL)) for case in cases)
    blue_green = [plan.last_rollback for plan in others if all(step.old == 1 for step in plan.steps)]
    return max([own.last_rollback, *blue_green]) + 60


def _once(found: Sequence[tuple[Forecast, Curves]]) -> dict[Curves, list[Forecast]]:
    """Return one line for all strategies that do the same within the picture."""
    drawn: dict[Curves, list[Forecast]] = {}
    for figures, line in found:
        drawn.setdefault(line, []).append(figures)
    return drawn


def _draw(picture: Picture, endpoint: str, case: Case, drawn: dict[Curves, list[Forecast]]) -> None:
    shares, answered = picture.subplots(2, 1, sharex=True)
    worst: dict[float, str] = {}
    for number, (line, found) in enumerate(drawn.items()):
        names = [name(each.rollout) for each in found]
        width, dash = OWN_WIDTH if number == 0 else WIDTH, DASHES[number % len(DASHES)]
        style = {"color": f"C{number}", "linewidth": width, "linestyle": dash}
        minutes = [second / 60 for second in line.seconds]
        shares.plot(minutes, [100 * share for share in line.bad], label=" = ".join(names), **style)
        shares.plot(minutes, [100 * share for share in line.good], color=f"C{number}", linewidth=1, linestyle=":")
        answered.plot(minutes, line.bad_requests, **style)
        if found[0].bad_requests and (most := found[0].bad_requests.worst) is not None:
            worst.setdefault(most, f"C{number}")
    for most, color in worst.items():
        answered.axhline(most, color=color, linewidth=0.8, linestyle=":")
        place = {"xy": (1, most), "xycoords": ("axes fraction", "data"), "ha": "right", "va": "bottom"}
        answered.annotate(f"at worst {count(most)}", **place)
    shares.set(ylabel="% of traffic on the new version", ylim=(0, 105))
    answered.set(ylabel="requests it has answered", xlabel="minutes since its first request", xlim=(0, minutes[-1]))
    answered.set_ylim(bottom=0)
    bad, per_second = rate(case.load.error_rate), case.load.requests_per_second
    title = f"{endpoint}: a version that fails {bad} of its requests, at {per_second:g} requests/s"
    title += "\non average (dotted above: a good version)"
    picture.legend(loc="outside upper center", ncols=len(drawn), title=title)
