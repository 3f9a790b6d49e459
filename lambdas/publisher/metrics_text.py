"""The metrics of a version that waits for an approval, as lines of a message. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from lambdas.gate.text import number_text


def lines(detail: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the metrics in a row's detail, each beside the live version's, and what could not be read; none if the row
    has none."""
    return tuple(_lines(detail["metrics"])) if detail.get("metrics") else ()


def cells(metric: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return a metric's name, its value, the live version's, and the difference. What is not known is a dash."""
    return metric["name"], *(_number(metric.get(name)) for name in ("value", "live")), _signed(metric.get("difference"))


def _lines(metrics: Mapping[str, Any]) -> Iterator[str]:
    for metric in metrics["values"]:
        name, value, live, difference = cells(metric)
        beside = f" ({metrics['live']}: {live}, difference {difference})" if metrics.get("live") else ""
        yield f"{name}: {value}{beside}"
    if metrics.get("left_out"):
        yield f"... and {metrics['left_out']} more in its reports"
    if metrics.get("unread"):
        yield f"not read: {metrics['unread']}"
    if metrics.get("live_unread"):
        yield f"not read of {metrics['live']}: {metrics['live_unread']}"


def _number(value: float | None) -> str:
    return _MISSING if value is None else number_text(value)


def _signed(value: float | None) -> str:
    return _MISSING if value is None else f"{'+' if value > 0 else ''}{number_text(value)}"


_MISSING = "-"
