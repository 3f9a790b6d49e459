"""Point 2 in the sandbox: the real time from an approval to UpdateEndpoint, hop by hop, if each call takes longer."""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.point import Figures, Findings, Measure
from lambdas.gate import names
from sandbox.app.deployment import ACCOUNT, REGION, client
from sandbox.app.process import SandboxProcess
from sandbox.demo.endpoint_client import EndpointClient
from sandbox.demo.people import IMAGE, people_of

NAME, GROUP, ARTIFACTS = "latency", "LatencyGroup", "s3://example-models/latency/"
FIRST, PEER = "first", "peer"
ENTRY = f"""endpoints:
  {NAME}:
    model_package_group: {GROUP}
    variant: {{instance_type: ml.m5.large, instance_count: 2}}
    model_artifacts: {ARTIFACTS}
    rollout: {{strategy: canary, canary_percent: 50, wait_seconds: 300, bake_seconds: 300}}
    rollback_on: {{p99_latency_ms: 500}}
"""
CALL_SECONDS = 0.05
APPROVALS = 12
POLL_SECONDS = 60.0
"""How often the polling deployer looks for an approval."""
UPDATE = "sagemaker:UpdateEndpoint"
REGISTERED_SECONDS, ROLLED_OUT_SECONDS = 120, 3600
LIMIT_SECONDS, LOOK_SECONDS = 60.0, 0.02
METHOD = f"""The app in the [sandbox](sandbox.md), in real time: {APPROVALS} approvals one after the other, each
of a version that was registered before, while another one is live. The sandbox answers each call of a function
{CALL_SECONDS * 1000:.0f} ms later than it could. The function is warm; [Cold start](#cold-start) has what a start adds.

The hops of AWS itself, from the event over EventBridge to the queue and to Lambda, take no time in the sandbox beyond
its own work, and AWS documents no times for them. They are left out for the peers too:

- *CodePipeline-style*: an action that makes the five calls of [the floor](#from-approval-to-updateendpoint) without the
  lock, each {CALL_SECONDS * 1000:.0f} ms later.
- *Step Functions, polling*: the same calls after a list of the approved versions, once every {POLL_SECONDS:.0f}
  seconds. The approvals are spread evenly over that time, which is computed and not waited for."""


@dataclass(frozen=True)
class Hops:
    """Seconds of real time: until the function was invoked, until its first call, and from that until UpdateEndpoint
    was answered. `calls`: how many there were."""

    invoked: float
    started: float
    called: float
    calls: int

    @property
    def total(self) -> float:
        return self.invoked + self.started + self.called


class Sandbox:
    """A sandbox with the app, whose clock stands unless it is advanced."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._endpoint = EndpointClient(url, NAME)
        self._scientist, self._reviewer = people_of(url, self._endpoint)

    def first(self) -> str:
        """Make the endpoint with a first version, and return the version's ARN."""
        version = self._register(FIRST)
        self._reviewer.approve(version, "The first one")
        self.advance(ROLLED_OUT_SECONDS)
        return version

    def approval(self, name: str) -> Hops:
        """Roll a new version out to its end, and return how long it took to begin that."""
        version = self._register(name)
        known = len(self._runs())
        self._endpoint.control("faults", {"slow_calls": {"seconds": CALL_SECONDS}})
        approved = time.time()
        self._reviewer.approve(version, "Better")
        run = self._update(known)
        self._endpoint.control("faults", method="DELETE")
        self.advance(ROLLED_OUT_SECONDS)
        at = run["calls"].index(UPDATE)
        first, last = run["called_at"][0], run["called_at"][at] + CALL_SECONDS
        return Hops(run["began"] - approved, first - run["began"], last - first, at + 1)

    def advance(self, seconds: float) -> None:
        self._endpoint.control(f"advance?seconds={seconds}", method="POST")

    def _register(self, name: str) -> str:
        version = self._scientist.register(name, "A version")
        self.advance(REGISTERED_SECONDS)
        return version

    def _update(self, known: int) -> dict[str, Any]:
        """Wait for the deployer's run that calls UpdateEndpoint, and return it."""
        until = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < until:
            for run in self._runs()[known:]:
                if UPDATE in run["calls"] and not run["is_running"]:
                    return run
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"The approval led to no {UPDATE} within {LIMIT_SECONDS:.0f} seconds.")

    def _runs(self) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = self._endpoint.control(f"invocation-calls?function={names.DEPLOYER}")
        return runs


