"""The specs' edge: SSM parameters, each written by an endpoint's stack."""

from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.spec.spec import Spec, SpecSeen


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
        seen = SpecSeen(parameter["Version"], parameter["LastModifiedDate"].timestamp())
        return StoredSpec(Spec.from_json(parameter["Value"]), seen)
