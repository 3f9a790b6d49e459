"""The execution environments of each function's current code and configuration, and the keys of their roles."""

import base64
import io
import json
import os
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.sts.models import sts_backends

from sandbox.clock import Clock
from sandbox.functions.execution_environment import ExecutionEnvironment


@dataclass(frozen=True)
class WarmEnvironment:
    """A warm execution environment, and the access key that signs its calls."""

    process: ExecutionEnvironment
    access_key: str
    made_for: tuple[str, str]
    """The function's ARN, and the code and configuration with which the environment was started."""


class Environments:
    """Starts, reuses and ends environments.

    `folder` holds the unpacked code and one file per environment with the functions' output. `variables` are added to
    each function's environment variables.
    """

    def __init__(self, clock: Clock, endpoint_url: str, folder: Path, variables: Mapping[str, str]) -> None:
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._folder = folder
        self._added = dict(variables)
        self._living: dict[str, WarmEnvironment] = {}
        self._idle: list[WarmEnvironment] = []
        self._is_closed = False
        self._lock = threading.Lock()

    def take(self, function: Any) -> WarmEnvironment:
        """Return a warm environment or start one. End those of an earlier code or configuration."""
        wanted = _fingerprint(function)
        with self._lock:
            for warm in [one for one in self._idle if one.made_for[0] == wanted[0]]:
                if warm.made_for != wanted or not warm.process.is_alive:
                    self._idle.remove(warm)
                    self._end(warm)
            for warm in self._idle:
                if warm.made_for == wanted:
                    self._idle.remove(warm)
                    return warm
        return self._start(function, wanted)

    def give_back(self, warm: WarmEnvironment) -> None:
        with self._lock:
            if warm.process.is_alive:
                self._idle.append(warm)
            else:
                self._end(warm)

    def kill(self, access_key: str) -> None:
        """Kill the process that uses this access key."""
        self._living[access_key].process.kill()

    def close(self) -> None:
        """End every process and refuse to start further ones."""
        with self._lock:
            self._is_closed = True
            for warm in list(self._living.values()):
                self._end(warm)
            self._idle.clear()

    def _end(self, warm: WarmEnvironment) -> None:
        warm.process.kill()
        self._living.pop(warm.access_key, None)

    def _start(self, function: Any, made_for: tuple[str, str]) -> WarmEnvironment:
        with self._clock.lock:
            keys = _role_keys(function)
            task_root = self._unpack(function)
        access_key = keys["AWS_ACCESS_KEY_ID"]
        logs = self._folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with self._lock:
            if self._is_closed:
                raise RuntimeError(f"The sandbox is stopping and does not start {function.function_name}.")
            process = ExecutionEnvironment(
                function.handler,
                task_root,
                self._variables(function, task_root) | keys,
                logs / f"{function.function_name}-{access_key}.log",
                function.function_arn,
            )
            warm = self._living[access_key] = WarmEnvironment(process, access_key, made_for)
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
            # A function must not see the user's own AWS configuration.
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
            **self._added,
        }


def _fingerprint(function: Any) -> tuple[str, str]:
    started_with = [function.code_sha_256, function.handler, function.role, function.environment_vars]
    return function.function_arn, json.dumps(started_with, sort_keys=True)


def _role_keys(function: Any) -> dict[str, str]:
    """Return keys of the execution role from simulated STS, so that IAM knows their owner."""
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
