"""What the entries of a file require of the GateStack."""

from collections.abc import Iterable

from infra.config.entry import Entry
from infra.config.sections.gate import Stage


def buckets(entries: Iterable[Entry]) -> list[str]:
    """Return the S3 buckets of artifacts and reports, each once, in order."""
    prefixes = {prefix for entry in entries for prefix in (entry.model_artifacts, *entry.gate.reports)}
    return sorted({prefix.removeprefix("s3://").partition("/")[0] for prefix in prefixes})


def volume_keys(entries: Iterable[Entry]) -> list[str]:
    """Return the KMS keys of the instances' volumes, each once, in order."""
    return sorted({entry.serving.kms_key for entry in entries if entry.serving.kms_key})


def stages(entries: Iterable[Entry]) -> list[Stage]:
    """Return the ModelLifeCycle stages that count as approved, each once, in order."""
    given = {entry.gate.stage for entry in entries if entry.gate.stage}
    return sorted(given, key=lambda stage: (stage.name, stage.status))
