"""The story of an acceptance run: what people do, and what must follow.

Each step can be interrupted at any moment and played again: what was done is not done again, and what must follow is
looked for in the endpoint and in the ledger.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError

from lambdas.gate import names
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from ops.acceptance import seen
from ops.acceptance.aws import Aws
from ops.acceptance.model import Answers, archive
from ops.acceptance.run import Run, RunFile, Step
from ops.checks.approvals import ApprovalCheck
from ops.checks.deployment import DeploymentCheck
from ops.checks.expectation import Expectation, ask_all
from ops.checks.judge import JudgeCheck
from ops.checks.rollback import RollbackCheck
from ops.checks.shadow import ShadowCheck

POLL_SECONDS = 15
REQUESTS = 20
"""How many requests are sent between two readings, so that alarms have something to see."""
SOON, ROLLOUT_LIMIT = 1800, 7200
"""Seconds within which something must follow, with ample room: the schedule reconciles within minutes, and an update
takes less than an hour."""

DELETED = "delete the endpoint"


class Unexpected(Exception):
    """Something did not follow, or something else did. The text says what."""


@dataclass(frozen=True)
class Surroundings:
    """`now`: returns AWS's time, in seconds since 1970. `sleep`: waits for so many seconds. `say`: prints a line."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[str], None]


