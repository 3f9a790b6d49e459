"""The deployer, composed as in its handler, on clients of the edge."""

from collections.abc import Callable
from typing import Any

from botocore.config import Config

from lambdas.deployer.composition import Deployer, compose
from lambdas.gate import names
from lambdas.gate.aws.clients import ONCE, Credentials
from lambdas.gate.aws.readers import ANY, Named
from lambdas.gate.settings import Queues, bucket_mark
from simulation.world.example import ORDERS_ARN, SPEC
from simulation.world.people import DEPLOYER_ARN, role_id

QUEUES = Queues("inbox", "orders", ORDERS_ARN)
NAMED = Named(frozenset(map(bucket_mark, (SPEC.model_artifacts.split("/")[2], "elsewhere"))), frozenset({ANY}))
"""Another endpoint's entry names the second one."""


def deployer(
    clients: dict[str, Any], once: Any, journal: Any, clock: Callable[[], float], *, floored: bool
) -> Deployer:
    def client(service: str, config: Config, credentials: Credentials | None = None) -> Any:
        return once if config is ONCE else clients[service]

    own = role_id(DEPLOYER_ARN)
    return compose(client, names.LEDGER, own, QUEUES, NAMED, floored, journal, journal, clock, jitter=lambda: 0.5)
