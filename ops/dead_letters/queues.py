"""Both dead-letter queues: which messages wait there, and how one is deleted.

Looking at a message hides it for a moment and counts as a delivery. So each look gives the messages back.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from ops.errors import Exit, Refused

QUEUES = (names.DEAD_LETTERS, names.ORDERS_DEAD_LETTERS)
HIDDEN_SECONDS = 60
"""How long a message is hidden from others while it is looked at."""
WAIT_SECONDS = 1
"""How long SQS waits for messages before it answers that there are none. Without a wait it asks only some of its
servers, and may answer so although there are messages."""
MOST = 1_000
"""The most messages of a queue that are looked at. A queue with more is worked off in several turns."""


@dataclass(frozen=True)
class DeadLetter:
    """A message in a dead-letter queue."""

    id: str
    """SQS's MessageId."""
    queue: str
    """The name of the dead-letter queue."""
    body: str
    source: str | None
    """The ARN of the queue from which SQS moved it; None if EventBridge or Lambda sent it here."""
    sender: str
    """SQS's SenderId."""
    sent_at: float
    """In seconds since 1970. In a FIFO queue, when it was moved here."""
    deliveries: int
    """How often it was delivered in all queues, including each time that it was shown."""
    kept_until: float
    """When SQS deletes it, in seconds since 1970."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What EventBridge or Lambda says about it."""


class DeadLetterQueues:
    """`sqs`: a boto3 client."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def letters(self) -> tuple[DeadLetter, ...]:
        """Return the messages of both queues, oldest first. SQS hides messages of an order's endpoint while another one
        of that endpoint is looked at, so there may be more than these."""
        found = list[DeadLetter]()
        for name in QUEUES:
            url = self._url(name)
            for letter, receipt in self._look(name, url):
                found.append(letter)
                self._give_back(url, receipt)
        return tuple(sorted(found, key=lambda letter: (letter.sent_at, letter.id)))

    def delete(self, letters: Collection[DeadLetter]) -> frozenset[str]:
        """Delete these messages, and return the ids of those that SQS gave for it."""
        wanted, deleted = {letter.id for letter in letters}, set[str]()
        for name in dict.fromkeys(letter.queue for letter in letters):
            url = self._url(name)
            for letter, receipt in self._look(name, url):
                if letter.id in wanted:
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
                    deleted.add(letter.id)
                else:
                    self._give_back(url, receipt)
        return frozenset(deleted)

    def _look(self, name: str, url: str) -> Collection[tuple[DeadLetter, str]]:
        """Return each message of a queue with its receipt, hidden from others."""
        found = dict[str, tuple[DeadLetter, str]]()
        kept = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["MessageRetentionPeriod"])["Attributes"]
        while len(found) < MOST and (messages := self._receive(url)):
            known = len(found)
            for message in messages:
                letter = _letter(message, name, int(kept["MessageRetentionPeriod"]))
                found[letter.id] = letter, message["ReceiptHandle"]
            if len(found) == known:
                break  # So much time has passed that the first ones are seen again.
        return found.values()

    def _receive(self, url: str) -> Sequence[Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: Sequence[Mapping[str, Any]] = answer.get("Messages", ())
        return messages

    def _give_back(self, url: str, receipt: str) -> None:
        """Let a message be seen again at once. If SQS refuses that, it is seen again after HIDDEN_SECONDS."""
        with suppress(ClientError):
            self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def _url(self, name: str) -> str:
        url: str = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return url


def chosen(letters: Sequence[DeadLetter], asked: Sequence[str]) -> tuple[DeadLetter, ...]:
    """Return the messages with these ids, each of which may be shortened. Raise Refused if one is not there, or if
    several begin so."""
    found = dict[str, DeadLetter]()
    for text in asked:
        alike = [letter for letter in letters if letter.id.lower().startswith(text.lower())]
        if not alike:
            raise Refused(f"No dead letter's id begins with {text[:80]!r}. See `dead-letters`.", Exit.NEVER_HEARD_OF)
        if len(alike) > 1:
            raise Refused(f"{len(alike)} dead letters' ids begin with {text!r}. Give more of it.", Exit.WRONG_CALL)
        found[alike[0].id] = alike[0]
    return tuple(found.values())


def _letter(message: Mapping[str, Any], queue: str, kept_seconds: int) -> DeadLetter:
    said = message["Attributes"]
    sent_at = int(said["SentTimestamp"]) / 1000
    typed = message.get("MessageAttributes", {})
    return DeadLetter(
        message["MessageId"],
        queue,
        message["Body"],
        said.get("DeadLetterQueueSourceArn"),
        said.get("SenderId", ""),
        sent_at,
        int(said.get("ApproximateReceiveCount", 0)),
        sent_at + kept_seconds,
        {name: value["StringValue"] for name, value in typed.items() if "StringValue" in value},
    )
