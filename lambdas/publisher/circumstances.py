"""Reading what a notification says besides its row. A notification is sent without what cannot be read."""

from datetime import tzinfo

from aws_lambda_powertools.logging import Logger

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.publisher.message import Circumstances, live_text


class CircumstancesReader:
    """`ledger`, `specs`: on clients that give up soon, because the notification waits for them."""

    def __init__(self, ledger: Ledger, specs: SpecParameters, zone: tzinfo, logger: Logger) -> None:
        self._ledger = ledger
        self._specs = specs
        self._zone = zone
        self._logger = logger

    def read(self, endpoint: str) -> Circumstances:
        if endpoint == names.ALL:
            return Circumstances(zone=self._zone)
        return Circumstances(self._live(endpoint), self._contacts(endpoint), self._zone)

    def _live(self, endpoint: str) -> str | None:
        """Return what the endpoint serves now; None before its first reconcile, or if that cannot be read."""
        try:
            head = self._ledger.head(endpoint)
        except Exception:  # The head may also be altered, or be of another release.
            self._logger.exception("live version not read", endpoint=endpoint)
            return None
        return live_text(head.live, self._zone) if head else None

    def _contacts(self, endpoint: str) -> tuple[tuple[str, str], ...]:
        """Return whom to ask; nothing if the spec says nothing about it, or cannot be read."""
        try:
            stored = self._specs.read(endpoint)
        except Exception:  # The spec may also be of another release.
            self._logger.exception("contacts not read", endpoint=endpoint)
            return ()
        contacts = stored.spec.contacts if stored else None
        return tuple(contacts.labelled()) if contacts else ()
