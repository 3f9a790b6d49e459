"""Lambda functions: run from the deployed asset, one at a time per environment, logged, their AWS calls on record."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends

from sandbox.clock import Clock
from sandbox.events.targets import InvokeLater
from sandbox.functions.environments import Environments
from sandbox.functions.execution_environment import Outcome

_LOG_TAIL_BYTES: Final = 4096


@dataclass
class Run:
    """One invocation of a function: the AWS calls it made, as `service:Action`, in order, and what it printed."""

    function: str
    request_id: str
    time: float
    event: Any
    calls: list[str] = field(default_factory=list)
    output: str = ""
    error: str | None = None
    is_running: bool = True


class Functions:
    def __init__(self, clock: Clock, environments: Environments) -> None:
        self.runs: list[Run] = []
        """Every invocation since the start, in order."""
        self._clock = clock
        self._environments = environments
        self._running: dict[str, Run] = {}
        """By access key."""

    def install(self, invoke_later: InvokeLater) -> None:
        """Answer the Invoke operation of any client."""
        functions = self

        def invoke(function: Any, body: str, request_headers: Any, response_headers: dict[str, str]) -> bytes:
            match request_headers.get("x-amz-invocation-type", "RequestResponse"):
                case "DryRun":
                    return b""
                case "Event":
                    invoke_later(function.function_arn, body or "{}")
                    return b""
            if not request_headers:
                # moto's SNS calls a subscriber so, in the thread of whoever publishes, with the world in its hands.
                invoke_later(function.function_arn, body)
                return b""
            outcome, run = functions.run(function, body or "{}")
            if outcome.is_error:
                response_headers["x-amz-function-error"] = "Unhandled"
            tail = run.output.encode()[-_LOG_TAIL_BYTES:]
            response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
            return outcome.payload.encode()

        LambdaFunction.invoke = invoke

    def invoke(self, function_arn: str, payload: str) -> Outcome:
        """Raises moto's UnknownFunctionException."""
        return self.run(find(function_arn), payload)[0]

    def run(self, function: Any, payload: str) -> tuple[Outcome, Run]:
        """In the calling thread, which must not hold the clock's `lock`; the clock stands still meanwhile."""
        run = Run(function.function_name, str(uuid.uuid4()), self._clock.time(), json.loads(payload))
        with self._clock.hold():
            warm = self._environments.take(function)
            self.runs.append(run)
            self._running[warm.access_key] = run
            position = warm.process.output_size()
            outcome = warm.process.invoke(run.request_id, payload.encode(), int(function.timeout))
            run.output = warm.process.output_since(position)
            del self._running[warm.access_key]
            self._environments.give_back(warm)
            run.error, run.is_running = outcome.error_type, False
            with self._clock.lock:
                _save_logs(function, run, outcome)
        return outcome, run

    def caller(self, access_key: str) -> Run | None:
        """The run that makes calls with this access key."""
        return self._running.get(access_key)

    def kill(self, access_key: str) -> None:
        """The process that uses this access key dies at once."""
        self._environments.kill(access_key)


def find(function_arn: str) -> Any:
    """moto's function. Raises its UnknownFunctionException."""
    region, account = function_arn.split(":")[3:5]
    return lambda_backends[account][region].get_function(function_arn)


def _save_logs(function: Any, run: Run, outcome: Outcome) -> None:
    """A function that was deleted while it ran, and its log group with it, does not bring the group back."""
    if _is_gone(function) and function.logs_group_name not in function.logs_backend.groups:
        return
    function.logs_backend.ensure_log_group(function.logs_group_name)
    request = f"RequestId: {run.request_id}"
    error = f"{outcome.payload}\n" if outcome.is_error else ""
    function.save_logs(f"START {request} Version: $LATEST\n{run.output.rstrip()}\n{error}END {request}")


def _is_gone(function: Any) -> bool:
    try:
        find(function.function_arn)
    except UnknownFunctionException:
        return True
    return False
