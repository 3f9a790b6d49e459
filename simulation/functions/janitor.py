"""The janitor, composed of the product's own classes as in its handler, on clients of the edge."""

from collections.abc import Callable
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.janitor.disposal import Disposal
from lambdas.janitor.janitor import Janitor
from lambdas.janitor.policy import Policy
from lambdas.janitor.take_inventory import InventoryReader


def janitor(clients: dict[str, Any], once: Any, policy: Policy, journal: Any, clock: Callable[[], float]) -> Janitor:
    ledger = Ledger(clients["dynamodb"], names.LEDGER)
    return Janitor(
        reader=InventoryReader(clients["sagemaker"], clients["cloudwatch"], ledger),
        disposal=Disposal(once, clients["cloudwatch"]),
        ledger=ledger,
        policy=policy,
        logger=journal,
        clock=clock,
    )
