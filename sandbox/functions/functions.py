"""Lambda functions: run the deployed code, write its logs, and record its AWS calls."""

import base64
import json
import time
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
    """One invocation of a function. `calls` are its AWS calls as `service:Action`, in order; `output` is what it
    printed. `began` and `called_at`: when it began, and when each call arrived, in real seconds since 1970."""

    function: str
    request_id: str
    time: float
    event: Any
    began: float
    calls: list[str] = field(default_factory=list)
    called_at: list[float] = field(default_factory=list)
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
                # moto's SNS calls a subscribed function in this way, in the publisher's thread, which holds the clock's
                # lock.
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
        """Invoke a function. Raises moto's UnknownFunctionException."""
        return self.run(find(function_arn), payload)[0]

    def run(self, function: Any, payload: str) -> tuple[Outcome, Run]:
        """Invoke a function in the calling thread, which must not hold the clock's `lock`. The clock stands still
        meanwhile."""
        number, event = str(uuid.uuid4()), json.loads(payload)
        run = Run(function.function_name, number, self._clock.time(), event, began=time.time())
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
        """Return the run whose calls are signed with this access key."""
        return self._running.get(access_key)

    def called(self, run: Run, action: str) -> None:
        """Record a call of the run."""
        run.calls.append(action)
        run.called_at.append(time.time())

    def kill(self, access_key: str) -> None:
        """Kill the process that uses this access key."""
        self._environments.kill(access_key)


def find(function_arn: str) -> Any:
    """Return moto's function. Raises moto's UnknownFunctionException."""
    region, account = function_arn.split(":")[3:5]
    return lambda_backends[account][region].get_function(function_arn)


def _save_logs(function: Any, run: Run, outcome: Outcome) -> None:
    """Write the log of a run. If the function and its log group were deleted meanwhile, do not create the group
    again."""
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
