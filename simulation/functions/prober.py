"""The prober, composed of the product's own classes as in its handler, on clients of the edge."""

import sys
from typing import Any

from lambdas.answers.answer import CSV
from lambdas.gate import names
from lambdas.gate.aws.inbox import Inbox
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.player import Player
from lambdas.prober.probe_task import Malformed
from lambdas.prober.prober import Prober
from lambdas.prober.settings import ProberSettings
from simulation.functions.journal import Journal
from simulation.world.example import DIGEST, NAME
from simulation.world.operations import PROBER_QUEUE
from simulation.world.runtime import NEW, OLD, RIGHT
from simulation.world.world import World

REQUESTS = tuple(GoldenRequest(body.decode(), body, CSV, expect=float(RIGHT)) for body in (OLD, NEW))
PHASE_SECONDS = 60
"""It probes for the first minute of each phase, twice, so that runs are short."""
SETTINGS = ProberSettings(
    NAME, PROBER_QUEUE, "inbox", DIGEST, names.golden_namespace(NAME), PHASE_SECONDS, PHASE_SECONDS
)
MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError)


class ProberJournal(Journal):
    """Reports the errors that the prober's own boundaries catch."""

    def exception(self, message: str, **fields: Any) -> None:
        mistake = sys.exc_info()[1]
        if isinstance(mistake, (*MISTAKES, Malformed)):
            self._world.violated(f"the prober raised {mistake!r}")


def prober(clients: dict[str, Any], world: World) -> Prober:
    def now() -> float:
        return world.now

    return Prober(
        settings=SETTINGS,
        requests=REQUESTS,
        player=Player(clients["sagemaker-runtime"], NAME, now, lambda seconds, call: call(lambda: False)),
        cloudwatch=clients["cloudwatch"],
        queue=Inbox(clients["sqs"], PROBER_QUEUE),
        inbox=Inbox(clients["sqs"], "inbox"),
        logger=ProberJournal(world, now),  # type: ignore[arg-type]
        most=len(REQUESTS),
        elapsed=now,
    )
