"""An account with Approval Gate, as an acceptance run sees it: each act is followed at once by what the gate does."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate.state.fact import Fact, Kind, Row
from ops.acceptance.run import Run

T = 1_800_000_000.0
RUN = Run("123456789012", "us-east-1", "aws", "ab12", "image", began=T)
PREFIX = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{RUN.group}/"


class Crash(BaseException):
    """The process is killed."""


class Denying:
    """A client to which AWS denies everything."""

    def __getattr__(self, operation: str) -> Any:
        def denied(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, operation)

        return denied


class FakeAws:
    """`outcomes`: of the rollouts, by version; succeeded by default. `refused`: why UpdateEndpoint refuses a call, by
    the config. `crash_at`: the act after which the process is killed, once."""

    def __init__(self, outcomes: dict[str, str] | None = None, refused: dict[str, str] | None = None) -> None:
        self.outcomes = {"v3": "rolled_back", "v4": "rolled_back"} | (outcomes or {})
        self.refused = refused or {}
        self.crash_at: int | None = None
        self.acts: list[str] = []
        self.now = T
        self.sleeps = 0
        self.said: list[str] = []
        self.clients = lambda service: Denying()
        self._rows: list[Row] = []
        self._names: dict[str, str] = {}
        self._configs: dict[str, str] = {}
        self._live: str | None = None
        self._attempt = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.sleeps += 1

    def is_reconciled(self) -> bool:
        return self.sleeps > 0

    def is_registered(self, version: str) -> bool:
        return True

    def upload(self, name: str, content: bytes) -> str:
        self._act(f"upload {name}")
        return f"s3://{RUN.bucket}/{name}"

    def register(self, name: str, artifact: str, answers: str) -> str:
        arn = f"{PREFIX}{len(self._names) + 1}"
        self._names[arn] = name
        self._act(f"register {name} {answers}")
        return arn

    def decide(self, version: str, status: str) -> str:
        name = self._names[version]
        if status == "Approved":
            self._rollout(version, self.outcomes.get(name, "succeeded"))
        else:
            *_, good = (each for each, known in self._names.items() if known == "v1")
            self._rollout(good, "succeeded")
        self._act(f"{status} {name}")
        return status

    def version(self, version: str) -> dict[str, Any]:
        created = datetime.fromtimestamp(T, UTC)
        return {"CreationTime": created, "InferenceSpecification": {"Containers": [{"Image": "image"}]}}

    def served_model(self) -> dict[str, Any]:
        return {"PrimaryContainer": {"ModelPackageName": f"{PREFIX}1"}}

    def rows(self) -> list[Row]:
        return list(self._rows)

    def endpoint(self) -> dict[str, Any] | None:
        return None if self._live is None else {"EndpointStatus": "InService", "EndpointConfigName": self._live}

    def ask(self, requests: int) -> dict[str, int]:
        return {"answered": requests, "failed": 0}

    def copy_config(self, name: str) -> str:
        self._act("copy the config")
        return RUN.manual_config

    def update(self, config: str, alarm: str | None = None) -> str | None:
        key = f"{config} guarded" if alarm else config
        refused = self.refused.get("live" if config == self._live else key)
        if refused is None and config != self._live:
            self._live = config
            self._row(Kind.CHANGED_BY_HAND, "somebody changed it")
        self._act(f"update to {'the live config' if config != RUN.manual_config else key}")
        return refused

    def delete_endpoint(self) -> bool:
        self._live = None
        self._row(Kind.ALERT, "the endpoint was deleted manually")
        self._act("delete the endpoint")
        return True

    def _rollout(self, version: str, outcome: str) -> None:
        self._attempt += 1
        config = f"gate-{self._attempt}"
        detail: dict[str, Any] = {
            "attempt": self._attempt,
            "endpoint_config": config,
            "alarms": [],
            "purpose": "update",
        }
        self._row(Kind.ATTEMPT_OPENED, "opened", version, detail)
        if outcome == "succeeded":
            self._live = config
        ended: dict[str, Any] = {
            "outcome": outcome,
            "live_endpoint_config": self._live,
            "accepted": True,
            "fired": [],
            "failure_reason": None,
        }
        self._row(Kind.ATTEMPT_CLOSED, f"it {outcome}", version, detail | ended)

    def _row(self, kind: Kind, summary: str, version: str | None = None, detail: dict[str, Any] | None = None) -> None:
        fact = Fact(kind, self.now, summary, "alice", version, detail or {})
        self._rows.append(Row(RUN.endpoint, len(self._rows) + 1, fact, "", ""))

    def _act(self, what: str) -> None:
        self.acts.append(what)
        if self.crash_at == len(self.acts):
            self.crash_at = None
            raise Crash


def fresh() -> Run:
    """A run that has not begun."""
    return dataclasses.replace(RUN, made={}, steps=[], findings={}, readings={})
