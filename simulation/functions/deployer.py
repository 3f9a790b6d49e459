"""The deployer, composed as in its handler, on clients of the edge."""

from typing import Any

from botocore.config import Config

from lambdas.deployer.batch import Batch
from lambdas.deployer.composition import compose
from lambdas.gate import names
from lambdas.gate.aws.clients import ONCE
from lambdas.gate.settings import bucket_mark
from simulation.world.example import SPEC

BUCKETS = frozenset(map(bucket_mark, (SPEC.model_artifacts.split("/")[2], "elsewhere")))
"""Another endpoint's entry names the second one."""


def deployer(clients: dict[str, Any], once: Any, journal: Any) -> Batch:
    def client(service: str, config: Config) -> Any:
        return once if config is ONCE else clients[service]

    return compose(client, names.LEDGER, "inbox", BUCKETS, journal, journal, jitter=lambda: 0.5)
