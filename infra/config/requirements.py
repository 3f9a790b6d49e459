"""What the entries of a file require of the GateStack."""

import re
from collections.abc import Iterable

from infra.config.entry import Entry
from infra.config.sections.gate import Stage
from lambdas.gate.aws.container import named_uris

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""


def buckets(entries: Iterable[Entry]) -> list[str]:
    """Return the S3 buckets of artifacts, reports, and what `serving.environment` names, each once, in order. A
    variable may have any text, so what is no bucket's name is left out: it would be a pattern in a policy."""
    uris = {
        uri
        for entry in entries
        for uri in (entry.model_artifacts, *entry.gate.reports, *named_uris(entry.serving.environment))
    }
    found = {uri.removeprefix("s3://").partition("/")[0] for uri in uris}
    return sorted(bucket for bucket in found if _BUCKET.fullmatch(bucket))


def volume_keys(entries: Iterable[Entry]) -> list[str]:
    """Return the KMS keys of the instances' volumes, each once, in order."""
    return sorted({entry.serving.kms_key for entry in entries if entry.serving.kms_key})


def stages(entries: Iterable[Entry]) -> list[Stage]:
    """Return the ModelLifeCycle stages that count as approved, each once, in order."""
    given = {entry.gate.stage for entry in entries if entry.gate.stage}
    return sorted(given, key=lambda stage: (stage.name, stage.status))
