"""A comparer's settings in its environment variables. Infra writes them with `to_env`, the function reads them with
`from_env`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from lambdas.gate import names
from lambdas.gate.settings import SettingsError

_PREFIX = "APPROVAL_GATE_COMPARER_"


@dataclass(frozen=True)
class ComparerSettings:
    """`destination`: the S3 prefix of the endpoint's data capture. `inbox_url`: of the deployer's queue."""

    endpoint: str
    destination: str
    inbox_url: str

    def to_env(self) -> dict[str, str]:
        return {_PREFIX + name.upper(): value for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        values = {field.name: environ.get(_PREFIX + field.name.upper(), "") for field in dataclasses.fields(cls)}
        missing = [_PREFIX + name.upper() for name, value in values.items() if not value]
        if missing:
            stack = f"{names.STACK}-{values['endpoint'] or 'NAME'}"
            raise SettingsError(
                f"The function's environment lacks {', '.join(missing)}; deploy the stack {stack} again: make deploy."
            )
        return cls(**values)
