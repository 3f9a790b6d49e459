"""A function's settings in its environment variables. Infra writes them with `to_env`, the functions read them with
`from_env`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from lambdas.gate import names

_PREFIX = "APPROVAL_GATE_"
_TRUE = "true"
AGAIN = f"deploy the stack {names.STACK} again: make deploy"


class SettingsError(RuntimeError):
    """An environment variable is missing or has a value that is not allowed."""


@dataclass(frozen=True)
class Settings:
    """`copy_bucket`: the bucket of the ledger's write-once copy; empty if there is none. `annotate_registry`: True if
    outcomes are written to the versions' CustomerMetadataProperties."""

    ledger_table: str
    inbox_url: str
    topic_arn: str
    copy_bucket: str = ""
    annotate_registry: bool = False

    def to_env(self) -> dict[str, str]:
        values = dataclasses.asdict(self) | {"annotate_registry": _TRUE if self.annotate_registry else ""}
        return {_PREFIX + name.upper(): value for name, value in values.items()}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        variables = {field.name: _PREFIX + field.name.upper() for field in dataclasses.fields(cls)}
        missing = [variable for variable in variables.values() if variable not in environ]
        if missing:
            raise SettingsError(f"The function's environment lacks {', '.join(missing)}; {AGAIN}.")
        values: dict[str, Any] = {name: environ[variable] for name, variable in variables.items()}
        return cls(**values | {"annotate_registry": values["annotate_registry"] == _TRUE})
