"""SQS in simulated time: a delayed or invisible message becomes visible exactly when due, without a poll. Each message
says who sent it."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from moto.sqs.models import Message, SQSBackend
from moto.sqs.responses import SQSResponse

from sandbox.clock import Clock
from world.call import Caller
from world.message import EVENTS, sender_id

_MOTO_CHANGE_VISIBILITY: Final = Message.change_visibility
_MOTO_DELAY: Final = Message.delay
_MOTO_MESSAGE: Final = Message.__init__
_MOTO_SEND: Final = SQSResponse.send_message
_MOTO_SEND_BATCH: Final = SQSResponse.send_message_batch
_MOTO_RECEIVE: Final = SQSBackend.receive_message
_POLL_SECONDS: Final = 0.05
_EARLY_MILLISECONDS: Final = 0.5
"""Message times are sums of floats. A message that is due must not be missed by a rounding error."""


class Queues:
    """`caller_of` returns the caller with an access key."""

    def __init__(self, clock: Clock, caller_of: Callable[[str], Caller]) -> None:
        self._clock = clock
        self._caller_of = caller_of

    def install(self) -> None:
        clock, caller_of = self._clock, self._caller_of

        def change_visibility_and_return(message: Any, visibility_timeout: int) -> None:
            _MOTO_CHANGE_VISIBILITY(message, visibility_timeout)
            _settle_at(clock, message.visible_at)

        def delay_and_return(message: Any, delay_seconds: int) -> None:
            _MOTO_DELAY(message, delay_seconds)
            _settle_at(clock, message.delayed_until)

        def receive_message(
            backend: Any, queue_name: str, count: int, wait_seconds_timeout: int, *args: Any, **kwargs: Any
        ) -> Any:
            """Receive messages. A long poll waits in real time, because the clock may stand still."""
            deadline = time.monotonic() + (wait_seconds_timeout or 0)
            while True:
                with clock.lock:
                    messages = _MOTO_RECEIVE(backend, queue_name, count, 0, *args, **kwargs)
                if messages or time.monotonic() >= deadline:
                    return messages
                time.sleep(_POLL_SECONDS)

        sending = threading.local()

        def as_caller(operation: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def send(response: Any) -> Any:
                sending.by = sender_id(caller_of(response.access_key))
                try:
                    return operation(response)
                finally:
                    del sending.by

            return send

        def message_of(message: Any, *args: Any, **kwargs: Any) -> None:
            _MOTO_MESSAGE(message, *args, **kwargs)
            # What arrives without a call comes from EventBridge or Lambda, and they set it themselves.
            message.sender_id = getattr(sending, "by", EVENTS)

        Message.__init__ = message_of
        SQSResponse.send_message = as_caller(_MOTO_SEND)
        SQSResponse.send_message_batch = as_caller(_MOTO_SEND_BATCH)
        Message.change_visibility = change_visibility_and_return
        Message.delay = delay_and_return
        Message.visible = property(lambda message: _is_reached(clock, message.visible_at))
        Message.delayed = property(lambda message: not _is_reached(clock, message.delayed_until))
        SQSBackend.receive_message = receive_message


def _is_reached(clock: Clock, milliseconds: float) -> bool:
    return clock.time() * 1000 >= milliseconds - _EARLY_MILLISECONDS


def _settle_at(clock: Clock, milliseconds: float) -> None:
    """Stop the clock at this time and settle, which delivers the message."""
    clock.at(milliseconds / 1000, lambda: None)
