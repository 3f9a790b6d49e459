"""The deployer, composed of the product's own classes as its handler does, on clients of the edge."""

from typing import Any

from lambdas.deployer.batch import Batch
from lambdas.gate import names
from lambdas.gate.artifacts import Artifacts
from lambdas.gate.attempting import Attempting
from lambdas.gate.gathering import Gathering
from lambdas.gate.hosting import Hosting
from lambdas.gate.images import Images
from lambdas.gate.inbox import Inbox
from lambdas.gate.ledger import Ledger
from lambdas.gate.observation import Observation
from lambdas.gate.pinning import Pinning
from lambdas.gate.preflight import Preflight
from lambdas.gate.reconciler import Reconciler
from lambdas.gate.record import Record
from lambdas.gate.registry import Registry
from lambdas.gate.rescaling import Rescaling
from lambdas.gate.scalable_target import ScalableTarget
from lambdas.gate.soaking import Soaking
from lambdas.gate.specs import Specs
from lambdas.gate.watch import Watch


def deployer(clients: dict[str, Any], once: Any, journal: Any) -> Batch:
    ledger = Ledger(clients["dynamodb"], names.LEDGER)
    inbox = Inbox(clients["sqs"], "inbox")
    record = Record(ledger, inbox)
    registry = Registry(clients["sagemaker"])
    hosting = Hosting(clients["sagemaker"], once, clients["application-autoscaling"])
    watch = Watch(clients["cloudwatch"])
    specs = Specs(clients["ssm"])
    artifacts = Artifacts(lambda: clients["s3"])
    pinning = Pinning(artifacts, Images(lambda: clients["ecr"]))
    reconciler = Reconciler(
        specs=specs,
        ledger=ledger,
        observation=Observation(registry, hosting, watch),
        attempting=Attempting(registry, hosting, watch, record, Preflight(hosting, watch), pinning),
        watch=watch,
        record=record,
        pinning=pinning,
        rescaling=Rescaling(hosting, ScalableTarget(clients["application-autoscaling"]), watch, record),
        gathering=Gathering(registry, artifacts, pinning, Soaking(ledger, specs, watch)),
    )
    return Batch(reconciler, ledger, inbox, journal, journal, jitter=lambda: 0.5)
