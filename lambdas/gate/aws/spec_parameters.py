"""The edge of the specs and of the floor: SSM parameters, written by the endpoints' stacks and by GateStack."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import NotFound, Unreadable, reading, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Spec, SpecError, SpecSeen
from lambdas.gate.state.spec_version import SpecVersion, digest


@dataclass(frozen=True)
class StoredSpec:
    """`spec`: a spec. `seen`: the version and time of its parameter."""

    spec: Spec
    seen: SpecSeen


class SpecParameters:
    def __init__(self, ssm: Any) -> None:
        self._ssm = ssm

    def read(self, endpoint: str) -> StoredSpec | None:
        """Return the endpoint's spec; None if the endpoint's stack is not deployed. Raises SpecError."""
        try:
            with translated():
                parameter = self._ssm.get_parameter(Name=names.spec_parameter(endpoint))["Parameter"]
        except NotFound:
            return None
        value = parameter["Value"]
        seen = SpecSeen(parameter["Version"], parameter["LastModifiedDate"].timestamp(), digest(value))
        return StoredSpec(Spec.from_json(value), seen)

    def history(self, endpoint: str) -> tuple[SpecVersion, ...]:
        """Return the versions of the endpoint's parameter that SSM still has, the oldest first. SSM keeps 100.
        https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html"""
        pages = paged(self._ssm.get_parameter_history, "Parameters", Name=names.spec_parameter(endpoint), MaxResults=50)
        found = (
            SpecVersion(
                each["Version"], each["LastModifiedDate"].timestamp(), each["Value"], each.get("LastModifiedUser")
            )
            for each in pages
        )
        return tuple(sorted(found, key=lambda each: each.version))

    def with_settings(self, spec: Spec, settings: str) -> Spec | None:
        """Return the spec with former settings of its endpoint, by their digest; None if SSM no longer has them."""
        for each in reversed(self.history(spec.endpoint)):
            with suppress(SpecError):
                found = spec.with_settings_of(Spec.from_json(each.value))
                if found.settings == settings:
                    return found
        return None


class FloorParameter:
    """`is_deployed`: True if GateStack deploys a floor."""

    def __init__(self, ssm: Any, *, is_deployed: bool) -> None:
        self._ssm = ssm
        self._is_deployed = is_deployed

    def read(self) -> FloorRead | None:
        """Return the floor; None if GateStack deploys none. If it cannot be read, the answer says why."""
        if not self._is_deployed:
            return None
        try:
            with reading(f"the parameter {names.FLOOR_PARAMETER}"):
                parameter = self._ssm.get_parameter(Name=names.FLOOR_PARAMETER)["Parameter"]
            return FloorRead(Floor.from_json(parameter["Value"]), parameter["Version"])
        except (Unreadable, SpecError) as error:
            return FloorRead(None, unread=str(error))
