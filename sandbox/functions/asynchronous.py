"""Lambda's asynchronous invocations: queued, retried twice, then sent to the function's dead-letter queue.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import functools
import json
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction

from sandbox.clock import Clock
from sandbox.functions.destination import Destination
from sandbox.functions.functions import Functions, find

_RETRY_SECONDS: Final = (60, 120)
_ERROR_CHARACTERS: Final = 1024
_MOTO_INIT: Final = LambdaFunction.__init__
_MOTO_GET_CONFIGURATION: Final = LambdaFunction.get_configuration
_MOTO_UPDATE_CONFIGURATION: Final = LambdaFunction.update_configuration


class Asynchronous:
    def __init__(self, clock: Clock, functions: Functions, destination: Destination) -> None:
        self._clock = clock
        self._functions = functions
        self._destination = destination
        self._waiting: deque[Callable[[], None]] = deque()
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="asynchronous")

    def install(self) -> None:
        """Keep a function's DeadLetterConfig, which moto drops."""

        def init(function: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
            function.dead_letter_config = spec.get("DeadLetterConfig") or {}
            _MOTO_INIT(function, account_id, spec, *args, **kwargs)

        def get_configuration(function: Any, on_create: bool = False) -> dict[str, Any]:
            kept = {"DeadLetterConfig": function.dead_letter_config} if function.dead_letter_config else {}
            configuration: dict[str, Any] = _MOTO_GET_CONFIGURATION(function, on_create)
            return configuration | kept

        def update_configuration(function: Any, updates: dict[str, Any]) -> Any:
            function.dead_letter_config = updates.get("DeadLetterConfig", function.dead_letter_config)
            return _MOTO_UPDATE_CONFIGURATION(function, updates)

        LambdaFunction.__init__ = init
        LambdaFunction.get_configuration = get_configuration
        LambdaFunction.update_configuration = update_configuration

    def add(self, function_arn: str, payload: str) -> None:
        """Queue an invocation for the next `poll`."""
        self._waiting.append(functools.partial(self._run, function_arn, payload, 0))

    def poll(self) -> bool:
        """Run the queued invocations at the same time and wait for them. Return whether there were any."""
        running = []
        while self._waiting:
            running.append(self._pool.submit(self._waiting.popleft()))
        for one in running:
            one.result()
        return bool(running)

    def close(self) -> None:
        self._pool.shutdown()

    def _run(self, function_arn: str, payload: str, retries: int) -> None:
        try:
            function = find(function_arn)
        except UnknownFunctionException:
            return  # The function was deleted, and its queued invocations with it.
        outcome, run = self._functions.run(function, payload)
        if not outcome.is_error:
            return
        if retries < len(_RETRY_SECONDS):
            again = functools.partial(self._run, function_arn, payload, retries + 1)
            self._clock.at(self._clock.time() + _RETRY_SECONDS[retries], lambda: self._waiting.append(again))
        elif target := function.dead_letter_config.get("TargetArn"):
            attributes = {"RequestID": run.request_id, "ErrorCode": "200", "ErrorMessage": _message(outcome.payload)}
            self._destination.send(function.role, target, payload, attributes)


def _message(error: str) -> str:
    return str(json.loads(error).get("errorMessage", ""))[:_ERROR_CHARACTERS] or "Unknown"
