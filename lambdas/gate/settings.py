"""What a function is told by its environment. Infra writes it with `to_env`, the functions read it with `from_env`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_PREFIX = "APPROVAL_GATE_"


class SettingsError(RuntimeError):
    """An environment variable is missing."""


@dataclass(frozen=True)
class Settings:
    ledger_table: str
    inbox_url: str
    topic_arn: str
    account: str

    def to_env(self) -> dict[str, str]:
        return {_PREFIX + name.upper(): value for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        missing = [v for f in dataclasses.fields(cls) if (v := _PREFIX + f.name.upper()) not in environ]
        if missing:
            raise SettingsError(f"The function's environment lacks {', '.join(missing)}; deploy GateStack again.")
        return cls(**{f.name: environ[_PREFIX + f.name.upper()] for f in dataclasses.fields(cls)})
