"""A prober's settings in its environment variables."""

from dataclasses import dataclass
from typing import ClassVar

from lambdas.gate.settings import EndpointSettings

GOLDEN_FILE = "golden.jsonl"
"""The file of the golden requests in the function's asset."""


@dataclass(frozen=True)
class ProberSettings(EndpointSettings):
    """`queue_url`: of the prober's own queue. `inbox_url`: of the deployer's. `digest`: the SHA-256 of the golden
    requests. `namespace`: the one in which it may put metrics. `wait_seconds`: how long a rollout waits while a part of
    the traffic is on the new fleet. `bake_seconds`: how long it bakes when all traffic is."""

    PREFIX: ClassVar[str] = "APPROVAL_GATE_PROBER_"

    queue_url: str
    inbox_url: str
    digest: str
    namespace: str
    wait_seconds: int
    bake_seconds: int
