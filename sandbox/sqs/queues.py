"""SQS in simulated time: a delayed or invisible message becomes visible exactly when due, without a poll."""

import time
from collections.abc import Callable
from typing import Any, Final

from moto.core.utils import unix_time_millis
from moto.sqs.models import Message, SQSBackend

from sandbox.clock import Clock

_MOTO_CHANGE_VISIBILITY: Final = Message.change_visibility
_MOTO_DELAY: Final = Message.delay
_MOTO_RECEIVE: Final = SQSBackend.receive_message
_POLL_SECONDS: Final = 0.05
_EARLY_MILLISECONDS: Final = 0.5
"""Message times are sums of floats. A message that is due must not be missed by a rounding error."""


class Queues:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def install(self) -> None:
        clock = self._clock

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

        Message.change_visibility = change_visibility_and_return
        Message.delay = delay_and_return
        Message.visible = property(_is_reached(lambda message: message.visible_at))
        Message.delayed = property(lambda message: not _is_reached(lambda one: one.delayed_until)(message))
        SQSBackend.receive_message = receive_message


def _is_reached(moment: Callable[[Any], float]) -> Callable[[Any], bool]:
    return lambda message: unix_time_millis() >= moment(message) - _EARLY_MILLISECONDS


def _settle_at(clock: Clock, milliseconds: float) -> None:
    """Stop the clock at this time and settle, which delivers the message."""
    clock.at(milliseconds / 1000, lambda: None)
