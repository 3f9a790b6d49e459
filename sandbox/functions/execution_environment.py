"""One execution environment of a function: its process with AWS's runtime interface client, and the Runtime API for it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

_INITIALIZATION_SECONDS: Final = 60
"""AWS allows 10 seconds. A busy machine needs more to start Python and import an SDK."""


@dataclass(frozen=True)
class Outcome:
    """The value that the function returned, or the error that the caller sees."""

    payload: str
    is_error: bool = False

    @property
    def error_type(self) -> str | None:
        return json.loads(self.payload).get("errorType") if self.is_error else None


@dataclass(frozen=True)
class Work:
    request_id: str
    payload: bytes
    timeout_seconds: int


class ExecutionEnvironment:
    """A process that runs one invocation at a time. After an exit or a timeout it is dead, and `is_alive` is False."""

    def __init__(self, handler: str, task_root: Path, variables: Mapping[str, str], log: Path, arn: str) -> None:
        self._work: queue.Queue[Work | None] = queue.Queue()
        """None ends the wait of a runtime that has gone."""
        self._signals: queue.Queue[Outcome | str | int] = queue.Queue()
        """In order: the request id when the runtime fetches the work, its Outcome, the exit status of the process."""
        self._log = log
        self._api = runtime_api(self._work, self._signals, arn)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", handler],
                cwd=task_root,
                env={**variables, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        threading.Thread(target=lambda: self._signals.put(self._process.wait()), daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, request_id: str, payload: bytes, timeout_seconds: int) -> Outcome:
        """Run one invocation. The timeout is in real time, because the simulated clock stands still."""
        self._work.put(Work(request_id, payload, timeout_seconds))
        limit, deadline = _INITIALIZATION_SECONDS, time.monotonic() + _INITIALIZATION_SECONDS
        while True:
            try:
                news = self._signals.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.kill()
                return _failure(
                    "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {limit}.00 seconds"
                )
            match news:
                case Outcome():
                    return news
                case int(status):
                    self.kill()
                    cause = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
                    message = f"RequestId: {request_id} Error: Runtime exited with error: {cause}"
                    return _failure("Runtime.ExitError", message)
                case str():
                    limit, deadline = timeout_seconds, time.monotonic() + timeout_seconds

    def output_size(self) -> int:
        return self._log.stat().st_size

    def output_since(self, position: int) -> str:
        """Return what the function printed after `position` bytes."""
        with self._log.open("rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace")

    def kill(self) -> None:
        """Kill the process and all that it started. Return when it is gone."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._work.put(None)
        self._api.shutdown()
        self._api.server_close()


def _failure(error_type: str, message: str) -> Outcome:
    return Outcome(json.dumps({"errorType": error_type, "errorMessage": message}), is_error=True)


def runtime_api(
    work: "queue.Queue[Work | None]", signals: "queue.Queue[Outcome | str | int]", arn: str
) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Each answer is one packet. If its body followed its head in another one, TCP would hold it back for 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer /runtime/invocation/next, which waits until there is work."""
            if (item := work.get()) is None:
                return
            signals.put(item.request_id)
            deadline = int((time.time() + item.timeout_seconds) * 1000)
            headers = {
                "Lambda-Runtime-Aws-Request-Id": item.request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": arn,
                "Content-Type": "application/json",
            }
            self._answer(200, item.payload, headers)

        def do_POST(self) -> None:
            """Answer /runtime/invocation/ID/response, /runtime/invocation/ID/error and /runtime/init/error."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._answer(202, b'{"status":"OK"}', {"Content-Type": "application/json"})
            signals.put(Outcome(body, is_error=not self.path.endswith("/response")))

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: the sandbox's log has no line per call of a runtime."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
