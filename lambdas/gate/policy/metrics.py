"""Which metrics of a version people see before they approve it, and where they are in its reports. Pure.

They are those that the gate's conditions ask about. If no condition asks about one, they are all numbers in the
version's report on the quality of the model. Reports come from outside: any JSON, of any depth.
"""

import math
from collections.abc import Iterator
from typing import Any

from lambdas.gate.policy import condition
from lambdas.gate.policy.expression_text import field_text
from lambdas.gate.policy.reports import METRICS, REPORTS
from lambdas.gate.spec.spec import Condition
from lambdas.gate.state.metrics import Metric

MOST = 10
"""How many metrics are shown."""
MOST_FOUND = 1000
"""How many numbers of a report are counted."""
MOST_LEVELS = 10
"""How deep in a report numbers are looked for."""
NAME_LENGTH = 100
"""The most characters of a metric's name."""
Path = tuple[str, ...]
"""The names of the fields that lead to a metric, or to an object with metrics, from `metrics` on."""
QUALITY: Path = ("ModelQuality", "Statistics")
_VALUE = "value"
"""In SageMaker's reports, a metric is an object with this field and a standard deviation.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html"""


def paths(require: tuple[Condition, ...]) -> tuple[Path, ...]:
    """Return where the metrics are that the conditions ask about."""
    asked = (path for each in require for path in condition.steps_after(each.expression, METRICS))
    # A field of this name may also be in other parts of the evidence.
    return tuple(dict.fromkeys(path for path in asked if path and path[0] in REPORTS[METRICS])) or (QUALITY,)


def conditions(where: tuple[Path, ...]) -> tuple[Condition, ...]:
    """Return conditions that ask about these places, so that the reports there are read and no others."""
    texts = (".".join(map(field_text, (METRICS, *path))) for path in where)
    return tuple(Condition(text, text) for text in texts)


def compared(where: tuple[Path, ...], new: Any, live: Any) -> tuple[tuple[Metric, ...], int]:
    """Return the first metrics at these places in both versions' reports, and how many there are besides. `new`,
    `live`: the part `metrics` of the evidence's document."""
    found = {path: None for begin in where for path in _numbers(new, begin)}
    metrics = [Metric(_name(path), _number(new, path), _number(live, path)) for path in found]
    return tuple(metrics[:MOST]), max(0, len(metrics) - MOST)


def _numbers(document: Any, begin: Path) -> Iterator[Path]:
    """Yield where there are numbers at or below a place, in the report's order. A place without any object is one that
    a condition asks about, so it is yielded too."""
    waiting, left = [begin], MOST_FOUND
    while waiting and left:
        path = waiting.pop()
        value = _at(document, path)
        if isinstance(value, dict) and _finite(value.get(_VALUE)) is None:
            if len(path) < len(begin) + MOST_LEVELS:
                waiting += ((*path, name) for name in reversed(value))
        elif (path == begin and begin != QUALITY) or _number(document, path) is not None:
            left -= 1
            yield path


def _number(document: Any, path: Path) -> float | None:
    value = _at(document, path)
    return _finite(value.get(_VALUE)) if isinstance(value, dict) else _finite(value)


def _at(document: Any, path: Path) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _finite(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _name(path: Path) -> str:
    """Return the name of a metric, without what is the same for most."""
    shorter = path[len(QUALITY) :] if path[: len(QUALITY)] == QUALITY and len(path) > len(QUALITY) else path
    name = ".".join(shorter[:-1] if shorter[-1] == _VALUE and len(shorter) > 1 else shorter)
    return name if len(name) <= NAME_LENGTH else f"…{name[1 - NAME_LENGTH :]}"
