"""Run the whole demo: start a sandbox, run the steps in it, and stop everything again."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sandbox.app.deployment import REPOSITORY, client
from sandbox.app.process import SandboxFailed, SandboxProcess
from sandbox.demo import endpoints
from sandbox.demo.endpoint_client import EndpointClient
from sandbox.demo.ledger_client import LedgerClient
from sandbox.demo.live_view import LiveView
from sandbox.demo.people import people_of
from sandbox.demo.plain_view import PlainView
from sandbox.demo.steps import StepFailed, Steps
from sandbox.demo.story import Beside, Story

FAILED, INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Demo:
    """`speed`: simulated seconds per second. `work`: a folder for the sandbox's output, which is kept if something
    fails."""

    view: LiveView | PlainView
    endpoint: str
    speed: float
    work: Path

    def run(self) -> None:
        """Run the demo. Raises StepFailed or SandboxFailed."""
        self.work.mkdir(parents=True)
        try:
            self._run()
        except (StepFailed, SandboxFailed):
            self.view.note(f"The output of the sandbox and of the functions is in {self.work}.")
            raise
        except KeyboardInterrupt:
            shutil.rmtree(self.work)
            raise
        shutil.rmtree(self.work)

    def _run(self) -> None:
        started = time.monotonic()
        file = endpoints.written(REPOSITORY, self.work / "endpoints")
        with SandboxProcess(self.speed, self.work, f"--endpoints={file}") as sandbox:
            self.view.note("Starting AWS on this machine, and deploying the app with the real CDK CLI:")
            self.view.note("cdk bootstrap, cdk deploy --all")
            sandbox.wait_until_ready(lambda: self.view.wait("deploying", time.monotonic() - started))
            deployed = time.monotonic()
            self.view.note(f"Deployed in {deployed - started:.0f} s.")
            self.view.note(f"From here on, times are simulated. One minute takes {60 / self.speed:.1f} s.")
            endpoint = EndpointClient(sandbox.url, self.endpoint)
            steps, begun = Steps(endpoint.snapshot, self.view), endpoint.time()
            ledger = LedgerClient(client("dynamodb", sandbox.url), self.endpoint)
            scientist, reviewer = people_of(sandbox.url, endpoint)
            Story(steps, endpoint, ledger, scientist, reviewer, self._beside(sandbox.url)).run()
            minutes, seconds = (endpoint.time() - begun) / 60, time.monotonic() - deployed
        self.view.note("")
        self.view.note(f"The demo ended as expected: {steps.met} checks passed.")
        self.view.note(f"It took {minutes:.0f} simulated minutes, or {seconds:.0f} s.")

    def _beside(self, url: str) -> Beside:
        """Return the second endpoint, whose versions the same people register and approve."""
        endpoint = EndpointClient(url, endpoints.SHADOWED)
        ledger = LedgerClient(client("dynamodb", url), endpoints.SHADOWED)
        return Beside(endpoint, ledger, people_of(url, endpoint)[0])


def ended(run: Callable[[], None], close: Callable[[], None], errors: TextIO) -> int:
    """Return the exit status of `run`. If it is not 0, write the reason to `errors` after the view is closed."""
    try:
        run()
    except (StepFailed, SandboxFailed) as error:
        reason, status = str(error), FAILED
    except KeyboardInterrupt:
        reason, status = "Interrupted. The sandbox was stopped.", INTERRUPTED
    else:
        return 0
    finally:
        close()
    print(f"\n{reason}", file=errors)
    return status
