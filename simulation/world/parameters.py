"""SSM's parameters: the endpoints' specs."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulation.world import refusals
from simulation.world.registry import STALE_SECONDS
from simulation.world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class Parameter:
    value: str
    version: int
    modified: float
    before: "Parameter | None" = None

    def edited(self, value: str, now: float) -> "Parameter":
        return Parameter(value, self.version + 1, now, dataclasses.replace(self, before=None))

    def is_behind(self, now: float) -> bool:
        return self.before is not None and now - self.modified < STALE_SECONDS

    def described(self, name: str) -> dict[str, Any]:
        at = timestamp(self.modified)
        return {"Name": name, "Value": self.value, "Version": self.version, "LastModifiedDate": at}


def get_parameter(
    parameters: Mapping[str, Parameter], request: dict[str, Any], now: float, *, stale: bool = False
) -> dict[str, Any]:
    parameter = parameters.get(request["Name"])
    if parameter is None:
        raise refusals.refusal("GetParameter", "ParameterNotFound", "")
    shown = parameter.before if stale and parameter.before else parameter
    return {"Parameter": shown.described(request["Name"])}
