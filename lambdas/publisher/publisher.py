"""Publishing rows: event, message, copy, annotation, then out of the outbox. So every row is told at least once, and in
the normal path exactly once; who must not act twice drops repeats by endpoint and number.

Telling comes first, so that trouble with the copy's bucket or the registry keeps no news from people; that it is done
is marked, so that they hear it once however long the rest takes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.logging import Logger

from lambdas.gate.state.fact import Row
from lambdas.gate.text import encodable
from lambdas.publisher import notification
from lambdas.publisher.annotation import Annotations, Unwritten
from lambdas.publisher.copy import Copies
from lambdas.publisher.outbox import Outbox


class EventRefused(Exception):
    """PutEvents answered 200 and did not take the entry."""


@dataclass(frozen=True)
class Waiting:
    """A row to be published. `read` raises whatever keeps it from being read; `identifier` is how the caller knows
    it."""

    identifier: str
    read: Callable[[], Row]


@dataclass(frozen=True)
class Result:
    """How many rows were published, and the identifiers of those that could not be, in order. `unwritten`: annotations
    that the registry did not take."""

    published: int
    failed: tuple[str, ...]
    unwritten: int = 0


class Publisher:
    """`copies` and `annotations` are None where they are not wanted."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        events: Any,
        sns: Any,
        topic_arn: str,
        logger: Logger,
        copies: Copies | None = None,
        annotations: Annotations | None = None,
    ) -> None:
        self.outbox = outbox
        self._copies = copies
        self._annotations = annotations
        self._events = events
        self._sns = sns
        self._topic_arn = topic_arn
        self._logger = logger

    def publish_all(self, waiting: Iterable[Waiting]) -> Result:
        """Publish each; one that cannot be published is logged and does not keep the others back."""
        published, failed, unwritten = 0, [], 0
        for one in waiting:
            try:
                refused = self.publish(one.read())
            except Exception as error:
                self._logger.exception("not published", identifier=one.identifier, error=encodable(str(error)))
                failed.append(one.identifier)
                continue
            if refused is not None:
                published += 1
                unwritten += len(refused)
        return Result(published, tuple(failed), unwritten)

    def publish(self, row: Row) -> tuple[Unwritten, ...] | None:
        """Tell of one row and do what comes after; the annotations that the registry did not take. None if all was
        done before: a stream hands over a whole batch again."""
        mark = self.outbox.find(row)
        if mark is None:
            return None
        message = notification.message(row, self._topic_arn)
        if not mark.told:
            self._tell(row, message)
        if self._copies:
            self._copies.keep(row)
        unwritten = self._annotations.write(row) if self._annotations else ()
        self.outbox.remove(row)
        self._logger.info(
            "published",
            endpoint=row.endpoint,
            number=row.number,
            kind=row.fact.kind.value,
            summary=row.fact.summary,
            told_people=message is not None,
        )
        for refused in unwritten:
            self._logger.warning("not annotated", version=refused.version, error=refused.reason)
        return unwritten

    def _tell(self, row: Row, message: dict[str, Any] | None) -> None:
        self._put_event(row)
        if message:
            self._sns.publish(**message)
        if self._copies or self._annotations:
            self.outbox.mark_told(row)

    def _put_event(self, row: Row) -> None:
        # PutEvents answers 200 for an entry it did not take.
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        answer = self._events.put_events(Entries=[notification.event(row)])
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            raise EventRefused(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
