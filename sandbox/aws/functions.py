"""Lambda functions: the deployed asset, run warm in AWS's runtime interface client with its own role's credentials."""

import base64
import functools
import io
import json
import os
import threading
import uuid
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.sts.models import sts_backends

from sandbox.aws.execution import ExecutionEnvironment, Outcome
from sandbox.clock import Clock

_RETRY_SECONDS: Final = (60, 120)
"""Of asynchronous invocations. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
_MOTO_SEND_SNS_MESSAGE: Final = LambdaBackend.send_sns_message
_LOG_TAIL_BYTES: Final = 4096


@dataclass
class Invocation:
    """One run of a function and the AWS calls it made, as `service:Action`, in order."""

    function: str
    request_id: str
    time: float
    event: Any
    calls: list[str] = field(default_factory=list)
    error: str | None = None
    is_running: bool = True


@dataclass(frozen=True)
class _Warm:
    environment: ExecutionEnvironment
    access_key: str


class Functions:
    def __init__(self, clock: Clock, endpoint_url: str, folder: Path) -> None:
        self.invocations: list[Invocation] = []
        """Every invocation since the start, in order."""
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._folder = folder
        self._idle: dict[tuple[str, str], list[_Warm]] = {}
        self._warm: dict[str, _Warm] = {}
        self._callers: dict[str, Invocation] = {}
        """By access key: every living environment, and the invocation that is running in it."""
        self._closed = False
        self._lock = threading.Lock()
        self._later: deque[Callable[[], None]] = deque()
        self._queueing = threading.local()
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="function")

    def install(self) -> None:
        functions = self

        def invoke(function: Any, body: str, request_headers: Any, response_headers: dict[str, str]) -> Any:
            kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
            if kind == "DryRun":
                return b""
            if kind == "Event" or getattr(functions._queueing, "on", False):
                functions.invoke_later(function.function_arn, body or "{}")
                return b""
            outcome, output = functions.run(function, body or "{}")
            if outcome.is_error:
                response_headers["x-amz-function-error"] = "Unhandled"
            tail = output.encode()[-_LOG_TAIL_BYTES:]
            response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
            return outcome.payload.encode()

        def notify(backend: Any, *args: Any, **kwargs: Any) -> Any:
            with functions._asynchronous():
                return _MOTO_SEND_SNS_MESSAGE(backend, *args, **kwargs)

        LambdaFunction.invoke = invoke
        LambdaBackend.send_sns_message = notify

    def invoke(self, function_arn: str, payload: str) -> Outcome:
        """Runs the function in the calling thread, which must not hold the clock's `world`."""
        return self.run(_find(function_arn), payload)[0]

    def invoke_later(self, function_arn: str, payload: str) -> None:
        """Asynchronously: at the next settling, and twice more where it fails."""
        self._later.append(functools.partial(self._run_later, function_arn, payload, 0))

    def poll(self) -> bool:
        """Runs the asynchronous invocations that wait; whether there were any."""
        running = []
        while self._later:
            running.append(self._pool.submit(self._later.popleft()))
        for one in running:
            one.result()
        return bool(running)

    def run(self, function: Any, payload: str) -> tuple[Outcome, str]:
        """The outcome and what the function printed."""
        invocation = Invocation(function.function_name, str(uuid.uuid4()), self._clock.time(), json.loads(payload))
        with self._clock.hold():
            self.invocations.append(invocation)
            warm = self._take(function) or self._start(function, invocation)
            self._callers[warm.access_key] = invocation
            position = warm.environment.output_size()
            outcome = warm.environment.invoke(invocation.request_id, payload.encode(), int(function.timeout))
            output = warm.environment.output_since(position)
            del self._callers[warm.access_key]
            self._give_back(function, warm)
            invocation.error, invocation.is_running = outcome.error_type, False
            with self._clock.world:
                _save_logs(function, invocation, outcome, output)
        return outcome, output

    def caller(self, access_key: str) -> Invocation | None:
        """The invocation that makes calls with this access key."""
        return self._callers.get(access_key)

    def kill(self, access_key: str) -> None:
        """The process that uses this access key dies at once."""
        self._warm[access_key].environment.kill()

    def close(self) -> None:
        """Ends every process of every function."""
        with self._lock:
            self._closed = True
            for warm in self._warm.values():
                warm.environment.kill()
            self._warm.clear()
            self._idle.clear()
        self._pool.shutdown()

    @contextmanager
    def _asynchronous(self) -> Iterator[None]:
        self._queueing.on = True
        try:
            yield
        finally:
            self._queueing.on = False

    def _run_later(self, function_arn: str, payload: str, attempt: int) -> None:
        if self.invoke(function_arn, payload).is_error and attempt < len(_RETRY_SECONDS):
            again = functools.partial(self._run_later, function_arn, payload, attempt + 1)
            self._clock.at(self._clock.time() + _RETRY_SECONDS[attempt], lambda: self._later.append(again))

    def _take(self, function: Any) -> _Warm | None:
        """A warm environment of this very code and configuration."""
        fingerprint = _fingerprint(function)
        with self._lock:
            for outdated in [one for one in self._idle if one[0] == fingerprint[0] and one != fingerprint]:
                for warm in self._idle.pop(outdated):
                    self._discard(warm)
            idle = self._idle.setdefault(fingerprint, [])
            while idle:
                if (warm := idle.pop()).environment.is_alive:
                    return warm
                self._discard(warm)
            return None

    def _give_back(self, function: Any, warm: _Warm) -> None:
        with self._lock:
            if warm.environment.is_alive:
                self._idle.setdefault(_fingerprint(function), []).append(warm)
            else:
                self._discard(warm)

    def _discard(self, warm: _Warm) -> None:
        warm.environment.kill()
        self._warm.pop(warm.access_key, None)

    def _start(self, function: Any, invocation: Invocation) -> _Warm:
        with self._clock.world:
            credentials = _role_credentials(function)
            task_root = self._unpack(function)
        logs = self._folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        access_key = credentials["AWS_ACCESS_KEY_ID"]
        with self._lock:
            if self._closed:
                raise RuntimeError(f"The sandbox stops; {function.function_name} is not started any more.")
            # Calls made while the process starts belong to the invocation that started it.
            self._callers[access_key] = invocation
            environment = ExecutionEnvironment(
                function.handler,
                task_root,
                self._variables(function, task_root) | credentials,
                logs / f"{function.function_name}-{access_key}.log",
                function.function_arn,
            )
            warm = self._warm[access_key] = _Warm(environment, access_key)
        return warm

    def _unpack(self, function: Any) -> Path:
        root = self._folder / "code" / base64.b64decode(function.code_sha_256).hex()[:16]
        if not root.exists():
            zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(root)
        return root

    def _variables(self, function: Any, task_root: Path) -> dict[str, str]:
        """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""
        own = {name: str(value) for name, value in function.environment_vars.items()}
        return own | {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self._folder),
            "PYTHONPATH": str(task_root),
            "PYTHONUNBUFFERED": "1",
            "LAMBDA_TASK_ROOT": str(task_root),
            "_HANDLER": function.handler,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": "sandbox",
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "APPROVAL_GATE_CLOCK": f"{self._endpoint_url}/_sandbox/time",
        }


def _save_logs(function: Any, invocation: Invocation, outcome: Outcome, output: str) -> None:
    function.logs_backend.ensure_log_group(function.logs_group_name)
    request = f"RequestId: {invocation.request_id}"
    error = f"{outcome.payload}\n" if outcome.is_error else ""
    function.save_logs(f"START {request} Version: $LATEST\n{output.rstrip()}\n{error}END {request}")


def _find(function_arn: str) -> Any:
    region, account = function_arn.split(":")[3:5]
    return lambda_backends[account][region].get_function(function_arn)


def _fingerprint(function: Any) -> tuple[str, str]:
    """The function's ARN, and what an environment of it was started with."""
    started_with = [function.code_sha_256, function.handler, function.role, function.environment_vars]
    return function.function_arn, json.dumps(started_with, sort_keys=True)


def _role_credentials(function: Any) -> dict[str, str]:
    """Of the execution role, made in simulated STS so that IAM knows whose they are."""
    assumed = sts_backends[function.account_id]["aws"].assume_role(
        region_name=function.region,
        role_session_name=function.function_name,
        role_arn=function.role,
        policy=None,
        duration=43200,
        external_id=None,
    )
    return {
        "AWS_ACCESS_KEY_ID": assumed.access_key_id,
        "AWS_SECRET_ACCESS_KEY": assumed.secret_access_key,
        "AWS_SESSION_TOKEN": assumed.session_token,
    }
