"""SSM's parameters: the endpoints' specs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulation import refusals
from simulation.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class Parameter:
    value: str
    version: int
    modified: float

    def described(self, name: str) -> dict[str, Any]:
        at = timestamp(self.modified)
        return {"Name": name, "Value": self.value, "Version": self.version, "LastModifiedDate": at}


def get_parameter(
    parameters: Mapping[str, Parameter], request: dict[str, Any], now: float, *, stale: bool = False
) -> dict[str, Any]:
    parameter = parameters.get(request["Name"])
    if parameter is None:
        raise refusals.refusal("GetParameter", "ParameterNotFound", "")
    return {"Parameter": parameter.described(request["Name"])}
