"""A sandbox in a process of its own (`python -m sandbox`), for the demo and the end-to-end tests."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.app.deployment import REPOSITORY, excerpt

START_LIMIT_SECONDS = 300
STOP_LIMIT_SECONDS = 15


class SandboxFailed(RuntimeError):
    """The sandbox ended or did not become ready. The message holds the end of its output."""


class SandboxProcess:
    """A context manager: starts the sandbox, and stops it with everything that it started.

    `speed`: simulated seconds per second. `work`: an existing folder for its output. `options`: further command-line
    options.
    """

    def __init__(self, speed: float, work: Path, *options: str) -> None:
        self._options = options
        self._work = work
        self._log = work / "sandbox.log"
        self._port = _free_port()
        self._speed = speed
        self.url = f"http://localhost:{self._port}"

    def __enter__(self) -> Self:
        arguments = (f"--port={self._port}", f"--speed={self._speed}", f"--folder={self._work / 'sandbox'}")
        with self._log.open("wb") as output:
            # A session of its own keeps Ctrl-C from the sandbox. The demo receives it and stops the sandbox in order.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox", *arguments, *self._options],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if (status := self._process.poll()) is not None:
            raise SandboxFailed(f"The sandbox ended with status {status}:\n{self._output_end()}") from error
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until_ready(self, waiting: Callable[[], None], pause: float = 0.2) -> None:
        """Return when the app is deployed; call `waiting` until then. Raises SandboxFailed."""
        limit = time.monotonic() + START_LIMIT_SECONDS
        while not self._is_ready():
            if (status := self._process.poll()) is not None:
                raise SandboxFailed(f"The sandbox ended with status {status}:\n{self._output_end()}")
            if time.monotonic() > limit:
                raise SandboxFailed(f"The sandbox was not ready after {START_LIMIT_SECONDS} s:\n{self._output_end()}")
            waiting()
            time.sleep(pause)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_sandbox/health", timeout=30) as answer:
                return b"true" in answer.read()
        except (urllib.error.URLError, ConnectionError):
            return False

    def _output_end(self) -> str:
        return f"{excerpt(self._log.read_text(errors='replace'))}\nThe whole output is in {self._log}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
    return port
