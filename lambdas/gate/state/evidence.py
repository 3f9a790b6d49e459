"""Evidence: all that was read for the gate about one approval, as it was at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.gate.state.pin import Pin


@dataclass(frozen=True)
class Report:
    """A report of the package's ModelMetrics as it was read: its S3 URI, ETag, size in bytes and the hexadecimal
    SHA-256 of its bytes."""

    uri: str
    etag: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Soaked:
    """When the version was live on the other endpoint, in seconds since 1970: `since` is None where it never was,
    `until` where it still is. `fired`: what was not quiet meanwhile."""

    since: float | None = None
    until: float | None = None
    fired: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """`document` is what the conditions of `require` are asked about; docs/govern.md describes it. `pin`: what would
    run now. `unread`: part (`pin`, `metrics`, `live`, `model_card`, `soak`) → why it could not be read; what is not
    here was read, or is not asked for."""

    document: Mapping[str, Any] = field(default_factory=dict)
    pin: Pin | None = None
    reports: tuple[Report, ...] = ()
    soaked: Soaked | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