class Peer:
    """An endpoint of its own, which is deployed as pipelines do it: five calls, and no lock."""

    def __init__(self, sandbox: Sandbox, version: str) -> None:
        self._sandbox, self._version = sandbox, version
        self._sagemaker = client("sagemaker", sandbox.url)
        self._role = f"arn:aws:iam::{ACCOUNT}:role/{names.execution_role(REGION, NAME)}"
        self._made = 0
        self._model(PEER)
        self._config(PEER)
        self._sagemaker.create_endpoint(EndpointName=PEER, EndpointConfigName=PEER)
        sandbox.advance(ROLLED_OUT_SECONDS)

    def deployment(self, *, polls: bool) -> float:
        """Return how many seconds the calls of one deployment take. `polls`: it finds the version by a list."""
        asked = [lambda: self._sagemaker.list_model_packages(ModelPackageGroupName=GROUP)] if polls else []
        self._made += 1
        name, began = f"{PEER}-{self._made}", time.monotonic()
        calls: Sequence[Callable[[], Any]] = (
            *asked,
            lambda: self._sagemaker.describe_endpoint(EndpointName=PEER),
            lambda: self._sagemaker.describe_model_package(ModelPackageName=self._version),
            lambda: self._model(name),
            lambda: self._config(name),
            lambda: self._sagemaker.update_endpoint(EndpointName=PEER, EndpointConfigName=name),
        )
        for call in calls:
            call()
            time.sleep(CALL_SECONDS)
        took = time.monotonic() - began
        self._sandbox.advance(ROLLED_OUT_SECONDS)
        return took

    def _model(self, name: str) -> None:
        container = {"Image": IMAGE, "ModelDataUrl": f"{ARTIFACTS}{FIRST}/model.tar.gz"}
        self._sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=self._role)

    def _config(self, name: str) -> None:
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self._sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])


def measure() -> Findings:
    """Deploy the app into a sandbox and approve versions. It takes two minutes."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "endpoints.yaml").write_text(ENTRY, encoding="utf-8")
        with SandboxProcess(0, work, f"--endpoints={work / 'endpoints.yaml'}") as process:
            process.wait_until_ready(lambda: None)
            sandbox = Sandbox(process.url)
            first = sandbox.first()
            sandbox.approval("warming")  # The function starts.
            hops = [sandbox.approval(f"v{number}") for number in range(APPROVALS)]
            peer = Peer(sandbox, first)
            pipeline = [peer.deployment(polls=False) for _ in range(APPROVALS)]
            polling = [peer.deployment(polls=True) for _ in range(APPROVALS)]
    waited = [POLL_SECONDS * (number + 1) / APPROVALS + each for number, each in enumerate(polling)]
    totals = [each.total for each in hops]
    measures = [
        Measure(
            f"from an approval to UpdateEndpoint, {CALL_SECONDS * 1000:.0f} ms a call, {name}",
            "s",
            of(totals),
            baselines={"CodePipeline-style": of(pipeline), "Step Functions, polling": of(waited)},
        )
        for name, of in (("median", statistics.median), ("at worst", max))
    ]
    rows = [
        _row("event, EventBridge and queue, until Lambda has the message", [each.invoked for each in hops]),
        _row("function, until its first call", [each.started for each in hops]),
        _row(f"{hops[0].calls} calls, one after the other", [each.called for each in hops]),
        _row("together", totals),
    ]
    note = f"Of the time, {statistics.median(each.called for each in hops) / statistics.median(totals):.0%} are calls."
    return Findings(measures, [Figures("By hop:", ("hop", "median", "at worst"), rows)], [note])


def _row(name: str, seconds: Sequence[float]) -> tuple[str, str, str]:
    return name, f"{statistics.median(seconds):.3f} s", f"{max(seconds):.3f} s"
