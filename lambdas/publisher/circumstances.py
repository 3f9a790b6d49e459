"""Reading what a notification says besides its row. A notification is sent without what cannot be read."""

from datetime import tzinfo

from aws_lambda_powertools.logging import Logger

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.fact import Row
from lambdas.publisher.message import Circumstances, live_text


class CircumstancesReader:
    """`ledger`: on a client that gives up soon, because the notification waits for it."""

    def __init__(self, ledger: Ledger, zone: tzinfo, logger: Logger) -> None:
        self._ledger = ledger
        self._zone = zone
        self._logger = logger

    def read(self, row: Row) -> Circumstances:
        return Circumstances(live=self._live(row.endpoint), zone=self._zone)

    def _live(self, endpoint: str) -> str | None:
        """Return what the endpoint serves now; None before its first reconcile, or if that cannot be read."""
        if endpoint == names.ALL:
            return None
        try:
            head = self._ledger.head(endpoint)
        except Exception:  # The head may also be altered, or be of another release.
            self._logger.exception("live version not read", endpoint=endpoint)
            return None
        return live_text(head.live, self._zone) if head else None
