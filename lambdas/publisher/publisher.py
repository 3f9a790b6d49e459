"""Publishing rows: event, message, then out of the outbox. So every row is told at least once, and in the normal path
exactly once; who must not act twice drops repeats by endpoint and number."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.logging import Logger
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.fact import Row
from lambdas.publisher import notification
from lambdas.publisher.outbox import Outbox, UnreadableRow


class EventRefused(Exception):
    """PutEvents answered 200 and did not take the entry."""


@dataclass(frozen=True)
class Waiting:
    """A row to be published. `read` may raise UnreadableRow; `identifier` is how the caller knows it."""

    identifier: str
    read: Callable[[], Row]


@dataclass(frozen=True)
class Result:
    """How many rows were published, and the identifiers of those that could not be, in order."""

    published: int
    failed: tuple[str, ...]


class Publisher:
    def __init__(self, *, outbox: Outbox, events: Any, sns: Any, topic_arn: str, logger: Logger) -> None:
        self.outbox = outbox
        self._events = events
        self._sns = sns
        self._topic_arn = topic_arn
        self._logger = logger

    def publish_all(self, waiting: Iterable[Waiting]) -> Result:
        """Publish each; one that cannot be published is logged and does not keep the others back."""
        published, failed = 0, []
        for one in waiting:
            try:
                published += self.publish(one.read())
            except (BotoCoreError, ClientError, EventRefused, UnreadableRow) as error:
                self._logger.error("not published", identifier=one.identifier, error=str(error))
                failed.append(one.identifier)
        return Result(published, tuple(failed))

    def publish(self, row: Row) -> bool:
        """Tell of one row, unless it was told of before. False if it was: a stream hands over a whole batch again."""
        if not self.outbox.holds(row):
            return False
        self._put_event(row)
        message = notification.message(row, self._topic_arn)
        if message:
            self._sns.publish(**message)
        self.outbox.remove(row)
        self._logger.info(
            "published",
            endpoint=row.endpoint,
            number=row.number,
            kind=row.fact.kind.value,
            summary=row.fact.summary,
            told_people=message is not None,
        )
        return True

    def _put_event(self, row: Row) -> None:
        # PutEvents answers 200 for an entry it did not take.
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        answer = self._events.put_events(Entries=[notification.event(row)])
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            raise EventRefused(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
