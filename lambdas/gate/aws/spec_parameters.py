"""The specs' edge: SSM parameters, each written by an endpoint's stack."""

from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.spec.spec import Spec, SpecSeen
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
