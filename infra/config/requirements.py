"""What the entries of a file require of the GateStack, and of each other."""

from collections.abc import Iterable

from infra.config.entry import Entry
from infra.config.sections.gate import Stage
from lambdas.gate.aws import container

CALLS_PER_RECONCILE = 4
"""Calls of SageMaker's control plane in a reconcile of an endpoint at which nothing changes."""
LEAST_MINUTES = 5


def buckets(entries: Iterable[Entry]) -> list[str]:
    """Return the S3 buckets that a role reads for these entries, each once, in order."""
    return sorted(set().union(*map(_buckets, entries)))


def _buckets(entry: Entry) -> set[str]:
    return container.buckets(entry.model_artifacts, entry.gate.reports, entry.serving.environment)


def volume_keys(entries: Iterable[Entry]) -> list[str]:
    """Return the KMS keys of the instances' volumes, each once, in order."""
    return sorted({entry.serving.kms_key for entry in entries if entry.serving.kms_key})


def stages(entries: Iterable[Entry]) -> list[Stage]:
    """Return the ModelLifeCycle stages that count as approved, each once, in order."""
    given = {entry.gate.stage for entry in entries if entry.gate.stage}
    return sorted(given, key=lambda stage: (stage.name, stage.status))


def minutes_between_reconciles(endpoints: int) -> int:
    """Return a number with which all endpoints together need less than one control-plane call a second, if nothing
    changes."""
    return max(LEAST_MINUTES, CALLS_PER_RECONCILE * endpoints // 60 + 1)
