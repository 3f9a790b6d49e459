"""What neither a serverless nor an asynchronous endpoint can have, each with its own reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.config.problem import Problem
from infra.config.sections.metrics import Metrics
from lambdas.gate.timing import PUBLISH_SECONDS


@dataclass(frozen=True, slots=True)
class Reasons:
    """`kind`: of endpoint. `sections`: why it has no such section, by the section's key. `fix`: what to do with one."""

    kind: str
    sections: dict[str, str]
    fix: str


def problems(raw: Mapping[str, Any], metrics: Metrics | None, reasons: Reasons) -> Iterator[Problem]:
    """The rules for an entry of that kind, as it is written. `metrics`: that section, if it is valid."""
    if metrics and metrics.publish_seconds != PUBLISH_SECONDS:
        allowed = f"{PUBLISH_SECONDS}. SageMaker documents no other value for {reasons.kind} endpoints."
        yield Problem(("metrics", "publish_seconds"), str(metrics.publish_seconds), allowed, "remove it")
    for key, why in reasons.sections.items():
        if raw.get(key) is not None:
            yield Problem((key,), f"the key `{key}`", f"none. {why}", reasons.fix)
