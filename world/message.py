"""SQS: a message of a queue, and what its receiver is told about it."""

from dataclasses import dataclass, field, replace

from world.call import Caller
from world.timestamps import milliseconds

EVENTS = "events.amazonaws.com"
"""The sender of what EventBridge delivers."""
LAMBDA = "lambda.amazonaws.com"
"""The sender of what Lambda delivers to a destination."""


@dataclass(frozen=True, slots=True)
class Message:
    """`sender` is its SenderId. `sent` and `first_received` are seconds since 1970, `received` is how often it was
    received."""

    body: str
    number: int = field(repr=False)
    sender: str
    sent: float
    received: int = 0
    first_received: float | None = None

    def receive(self, now: float) -> "Message":
        first = now if self.first_received is None else self.first_received
        return replace(self, received=self.received + 1, first_received=first)

    def attributes(self) -> dict[str, str]:
        """Return the system attributes of a received message.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
        """
        assert self.first_received is not None
        return {
            "ApproximateReceiveCount": str(self.received),
            "SentTimestamp": str(milliseconds(self.sent)),
            "SenderId": self.sender,
            "ApproximateFirstReceiveTimestamp": str(milliseconds(self.first_received)),
        }


def sender_id(caller: Caller) -> str:
    """Return the SenderId of this caller's messages, which no caller can set: the unique id of a user; for a role its
    unique id and the session's name.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html
    """
    return caller.principal_id