class Story:
    def __init__(self, aws: Aws, run: Run, file: RunFile, around: Surroundings, content: bytes | None = None) -> None:
        """`content`: the model.tar.gz of all versions, if it is not the run's own."""
        self._aws = aws
        self._run = run
        self._file = file
        self._around = around
        self._content = archive() if content is None else content

    @property
    def steps(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """The steps, each with its title."""
        return (
            ("v1 is registered and approved: the endpoint is created with it", self.first),
            ("v2 is approved: half of the traffic first, then all, then live", self.second),
            (
                "v3 fails one request of five: its alarm fires, v2 gets the traffic back, v3 is quarantined",
                self.failing,
            ),
            ("v4 answers with wrong numbers: golden requests roll it back", self.wrong),
            ("v2 is rejected: v1 is live again", self.rejection),
            ("somebody changes the endpoint manually: it is reported and left alone", self.manual_change),
            ("somebody deletes the endpoint: it is reported", self.deletion),
        )

    def play(self) -> None:
        """Play the steps that have not ended yet. Raises Unexpected if one ends otherwise than it must."""
        for number, (title, step) in enumerate(self.steps):
            if number < len(self._run.steps) and self._run.steps[number].ended is not None:
                continue
            if number == len(self._run.steps):
                self._run.steps.append(Step(title, self._around.now()))
            self._around.say(f"Step {number + 1} of {len(self.steps)}: {title}.")
            played = self._run.steps[number]
            played.failure = None
            try:
                step()
            except Unexpected as error:
                played.failure = str(error)
            else:
                played.ended = self._around.now()
            self._look()
            self._file.save(self._run)
            if played.failure is not None:
                raise Unexpected(f"step {number + 1}: {played.failure}")

    def first(self) -> None:
        self._until("Approval Gate has reconciled the new endpoint", self._aws.is_reconciled, SOON)
        self._publish("v1")
        self._file.once(self._run, seen.CONTAINERS, lambda: _shown(self._aws.served_model()))

    def second(self) -> None:
        self._publish("v2")

    def failing(self) -> None:
        self._register("v3", Answers.ERRORS)
        self._approve("v3")
        self._closed("v3", Outcome.ROLLED_BACK)
        self._serving("v2")

    def wrong(self) -> None:
        self._register("v4", Answers.WRONG)
        self._approve("v4")
        self._closed("v4", Outcome.ROLLED_BACK)
        self._serving("v2")

    def rejection(self) -> None:
        self._once("reject v2", lambda: self._aws.decide(self._arn("v2"), "Rejected"), "v2 is rejected")
        self._serving("v1", after_seconds=ROLLOUT_LIMIT)

    def manual_change(self) -> None:
        """Ask UpdateEndpoint for what Approval Gate never asks, then put a config of the run's own on the endpoint."""
        self._at_rest()
        live = self._once("live config", lambda: self._config() or "", "the config in service is read")
        self._tried(seen.LIVE_CONFIG, live)
        own = self._once("manual config", lambda: self._aws.copy_config(live), "an endpoint config is made")
        missing = names.rollout_alarm(self._run.endpoint, own, "missing")
        self._tried(seen.MISSING_ALARM, own, missing)
        if self._config() != own:
            tried = self._once("update manually", lambda: {"refused": self._aws.update(own)}, "the endpoint is updated")
            if tried["refused"] is not None:
                raise Unexpected(f"SageMaker refuses the manual change: {tried['refused']}")
            self._at_rest()
        self._until("the ledger has the manual change", lambda: self._row(Kind.CHANGED_BY_HAND, "") is not None, SOON)

    def deletion(self) -> None:
        if DELETED not in self._run.made and self._aws.endpoint() is not None:
            self._at_rest()
            self._once(DELETED, self._aws.delete_endpoint, "the endpoint is deleted")
        self._until(
            "the ledger has the deletion",
            lambda: self._row(Kind.ALERT, "was deleted manually") is not None,
            SOON,
        )

    def _publish(self, name: str) -> None:
        self._register(name, Answers.RIGHT)
        self._approve(name)
        self._closed(name, Outcome.SUCCEEDED)
        self._serving(name)

    def _register(self, name: str, answers: Answers) -> None:
        artifact = self._once(f"upload {name}", lambda: self._aws.upload(name, self._content), f"{name} is uploaded")
        arn = self._once(
            f"register {name}", lambda: self._aws.register(name, artifact, answers), f"{name} is registered"
        )
        self._file.once(self._run, seen.DIGEST, lambda: _has_digest(self._aws.version(arn)))
        self._until(
            f"Approval Gate has recorded what {name} is, before its approval",
            lambda: self._aws.is_registered(arn),
            SOON,
        )

    def _approve(self, name: str) -> None:
        arn = self._arn(name)
        self._once(f"approve {name}", lambda: self._aws.decide(arn, "Approved"), f"{name} is approved")

    def _closed(self, name: str, outcome: Outcome) -> None:
        """Wait until a rollout of the version ended, with this outcome."""
        arn = self._arn(name)
        closed = self._until(f"the rollout of {name} has ended", lambda: self._ended(arn), ROLLOUT_LIMIT)
        found = closed.fact.detail.get("outcome")
        if found != outcome:
            raise Unexpected(f"the rollout of {name} ended as {found}, not as {outcome}: {closed.fact.summary}")

    def _ended(self, version: str) -> Row | None:
        """Return the row of the version's last rollout, if it is not tried again."""
        closed = self._last(Kind.ATTEMPT_CLOSED, version)
        return None if closed is None or closed.fact.detail.get("tried_again_at") else closed

    def _serving(self, name: str, after_seconds: float = SOON) -> None:
        """Wait until the endpoint is in service with the version."""
        arn = self._arn(name)

        def is_serving() -> bool:
            endpoint = self._aws.endpoint()
            opened = self._last(Kind.ATTEMPT_CLOSED, arn)
            config = opened.fact.detail.get("live_endpoint_config") if opened else None
            return endpoint is not None and (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == (
                "InService",
                config,
            )

        self._until(f"the endpoint is in service with {name}", is_serving, after_seconds)

    def _tried(self, name: str, config: str, alarm: str | None = None) -> None:
        """Make a call whose answer AWS does not document, and wait until nothing follows from it any more. If its
        config is in service although no answer was stored, the call was taken."""
        self._at_rest()
        is_taken = config == self._run.manual_config == self._config()
        self._once(name, lambda: {"refused": None if is_taken else self._aws.update(config, alarm)}, name)
        self._at_rest()

    def _at_rest(self) -> None:
        self._until("the endpoint is in service and at rest", lambda: self._status() == "InService", ROLLOUT_LIMIT)

    def _once(self, name: str, do: Callable[[], Any], said: str) -> Any:
        if name not in self._run.made:
            self._around.say(f"  {said}")
        return self._file.once(self._run, name, do)

    def _until(self, what: str, found: Callable[[], Any], within: float) -> Any:
        """Wait until something is there, and return it. Meanwhile requests are sent, and what the endpoint shows is
        kept. A time in which AWS cannot be reached does not count. Raises Unexpected if it is not there in time."""
        self._around.say(f"  waiting until {what}")
        end = self._around.now() + within
        while True:
            try:
                if value := found():
                    return value
                self._read()
            except (NoConnection, HTTPClientError) as error:
                self._around.say(f"  AWS cannot be reached, and is asked again: {error}")
            if self._around.now() >= end:
                raise Unexpected(f"it did not happen within {within / 60:.0f} minutes that {what}")
            self._around.sleep(POLL_SECONDS)

    def _read(self) -> None:
        endpoint = self._aws.endpoint()
        if endpoint is None:
            return
        for reading in seen.readings(endpoint, self._in_flight()):
            self._run.readings[reading] = self._run.readings.get(reading, 0) + 1
        if endpoint["EndpointStatus"] not in ("Creating", "Failed", "Deleting"):
            for name, count in self._aws.ask(REQUESTS).items():
                self._run.readings[name] = self._run.readings.get(name, 0) + count

    def _in_flight(self) -> str | None:
        """Return the new config of the rollout in flight; None if there is none."""
        rows = self._aws.rows()
        opened = [row for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED]
        closed = {row.fact.detail["attempt"] for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED}
        if not opened or opened[-1].fact.detail["attempt"] in closed:
            return None
        config: str = opened[-1].fact.detail["endpoint_config"]
        return config

    def _look(self) -> None:
        """Keep what the account shows now about AWS. It is looked up after each step, because a later one hides it."""
        rows, endpoint = tuple(self._aws.rows()), self._run.endpoint
        asked: Sequence[Expectation] = (
            *DeploymentCheck(self._aws.clients, self._around.now()).assumptions(),
            *RollbackCheck(self._aws.clients, endpoint, rows).assumptions(),
            *JudgeCheck(self._aws.clients, endpoint, rows).assumptions(),
            *ShadowCheck(self._aws.clients, endpoint, rows).assumptions(),
            *ApprovalCheck(self._aws.clients, rows).assumptions(),
            *seen.SeenCheck(self._run).assumptions(),
        )
        self._run.find(ask_all(asked))

    def _arn(self, name: str) -> str:
        found = self._run.version(name)
        if found is None:
            raise Unexpected(f"{name} is not registered")
        return found

    def _last(self, kind: Kind, version: str) -> Row | None:
        rows = [row for row in self._aws.rows() if row.fact.kind is kind]
        label = version_label(version).lower()
        about = [row for row in rows if row.fact.version and version_label(row.fact.version).lower() == label]
        return about[-1] if about else None

    def _row(self, kind: Kind, part: str) -> Row | None:
        return next((row for row in self._aws.rows() if row.fact.kind is kind and part in row.fact.summary), None)

    def _config(self) -> str | None:
        endpoint = self._aws.endpoint()
        return None if endpoint is None else str(endpoint["EndpointConfigName"])

    def _status(self) -> str | None:
        endpoint = self._aws.endpoint()
        return None if endpoint is None else str(endpoint["EndpointStatus"])


def _has_digest(version: dict[str, Any]) -> bool:
    return all("ImageDigest" in each for each in version["InferenceSpecification"]["Containers"])


def _shown(model: dict[str, Any]) -> list[str]:
    """Return what DescribeModel shows of a model's containers, besides the package and the environment."""
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    hidden = ("ModelPackageName", "Environment", "Mode", "ContainerHostname")
    return sorted({name for container in containers for name in container if name not in hidden})
