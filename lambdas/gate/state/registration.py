"""A registration: a version when the deployer first saw it, before its approval. A version does not change once it is
registered. New weights are a new version.

The specification and what it loads are two items, because S3 or ECR may not answer when the version is first seen.
"""

from dataclasses import dataclass, field
from typing import Self

from lambdas.gate import codec
from lambdas.gate.state import specification
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Package
from lambdas.gate.state.pin import Artifact, Image, Pin, ReportPin
from lambdas.gate.state.specification import FilledIn, changed


@dataclass(frozen=True)
class Registration:
    """Times in seconds since 1970. `created_at`: the version's CreationTime. `seen_at`: when it was described.
    `specification`: the hexadecimal SHA-256 of its InferenceSpecification without the fields that AWS may fill in.
    `filled_in`: those of these fields that had a value. `changed_by`: the last to change the version until then; None
    if nobody did."""

    version: str
    created_at: float
    seen_at: float
    specification: str
    filled_in: tuple[FilledIn, ...] = ()
    changed_by: Identity | None = field(default=None, metadata=codec.LEFT_OUT)

    @classmethod
    def of(cls, package: Package, now: float) -> Self:
        changed_by = package.modifier if package.is_modified else None
        return cls(package.version, package.created_at, now, package.fixed, package.filled_in, changed_by)

    def change(self, package: Package) -> str | None:
        """Return what was changed since the registration, in words; None if nothing was."""
        return changed(self.specification, self.filled_in, package.fixed, package.filled_in)


@dataclass(frozen=True)
class Content:
    """What a version loaded when it could first be read, before its approval. Times in seconds since 1970.
    `created_at`: the version's CreationTime. `read_at`: when the rest was read. `artifacts`, `images`: empty if the
    spec does not ask for them, or if they could not be read. `reports`: those that the spec's conditions ask about;
    None if they ask about none."""

    version: str
    created_at: float
    read_at: float
    artifacts: tuple[Artifact, ...] = ()
    images: tuple[Image, ...] = ()
    reports: tuple[ReportPin, ...] | None = field(default=None, metadata=codec.LEFT_OUT)

    @classmethod
    def of(cls, package: Package, pin: Pin, now: float) -> Self:
        return cls(package.version, package.created_at, now, pin.artifacts, pin.images, pin.reports)

    @property
    def is_of_what_runs(self) -> bool:
        """True if it has what the version loads, and not only its reports."""
        return bool(self.artifacts or self.images)

    @property
    def digest(self) -> str:
        """The hexadecimal SHA-256 of its JSON. The row that uses the content has it, so that the item cannot be
        replaced unnoticed."""
        return specification.digest(self)
