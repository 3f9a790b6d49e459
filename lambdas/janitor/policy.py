"""What the janitor is told to keep, and whether it deletes at all: the janitor section of endpoints.yaml.

Infra writes it to the function's environment with `to_env`, the function reads it with `from_env`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

from lambdas.gate.settings import AGAIN, SettingsError

DAY = 86_400
T = TypeVar("T")
_VARIABLE = "APPROVAL_GATE_JANITOR_"


class Mode(StrEnum):
    """Without a mode `off`: then there is no janitor."""

    DRY_RUN = "dry-run"
    """Says what it would delete. Its role allows no deletion."""
    DELETE = "delete"


@dataclass(frozen=True)
class Policy:
    """`keep_good`: how many configs of good versions behind the live one stay, however old."""

    mode: Mode
    retention_days: int
    keep_good: int
    failed_endpoint_days: int

    def to_env(self) -> dict[str, str]:
        return {
            f"{_VARIABLE}MODE": self.mode.value,
            f"{_VARIABLE}RETENTION_DAYS": str(self.retention_days),
            f"{_VARIABLE}KEEP_GOOD": str(self.keep_good),
            f"{_VARIABLE}FAILED_ENDPOINT_DAYS": str(self.failed_endpoint_days),
        }

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        return cls(
            mode=_read(environ, "MODE", Mode, " or ".join(Mode)),
            retention_days=_read(environ, "RETENTION_DAYS", int, "a whole number"),
            keep_good=_read(environ, "KEEP_GOOD", int, "a whole number"),
            failed_endpoint_days=_read(environ, "FAILED_ENDPOINT_DAYS", int, "a whole number"),
        )


def _read(environ: Mapping[str, str], name: str, kind: Callable[[str], T], allowed: str) -> T:
    variable = _VARIABLE + name
    if variable not in environ:
        raise SettingsError(f"The function's environment lacks {variable}; {AGAIN}.")
    value = environ[variable]
    try:
        return kind(value)
    except ValueError as error:
        told = f"The function's environment has {variable}={value!r}, which is not {allowed}; {AGAIN}."
        raise SettingsError(told) from error
