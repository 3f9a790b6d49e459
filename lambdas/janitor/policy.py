"""The janitor's policy: what to keep, and whether to delete at all. It is the janitor section of endpoints.yaml.

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
    """What the janitor does with garbage. With `off` in endpoints.yaml there is no janitor."""

    DRY_RUN = "dry-run"
    """It logs what it would delete. Its role allows no deletion."""
    DELETE = "delete"
    """It deletes the garbage."""


@dataclass(frozen=True)
class Policy:
    """`retention_days`: how old garbage has to be. `keep_good`: how many configs of former good versions stay, however
    old. `failed_endpoint_days`: how long ago an endpoint's creation has to have failed."""

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
        trouble = f"The function's environment has {variable}={value!r}, which is not {allowed}; {AGAIN}."
        raise SettingsError(trouble) from error
