"""Publishing a row: send the event, send the notification, write the copy, annotate the versions, and remove the row
from the outbox. So each row is published at least once, and normally exactly once. A receiver that must not act twice
can recognise repeats by endpoint and number.

Event and notification are sent first, so that trouble with the copy's bucket or the registry does not delay them. Then
the row is marked, so that they are sent once however long the other steps take.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.logging import Logger

from lambdas.gate.state.fact import Row
from lambdas.gate.text import one_line
from lambdas.publisher import mail, notification
from lambdas.publisher.advice import advise
from lambdas.publisher.alarm import AlarmChange, alarm_message
from lambdas.publisher.annotation import Annotations, Unwritten
from lambdas.publisher.circumstances import CircumstancesReader
from lambdas.publisher.copy import Copies
from lambdas.publisher.event import event
from lambdas.publisher.message import Circumstances
from lambdas.publisher.notification import Render
from lambdas.publisher.outbox import Outbox


class EventRefused(Exception):
    """PutEvents answered 200, but did not accept the entry."""


@dataclass(frozen=True)
class Waiting:
    """A row to publish. `identifier`: the caller's name for it. `read`: returns the row, or raises any exception."""

    identifier: str
    read: Callable[[], Row]


@dataclass(frozen=True)
class Result:
    """`published`: how many rows were published. `failed`: the identifiers of the rows that were not, in order.
    `unwritten`: how many annotations the registry refused."""

    published: int
    failed: tuple[str, ...]
    unwritten: int = 0


class Publisher:
    """`circumstances`: None if a notification says nothing besides its row. `render`: its format. `copies`,
    `annotations`: None if the settings ask for none."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        events: Any,
        sns: Any,
        topic_arn: str,
        logger: Logger,
        circumstances: CircumstancesReader | None = None,
        render: Render = mail.text,
        copies: Copies | None = None,
        annotations: Annotations | None = None,
    ) -> None:
        self.outbox = outbox
        self._circumstances = circumstances
        self._render = render
        self._copies = copies
        self._annotations = annotations
        self._events = events
        self._sns = sns
        self._topic_arn = topic_arn
        self._logger = logger

    def notify_of_alarm(self, event: dict[str, Any]) -> None:
        """Send a notification about a change of an alarm's state, if the alarm is this product's."""
        change = AlarmChange.of(event)
        if not change.is_notified:
            return
        message = alarm_message(change, self._topic_arn, self._known(change.endpoint))
        self._sns.publish(**notification.publish_request(message, self._topic_arn, self._render))
        self._logger.info("notified of an alarm", alarm=change.name, state=change.state)

    def publish_all(self, waiting: Iterable[Waiting]) -> Result:
        """Publish all rows. A row that cannot be published is logged, and the others are published."""
        published, failed, unwritten = 0, [], 0
        for one in waiting:
            try:
                refused = self.publish(one.read())
            except Exception as error:
                self._logger.exception("not published", identifier=one.identifier, error=one_line(str(error)))
                failed.append(one.identifier)
                continue
            if refused is not None:
                published += 1
                unwritten += len(refused)
        return Result(published, tuple(failed), unwritten)

    def publish(self, row: Row) -> tuple[Unwritten, ...] | None:
        """Publish one row and return the refused annotations; None if the row was published before, because a stream
        may deliver a whole batch again."""
        mark = self.outbox.find(row)
        if mark is None:
            return None
        if not mark.is_notified:
            self._notify(row)
        if self._copies:
            self._copies.keep(row)
        unwritten = self._annotations.write(row) if self._annotations else ()
        self.outbox.remove(row)
        self._logger.info(
            "published",
            endpoint=row.endpoint,
            number=row.number,
            kind=row.fact.kind.value,
            summary=one_line(row.fact.summary),
            told_people=advise(row) is not None,
        )
        for refused in unwritten:
            self._logger.warning("not annotated", version=refused.version, error=refused.reason)
        return unwritten

    def _notify(self, row: Row) -> None:
        self._put_event(row)
        known = notification.NOTHING_ELSE if advise(row) is None else self._known(row.endpoint)
        if request := notification.request(row, self._topic_arn, known, self._render):
            self._sns.publish(**request)
        if self._copies or self._annotations:
            self.outbox.mark_notified(row)

    def _known(self, endpoint: str) -> Circumstances:
        return self._circumstances.read(endpoint) if self._circumstances else notification.NOTHING_ELSE

    def _put_event(self, row: Row) -> None:
        # PutEvents answers 200 although it did not accept an entry.
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        answer = self._events.put_events(Entries=[event(row)])
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            raise EventRefused(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
