"""A call that is waited for so long and no longer."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[Callable[[], bool]], T]) -> T:
    """What the call gives or raises. Raises TimeoutError where it takes longer; then it is left to itself, and what it
    is given tells it that nobody waits any more.

    The timeouts of a client are between one byte and the next: a body that trickles takes for ever.
    """
    given: list[T] = []
    raised: list[BaseException] = []
    late = threading.Event()

    def run() -> None:
        try:
            given.append(call(late.is_set))
        except BaseException as error:  # noqa: BLE001 Raised again below, where it belongs.
            raised.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(seconds)
    if raised:
        raise raised[0]
    if not given:
        late.set()
        raise TimeoutError(f"no whole answer within {seconds:g} s")
    return given[0]
