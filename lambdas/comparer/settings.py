"""A comparer's settings in its environment variables."""

from dataclasses import dataclass
from typing import ClassVar

from lambdas.gate.settings import EndpointSettings


@dataclass(frozen=True)
class ComparerSettings(EndpointSettings):
    """`destination`: the S3 prefix of the endpoint's data capture. `inbox_url`: of the deployer's queue."""

    PREFIX: ClassVar[str] = "APPROVAL_GATE_COMPARER_"

    destination: str
    inbox_url: str
