"""Evidence: everything that was read for the gate's checks of one approval, as it was at that moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lambdas.gate.state.certainty import Certainty
from lambdas.gate.state.pin import Artifact, Pin


@dataclass(frozen=True)
class Report:
    """A report of a version, as it was read from S3. `size`: in bytes. `sha256`: the hexadecimal SHA-256 of its bytes.
    `modified_at`: S3's LastModified, in seconds since 1970. `path`: its place in the evidence's document. `is_kept`:
    True if the ledger kept it when its version passed the gate, so that S3 was not asked again. `is_live`: True if it
    is the live version's."""

    uri: str
    etag: str
    size: int
    sha256: str
    version_id: str | None = None
    modified_at: float | None = None
    path: str = ""
    is_kept: bool = False
    is_live: bool = False

    def is_of(self, found: Artifact) -> bool:
        """True if it was read from this object, which has not been written again since."""
        return (self.etag, self.version_id, self.modified_at) == (found.etag, found.version_id, found.modified_at)


@dataclass(frozen=True)
class KeptReport:
    """A report by which a version passed the gate. `packed`: its JSON, compressed by zlib, in Base64."""

    report: Report
    packed: str


@dataclass(frozen=True)
class Soaked:
    """When the version was live on the other endpoint, in seconds since 1970. `since`: None if it never was. `until`:
    None if it still is. `fired`: the alarms that fired meanwhile, or why the version was quarantined."""

    since: float | None = None
    until: float | None = None
    fired: tuple[str, ...] = ()


class Unpinned(StrEnum):
    """Why an approval without a pin cannot be pinned."""

    ABSENT = "absent"
    """Something that the version loads does not exist, or may not be read."""
    UNANSWERED = "unanswered"
    """AWS does not answer."""
    OPEN = "open"
    """Something that the version loads has no fixed content, or the deployer's role does not name its bucket."""


@dataclass(frozen=True)
class Evidence:
    """`document`: the JSON document that the conditions of `require` are evaluated on; docs/govern.md describes it.
    `pin`: the content that would run now. `reports`: the reports that the document contains. `soaked`: None if the spec
    asks for no soak. `unread`: part (`pin`, `metrics`, `live`, `model_card`, `soak`) → why it could not be read. A part
    that is missing there was read, or was not asked for. `unpinned`: why the approval has no pin; None if it has
    one. `certainty`: whether a version that was first seen approved is what was approved; None if that is known.
    `witnessed`: whether CloudTrail shows the approval; None if the spec asks for no witness."""

    document: Mapping[str, Any] = field(default_factory=dict)
    pin: Pin | None = None
    reports: tuple[Report, ...] = ()
    soaked: Soaked | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    unpinned: Unpinned | None = None
    certainty: Certainty | None = None
    witnessed: Certainty | None = None

    def own_reports(self) -> Iterator[tuple[Report, Any]]:
        """Yield each report of the approved version with its content."""
        for report in self.reports:
            if not report.is_live:
                part, kind, name = report.path.split(".")
                yield report, self.document[part][kind][name]
