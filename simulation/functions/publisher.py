"""The publisher, composed of the product's own classes as in its handler, on clients of the edge."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.publisher.annotation import Annotations
from lambdas.publisher.copy import Copies
from lambdas.publisher.outbox import Outbox
from lambdas.publisher.publisher import Publisher
from simulation.world.example import COPIES
from simulation.world.registry import ACCOUNT, REGION

TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:{names.TOPIC}"


def publisher(clients: dict[str, Any], journal: Any, *, copied: bool) -> Publisher:
    ledger = Ledger(clients["dynamodb"], names.LEDGER)
    return Publisher(
        outbox=Outbox(clients["dynamodb"], names.LEDGER),
        events=clients["events"],
        sns=clients["sns"],
        topic_arn=TOPIC_ARN,
        logger=journal,
        copies=Copies(clients["s3"], COPIES) if copied else None,
        annotations=Annotations(clients["sagemaker"], ledger) if copied else None,
    )
