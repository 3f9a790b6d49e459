"""Reading CloudTrail's event history once for all endpoints."""

import dataclasses
from contextlib import suppress

from lambdas.gate.aws.errors import FAILURES, Unreadable
from lambdas.gate.aws.event_history import EventHistory
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.decide.certainty import certainty, needs_history, since
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.certainty import Certain, Certainty, Changed
from lambdas.gate.state.history import History
from lambdas.gate.state.observed import Package

FRESH_SECONDS = 30
"""How long no endpoint reads the history again. An account has two lookups a second."""
SHARED_SECONDS = 3600
"""How long the time range that one endpoint asked for is read for the others too."""


@dataclasses.dataclass(frozen=True)
class HistoryReader:
    events: EventHistory
    ledger: Ledger

    def certainty(self, package: Package, stage: Stage | None, now: float) -> Certainty:
        """Return whether a version that is first seen already approved is what was approved. CloudTrail is asked only
        if the history that another reconcile read does not tell, and is no longer fresh."""
        if not needs_history(package, now):
            return certainty(package, None, stage, now)
        kept, wanted = self.ledger.history(), since(package, now)
        known = certainty(package, kept, stage, now)
        if isinstance(known, Certain | Changed) or _is_fresh(kept, wanted, now):
            return known
        if kept and now - kept.read_at < SHARED_SECONDS:
            wanted = min(wanted, kept.asked)
        try:
            history = self.events.read(wanted, now)
        except Unreadable as error:
            return certainty(package, kept, stage, now, str(error))
        # The next reconcile reads it again if it could not be kept.
        with suppress(*FAILURES):
            self.ledger.keep_history(kept, history)
        return certainty(package, history, stage, now)


def _is_fresh(kept: History | None, wanted: float, now: float) -> bool:
    return kept is not None and kept.asked <= wanted and now - kept.read_at < FRESH_SECONDS
