"""The sandbox put together: moto's server and every extension of it, made once, on one clock."""

import logging
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from sandbox.app import principals
from sandbox.clock import Clock
from sandbox.cloudformation.operations import CloudFormation
from sandbox.cloudwatch.api import CloudWatchApi
from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.cloudwatch.embedded_metrics import EmbeddedMetrics
from sandbox.dynamodb.tables import Tables
from sandbox.ecr.images import Images
from sandbox.events.events import Events
from sandbox.events.targets import Targets
from sandbox.functions.asynchronous import Asynchronous
from sandbox.functions.destination import Destination
from sandbox.functions.environments import Environments
from sandbox.functions.functions import Functions
from sandbox.functions.triggers import Triggers
from sandbox.iam.identity import Identity
from sandbox.sagemaker.assumptions import Assumptions
from sandbox.sagemaker.hosting import Hosting
from sandbox.sagemaker.invocation import Invocation
from sandbox.sagemaker.registry import Registry
from sandbox.sagemaker.tags import Tags
from sandbox.server.control import Control
from sandbox.server.faults import Faults
from sandbox.server.gateway import Gateway
from sandbox.server.traffic import Traffic
from sandbox.sqs.queue_metrics import QueueMetrics
from sandbox.sqs.queues import Queues
from sandbox.ssm.parameters import Parameters

REGION: Final = "us-east-1"
_TICK_SECONDS: Final = 0.02
_ROUNDS: Final = 10_000
"""Work that keeps making work at one instant of simulated time is a loop that would never let the time pass."""

log = logging.getLogger(__name__)


class BackgroundError(RuntimeError):
    """Work between two requests failed; the cause says how."""


class Sandbox:
    """One account and Region on this machine. `speed`: simulated seconds per second; 0 stops the clock.

    moto keeps its state in the process, so a process holds one sandbox at a time.
    """

    def __init__(self, *, port: int, speed: float, folder: Path) -> None:
        BackendDict.reset()
        reset_model_data()
        self.ready = False
        self._speed = speed
        self._stopping = threading.Event()
        self._errors: list[BaseException] = []
        self._http = make_server("127.0.0.1", port, self._serve, threaded=True, request_handler=_RequestHandler)
        # The CDK CLI takes the host of a template's address for S3's unless it is called localhost.
        self.url = f"http://localhost:{self._http.server_port}"
        self.clock = Clock()
        self.faults = Faults()
        self._environments = Environments(self.clock, self.url, folder)
        self.functions = Functions(self.clock, self._environments)
        tags = Tags()
        self.identity = Identity(tags.of)
        destination = Destination(self.clock, self.identity.permits)
        self._asynchronous = Asynchronous(self.clock, self.functions, destination)
        self._triggers = Triggers(self.clock, self.functions.invoke, destination)
        self.events = Events(self.clock, Targets(self._asynchronous.add))
        self.cloudwatch = CloudWatch(self.clock, self.events)
        assumptions = Assumptions()
        self.registry = Registry(self.clock, self.events, tags, assumptions)
        self.identity.on_denied = self.registry.trail.denied
        self.hosting = Hosting(self.clock, self.events, self.cloudwatch, self.registry, tags, assumptions)
        self.invocation = Invocation(self.hosting, self.cloudwatch)
        self.traffic = Traffic(self.clock, self.invocation, account=DEFAULT_ACCOUNT_ID, region=REGION)
        self.functions.install(self._asynchronous.add)
        for extension in (
            self.clock,
            self.identity,
            self.events,
            self._asynchronous,
            self._triggers,
            Queues(self.clock),
            Tables(),
            Parameters(self.events),
            Images(),
            CloudWatchApi(self.cloudwatch),
            EmbeddedMetrics(self.cloudwatch),
            QueueMetrics(self.cloudwatch),
            self.registry,
            self.hosting,
            self.invocation,
            CloudFormation(),
        ):
            extension.install()
        self.clock.settle = self._settle
        self.principals = principals.create(DEFAULT_ACCOUNT_ID)
        self._gateway = Gateway(
            self.clock,
            self.functions,
            self.invocation,
            self.identity,
            self.faults,
            Control(self),
            DomainDispatcherApplication(create_backend_app),
        )
        self._threads = [
            threading.Thread(target=self._http.serve_forever, args=(_TICK_SECONDS,), name="http"),
            threading.Thread(target=self._run, name="clock"),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stops everything it started, the functions' processes first, so that nothing waits for them."""
        self._stopping.set()
        self._environments.close()
        self._http.shutdown()
        self._triggers.close()
        self._asynchronous.close()
        for thread in self._threads:
            thread.join()
        self._http.server_close()

    def raise_background_errors(self) -> None:
        """Raises the first BackgroundError since the last time."""
        if self._errors:
            errors, self._errors = self._errors, []
            raise BackgroundError(f"Background work failed: {errors[0]!r}") from errors[0]

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self._gateway(environ, start_response)

    def _settle(self) -> None:
        """Hands over what is deliverable now and waits for the functions, until there is nothing left."""
        for _ in range(_ROUNDS):
            if not (self._triggers.poll() or self._asynchronous.poll()):
                return
        raise RuntimeError(f"Messages still make messages after {_ROUNDS} rounds at one moment.")

    def _run(self) -> None:
        """Delivers what is due now and, unless the clock stands, moves it; slows down rather than dropping work."""
        with ThreadPoolExecutor(max_workers=1) as worker:
            last = time.monotonic()
            while not self._stopping.wait(_TICK_SECONDS):
                step = worker.submit(self.clock.advance, (time.monotonic() - last) * self._speed)
                if (error := step.exception()) and not self._stopping.is_set():
                    log.error("Background work failed", exc_info=error)
                    self._errors.append(error)
                # What the step itself took is not made up for.
                last = time.monotonic()


class _RequestHandler(MotoRequestHandler):  # type: ignore[misc]
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The sandbox prints no line per request."""
