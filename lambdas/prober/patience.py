"""A call with a time limit."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[Callable[[], bool]], T]) -> T:
    """Return or raise what the call returns or raises. Raises TimeoutError if it takes longer than `seconds`.

    The call gets a function that returns True once the time is over, so that it can stop. The timeouts of a botocore
    client would not be enough, because they limit only the time between two bytes, and a body may come slowly.
    """
    given: list[T] = []
    raised: list[BaseException] = []
    late = threading.Event()

    def run() -> None:
        try:
            given.append(call(late.is_set))
        except BaseException as error:  # noqa: BLE001 Raised again below, in the caller's thread.
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
