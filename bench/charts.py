"""The pictures of the page. The same figures give the same file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from infra.forecast.plot import STYLE

_LONG, _WIDE, _HIGH = 0.45, 7.5, 3.6


def bars(values: Mapping[str, float], label: str, file: Path) -> None:
    """Draw one bar for each value, the first one on top."""
    with mpl.rc_context(STYLE):
        picture = Picture(figsize=(_WIDE, 1 + _LONG * len(values)), layout="constrained")
        axes = picture.subplots()
        drawn = axes.barh(list(values), list(values.values()), color="C0")
        axes.bar_label(drawn, fmt="%.3g", padding=3)
        axes.invert_yaxis()
        axes.set_xlabel(label)
        _save(picture, file)


def lines(x: Sequence[float], values: Mapping[str, Sequence[float]], labels: tuple[str, str], file: Path) -> None:
    """Draw a line for each name, with both axes in powers of ten. `labels`: of the axes."""
    with mpl.rc_context(STYLE):
        picture = Picture(figsize=(_WIDE, _HIGH), layout="constrained")
        axes: Axes = picture.subplots()
        for name, each in values.items():
            axes.plot(x[: len(each)], each, marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel=labels[0], ylabel=labels[1])
        axes.legend()
        _save(picture, file)


def _save(picture: Picture, file: Path) -> None:
    picture.savefig(file, facecolor="white", metadata={"Date": None})
