"""What neither a serverless nor an asynchronous endpoint may ask for, each with the kind's own reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.config.problem import Problem
from infra.config.sections.metrics import Metrics
from lambdas.gate.timing import PUBLISH_SECONDS


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why endpoints of a kind have no such section, by the section's key, and how to mend an entry that has one."""

    kind: str
    sections: dict[str, str]
    mend: str


def problems(raw: dict[str, Any], metrics: Metrics | None, reasons: Reasons) -> Iterator[Problem]:
    """Of an entry of that kind, as it is written; `metrics` where that section is valid. Paths are below the entry."""
    if metrics and metrics.publish_seconds != PUBLISH_SECONDS:
        allowed = f"{PUBLISH_SECONDS}: SageMaker documents no other for {reasons.kind} endpoints"
        yield Problem(("metrics", "publish_seconds"), str(metrics.publish_seconds), allowed, "remove it")
    for key, why in reasons.sections.items():
        if raw.get(key) is not None:
            yield Problem((key,), f"the key `{key}`", f"none: {why}", reasons.mend)
