"""How the server reads a request and answers it: on connections that stay open, and dated by the simulated clock."""

import io
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.exceptions import InternalServerError
from werkzeug.test import run_wsgi_app

log = logging.getLogger(__name__)

_CDK = "aws-sdk-js"
"""In the User-Agent of the CDK's CLI."""
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Connections:
    """The open connections of a server."""

    def __init__(self) -> None:
        self._open: set[socket.socket] = set()

    def add(self, connection: socket.socket) -> None:
        self._open.add(connection)

    def remove(self, connection: socket.socket) -> None:
        self._open.discard(connection)

    def end(self) -> None:
        """Read no further request. Answers that are under way are still written."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)


def request_handler(now: Callable[[], float], connections: Connections) -> type[MotoRequestHandler]:
    """Return the class whose answers have the Date `now`, in seconds since 1970. Clients take the time from it."""

    class RequestHandler(MotoRequestHandler):  # type: ignore[misc]
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def finish(self) -> None:
            connections.remove(self.connection)
            super().finish()

        def handle_expect_100(self) -> bool:
            """Let the client send the body. botocore asks before each upload to S3, and waits a second for the word."""
            is_expected: bool = super().handle_expect_100()
            self.wfile.flush()
            return is_expected

        def run_wsgi(self) -> None:
            """Answer, and keep the connection for the client's next request.

            Werkzeug closes it after each answer, so that every call needs a new connection and a new thread. That takes
            longer than most calls. A request whose body has no stated length is left to Werkzeug.
            """
            if "Transfer-Encoding" in self.headers:
                super().run_wsgi()
                return
            self.environ = self.make_environ()
            self.environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            try:
                chunks, status, headers = run_wsgi_app(self.server.app, self.environ, buffered=True)
            except Exception:
                log.exception("The sandbox failed at %s %s", self.command, self.path)
                chunks, status, headers = run_wsgi_app(InternalServerError(), self.environ, buffered=True)
            code, _, reason = status.partition(" ")
            self._write(int(code), reason, list(headers), b"".join(chunks))

        def _write(self, code: int, reason: str, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(code, reason)
            for name, value in headers:
                self.send_header(name, value)
            if self.command != "HEAD" and code not in _WITHOUT_BODY and not _has_length(headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def date_time_string(self, timestamp: float | None = None) -> str:
            """The CDK's CLI gets this machine's time: if the Date is another, its SDK waits for minutes."""
            agent = self.headers.get("User-Agent", "") if hasattr(self, "headers") else ""
            simulated = now() if timestamp is None and _CDK not in agent else timestamp
            date: str = super().date_time_string(simulated)
            return date

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log nothing: the sandbox prints no line per request."""

    return RequestHandler


def _has_length(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-length" for name, _ in headers)
