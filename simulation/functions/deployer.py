"""The deployer, composed as in its handler, on clients of the edge."""

from typing import Any

from botocore.config import Config

from lambdas.deployer.batch import Batch
from lambdas.deployer.composition import compose
from lambdas.gate import names
from lambdas.gate.aws.clients import ONCE


def deployer(clients: dict[str, Any], once: Any, journal: Any) -> Batch:
    def client(service: str, config: Config) -> Any:
        return once if config is ONCE else clients[service]

    return compose(client, names.LEDGER, "inbox", journal, journal, jitter=lambda: 0.5)
