"""Evidence: everything that was read for the gate's checks of one approval, as it was at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lambdas.gate.state.certainty import Certainty
from lambdas.gate.state.pin import Pin


@dataclass(frozen=True)
class Report:
    """A report of the package's ModelMetrics, as it was read from S3. `size`: in bytes. `sha256`: the hexadecimal
    SHA-256 of its bytes."""

    uri: str
    etag: str
    size: int
    sha256: str


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
    one. `certainty`: whether a version that was first seen approved is what was approved; None if that is known."""

    document: Mapping[str, Any] = field(default_factory=dict)
    pin: Pin | None = None
    reports: tuple[Report, ...] = ()
    soaked: Soaked | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    unpinned: Unpinned | None = None
    certainty: Certainty | None = None
