"""SSM's parameters."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from world.call import Call
from world.refusal import Refusal
from world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class Parameter:
    """`modified` is in seconds since 1970. `before` is its former version, without the one before that."""

    value: str
    version: int
    modified: float
    before: "Parameter | None" = None

    def edited(self, value: str, now: float) -> "Parameter":
        return Parameter(value, self.version + 1, now, dataclasses.replace(self, before=None))

    def describe(self, name: str) -> dict[str, Any]:
        at = timestamp(self.modified)
        return {"Name": name, "Value": self.value, "Version": self.version, "LastModifiedDate": at}


class Parameters(dict[str, Parameter]):
    """The parameters by name."""

    def copy(self) -> "Parameters":
        return Parameters(self)

    def get_parameter(self, call: Call) -> dict[str, Any]:
        name = call.request["Name"]
        if name not in self:
            raise Refusal("ParameterNotFound", "")
        return {"Parameter": self[name].describe(name)}
