"""A prober's settings in its environment variables. Infra writes them with `to_env`, the function reads them with
`from_env`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from lambdas.gate import names
from lambdas.gate.settings import SettingsError

_PREFIX = "APPROVAL_GATE_PROBER_"
GOLDEN_FILE = "golden.jsonl"
"""The file of the golden requests in the function's asset."""


@dataclass(frozen=True)
class ProberSettings:
    """`queue_url`: of the prober's own queue. `inbox_url`: of the deployer's. `digest`: the SHA-256 of the golden
    requests. `namespace`: the one in which it may put metrics. `wait_seconds`: how long a rollout waits while a part of
    the traffic is on the new fleet. `bake_seconds`: how long it bakes when all traffic is."""

    endpoint: str
    queue_url: str
    inbox_url: str
    digest: str
    namespace: str
    wait_seconds: int
    bake_seconds: int

    def to_env(self) -> dict[str, str]:
        return {_PREFIX + name.upper(): str(value) for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        values = {field.name: environ.get(_PREFIX + field.name.upper(), "") for field in dataclasses.fields(cls)}
        missing = [_PREFIX + name.upper() for name, value in values.items() if not value]
        if missing:
            stack = f"{names.STACK}-{values['endpoint'] or 'NAME'}"
            raise SettingsError(
                f"The function's environment lacks {', '.join(missing)}; deploy the stack {stack} again: make deploy."
            )
        return cls(
            values["endpoint"],
            values["queue_url"],
            values["inbox_url"],
            values["digest"],
            values["namespace"],
            int(values["wait_seconds"]),
            int(values["bake_seconds"]),
        )
