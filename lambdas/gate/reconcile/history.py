"""Reading CloudTrail's event history once for all endpoints."""

import dataclasses
from contextlib import suppress

from lambdas.gate.aws.errors import FAILURES, Unreadable
from lambdas.gate.aws.event_history import EventHistory
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.decide.certainty import (
    HISTORY_SECONDS,
    certainty,
    needs_history,
    of_approval,
    since,
    too_early,
)
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.approval import Approval
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

    def certainty(self, package: Package, approval: Approval, stage: Stage | None, now: float) -> Certainty:
        """Return whether a version that is first seen already approved is what was approved. CloudTrail is asked only
        if the history that another reconcile read does not tell, and is no longer fresh."""

        def told_by(history: History | None, trouble: str | None = None) -> Certainty:
            return of_approval(certainty(package, history, stage, now, trouble), package, approval, now)

        if not needs_history(package, now):
            return told_by(None)
        kept = self.ledger.history()
        known = told_by(kept)
        if isinstance(known, Certain | Changed):
            return known
        try:
            return told_by(self._read(kept, since(package, now), now))
        except Unreadable as error:
            return told_by(kept, str(error))

    def witnessed(self, package: Package, approval: Approval, stage: Stage | None, now: float) -> Certainty:
        """Return whether CloudTrail shows this approval, and no change of the version with it or after it."""
        early = too_early(package, approval, now)
        return early or self.certainty(package, approval, stage, now)

    def read(self, wanted: float, now: float) -> History:
        """Return the calls since `wanted`, in seconds since 1970. Raises Unreadable."""
        return self._read(self.ledger.history(), max(wanted, now - HISTORY_SECONDS), now)

    def _read(self, kept: History | None, wanted: float, now: float) -> History:
        """Return the kept history if it is fresh and goes back far enough. Otherwise ask CloudTrail, and keep its
        answer for the other endpoints."""
        if kept is not None and kept.asked <= wanted and now - kept.read_at < FRESH_SECONDS:
            return kept
        if kept and now - kept.read_at < SHARED_SECONDS:
            wanted = min(wanted, kept.asked)
        history = self.events.read(wanted, now)
        # The next reconcile reads it again if it could not be kept.
        with suppress(*FAILURES):
            self.ledger.keep_history(kept, history)
        return history
