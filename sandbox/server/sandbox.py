"""The sandbox: simulated AWS, served over HTTP."""

import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from sandbox.server.aws import REGION, Aws
from sandbox.server.background import TICK_SECONDS, Background
from sandbox.server.control import Control
from sandbox.server.faults import Faults
from sandbox.server.gateway import Gateway
from sandbox.server.request_handler import Connections, request_handler
from sandbox.server.traffic import Traffic


class Sandbox:
    """A context manager that serves one account and Region on this machine. A process holds one at a time.

    `speed`: simulated seconds per second; 0 stops the clock. `folder` holds the functions' code and logs.
    `clock_variable`: an environment variable of the functions that gets the address of the simulated time.
    """

    def __init__(self, *, port: int, speed: float, folder: Path, clock_variable: str | None = None) -> None:
        self._connections = Connections()
        handler = request_handler(self._time, self._connections)
        self._http = make_server("127.0.0.1", port, self._serve, threaded=True, request_handler=handler)
        # With another host than localhost, the CDK CLI would take a template's address for one of S3.
        self.url = f"http://localhost:{self._http.server_port}"
        self.aws = Aws(self.url, folder, clock_variable)
        self.faults = Faults()
        self.background = Background(self.aws.clock, speed)
        traffic = Traffic(self.aws.clock, self.aws.invocation, account=DEFAULT_ACCOUNT_ID, region=REGION)
        self.control = Control(self.aws, self.faults, traffic, self.background)
        moto = DomainDispatcherApplication(create_backend_app)
        # For each request, moto lists its own folder to find the backend.
        moto.get_backend_for_host = cache(moto.get_backend_for_host)
        self._gateway = Gateway(self.aws, self.faults, self.control, moto)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(TICK_SECONDS,), name="http")

    def __enter__(self) -> Self:
        self._thread.start()
        self.background.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop everything that was started."""
        self.background.stop()
        self.aws.close()
        self._http.shutdown()
        self._thread.join()
        self._connections.end()
        self.background.join()
        self._http.server_close()

    def _time(self) -> float:
        return self.aws.clock.time()

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self._gateway(environ, start_response)
