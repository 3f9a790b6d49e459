"""One scenario's endpoint: what people do about its versions, and what AWS and the ledger then say."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.approval import version_number
from lambdas.gate.state.fact import Fact, Kind, Row
from ops.rows import read_items, read_rows, rows_after
from ops.verification import chain
from sandbox.demo.people import IMAGE
from tests.e2e.world import REVIEWER, SCIENTIST, World

Line = tuple[str, str | None, int | None]
"""A row: its kind; of an attempt its purpose, once it is closed its outcome; the version's number."""
LEFT_OUT = (Kind.BASELINE, Kind.APPROVAL_PINNED, Kind.STATE_CHANGED, Kind.JUDGED, Kind.ANSWERS_COMPARED)
"""What every story begins with, what every approval is pinned to, what explains only the head, and what the judge finds
of every rollout in steps."""


class Endpoint:
    """Versions are known by their numbers, as people know them."""

    def __init__(self, world: World, name: str) -> None:
        self.name = name
        self._world = world
        self._entry = world.entries[name]
        self.group: str = self._entry["model_package_group"]
        self.artifacts: str = self._entry["model_artifacts"]
        self._arns: dict[int, str] = {}
        self._counted = 0
        """The number of the last row up to which `_open` counts the open attempts."""
        self._open = 0

    def register(
        self,
        *,
        status: str = "PendingManualApproval",
        model: str = "model.tar.gz",
        by: str = SCIENTIST,
        environment: dict[str, str] | None = None,
        fields: dict[str, Any] | None = None,
        **behaviour: str,
    ) -> int:
        """`model`: a file below the artifacts; `environment`: of its container; `fields`: more of
        CreateModelPackage's; `behaviour`: `error_rate`, `latency_ms`."""
        properties = {f"sandbox.{key}": value for key, value in behaviour.items()}
        answer = self._world.client("sagemaker", by).create_model_package(
            ModelPackageGroupName=self.group,
            ModelApprovalStatus=status,
            InferenceSpecification=self.specification(model, environment),
            **({"CustomerMetadataProperties": properties} if properties else {}),
            **(fields or {}),
        )
        arn = answer["ModelPackageArn"]
        number = version_number(arn)
        self._arns[number] = arn
        self._world.advance()
        return number

    def specification(self, model: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
        """InferenceSpecification of one container with this file below the artifacts."""
        variables = {"Environment": environment} if environment else {}
        return {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": self.artifacts + model} | variables],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        }

    def approve(self, version: int, by: str = REVIEWER) -> None:
        self.decide(version, "Approved", by)

    def reject(self, version: int, by: str = REVIEWER) -> None:
        self.decide(version, "Rejected", by)

    def delete(self, version: int, by: str) -> None:
        self._world.client("sagemaker", by).delete_model_package(ModelPackageName=self.arn(version))
        self._world.advance()

    def decide(self, version: int, status: str, by: str = REVIEWER) -> None:
        """All that follows at once has happened when this returns."""
        self._world.client("sagemaker", by).update_model_package(
            ModelPackageArn=self.arn(version), ModelApprovalStatus=status, ApprovalDescription=f"{status} for the test"
        )
        self._world.advance()

    def annotate(self, version: int, **properties: str) -> None:
        """An edit of the version's metadata."""
        self.update(version, CustomerMetadataProperties=properties)

    def update(self, version: int, by: str = SCIENTIST, **fields: Any) -> None:
        self._world.client("sagemaker", by).update_model_package(ModelPackageArn=self.arn(version), **fields)
        self._world.advance()

    def publish(self, *versions: int) -> None:
        """Approve one after the other, each live before the next."""
        for version in versions:
            self.approve(version)
            self.settle()
            assert self.live() == ("InService", version)

    def serving(self, versions: int = 1) -> None:
        """The scenario's beginning: so many versions are registered, the first is live."""
        for _ in range(versions):
            self.register()
        self.publish(1)

    def settle(self, within: float = 7200) -> None:
        """Let time pass until the endpoint is at rest and no attempt is open."""
        self.pass_time(lambda: not self.is_moving(), within)

    def pass_time(self, until: Callable[[], bool], within: float) -> None:
        end = self._world.now() + within
        while not until():
            assert self._world.now() < end, f"It did not happen within {within} s: {self.story()}"
            self._world.advance(30)

    def is_moving(self) -> bool:
        """Of the ledger, only rows that are new since the last call are read, once the endpoint itself is at rest: this
        is asked every half minute of a rollout."""
        if self.status() not in ("InService", "Failed", None):
            return True
        for row in rows_after(self._world.client("dynamodb"), self.name, self._counted):
            self._counted = row.number
            self._open += (row.fact.kind is Kind.ATTEMPT_OPENED) - (row.fact.kind is Kind.ATTEMPT_CLOSED)
        return self._open > 0

    def arn(self, version: int) -> str:
        return (
            self._arns.get(version) or f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{self.group}/{version}"
        )

    def describe(self) -> dict[str, Any] | None:
        """DescribeEndpoint; None where there is no such endpoint."""
        try:
            return dict(self._world.client("sagemaker").describe_endpoint(EndpointName=self.name))
        except ClientError as error:
            if error.response["Error"]["Message"].startswith("Could not find endpoint"):
                return None
            raise

    def status(self) -> str | None:
        endpoint = self.describe()
        return endpoint["EndpointStatus"] if endpoint else None

    def live(self) -> tuple[str, int | None] | None:
        """EndpointStatus, and the version that its config leads to by AWS's own account."""
        endpoint = self.describe()
        if endpoint is None:
            return None
        sagemaker = self._world.client("sagemaker")
        (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])[
            "ProductionVariants"
        ]
        (container,) = sagemaker.describe_model(ModelName=variant["ModelName"])["Containers"]
        return endpoint["EndpointStatus"], version_number(container["ModelPackageName"])

    def instances(self) -> int:
        endpoint = self.describe()
        assert endpoint
        (variant,) = endpoint["ProductionVariants"]
        return int(variant["CurrentInstanceCount"])

    def call(self) -> dict[str, Any]:
        """What a client that invokes the endpoint is answered."""
        answer = self._world.client("sagemaker-runtime", SCIENTIST).invoke_endpoint(
            EndpointName=self.name, ContentType="text/csv", Body=b"1,2,3"
        )
        return dict(json.load(answer["Body"]))

    def traffic(self, requests_per_second: float) -> None:
        self._world.control("traffic", {"endpoint": self.name, "requests_per_second": requests_per_second})

    def served(self) -> dict[int, dict[str, int]]:
        """Answers to callers so far, by version and HTTP status."""
        served = self._world.control("invocations")["served"].get(self.name, {})
        return {int(label.rsplit("/", 1)[1]): statuses for label, statuses in served.items()}

    def updates(self) -> int:
        """How many updates of the endpoint SageMaker has begun, by its own events."""
        return sum(event["detail"]["EndpointStatus"] == "UPDATING" for event in self._state_changes())

    def creations(self) -> int:
        return sum(event["detail"]["EndpointStatus"] == "CREATING" for event in self._state_changes())

    def _state_changes(self) -> list[dict[str, Any]]:
        return [
            event
            for event in self._world.events("aws.sagemaker")
            if event["detail-type"] == "SageMaker Endpoint State Change"
            and event["detail"]["EndpointName"] == self.name
        ]

    def rows(self) -> tuple[Row, ...]:
        return read_rows(self._world.client("dynamodb"), self.name)

    def facts(self) -> list[Fact]:
        """Those of the whole ledger that stories are made of."""
        return [row.fact for row in self.rows() if row.fact.kind not in LEFT_OUT]

    def story(self) -> list[Line]:
        return [_line(fact) for fact in self.facts()]

    def summaries(self, kind: Kind) -> list[str]:
        return [row.fact.summary for row in self.rows() if row.fact.kind is kind]

    def checks(self, kind: Kind) -> dict[str, str]:
        """What the gate found, check by check, in the evidence of the newest row of this kind."""
        gate = [row.fact.detail["gate"] for row in self.rows() if row.fact.kind is kind][-1]
        return {check["name"]: check["result"] for check in gate["checks"]}

    def messages(self) -> list[str]:
        """Of those that people got about the endpoint, the bodies."""
        return [message["Message"] for message in self._told()]

    def subjects(self) -> list[str]:
        """Of the messages that people got about the endpoint."""
        return [message["Subject"] for message in self._told()]

    def schedule(self, *, on: bool) -> None:
        """Whether the endpoint's rule hears events and its schedule runs, unless its stack was destroyed."""
        events = self._world.client("events")
        change = events.enable_rule if on else events.disable_rule
        if events.list_rules(NamePrefix=names.rule(self.name))["Rules"]:
            change(Name=names.rule(self.name))

    def audit(self) -> None:
        """What holds at the end of every scenario: the record is whole, each row was told on the bus once, people got a
        message of every outcome, alert and hold, and each attempt that was opened is closed but for one in flight."""
        rows = self.rows()
        dynamodb = self._world.client("dynamodb")
        head = Ledger(dynamodb, names.LEDGER).head(self.name)
        assert head is not None
        assert chain.first_mismatch(read_items(dynamodb, self.name), head) is None
        published = [e["detail"] for e in self._world.events(names.EVENT_SOURCE)]
        told = Counter(detail["number"] for detail in published if detail["endpoint"] == self.name)
        assert told == {row.number: 1 for row in rows}
        outcomes = [row for row in rows if row.fact.kind in (Kind.ATTEMPT_CLOSED, Kind.ALERT, Kind.HELD)]
        messages = "\n".join(message["Message"] for message in self._told())
        assert [row.number for row in outcomes if f"Row {row.number} of the endpoint's" not in messages] == []
        opened = [row.fact.detail["attempt"] for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED]
        closed = [row.fact.detail["attempt"] for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
        in_flight = [head.attempt.number] if head.attempt else []
        assert closed + in_flight == opened == sorted(set(opened))

    def _told(self) -> list[dict[str, Any]]:
        messages = self._world.told()
        return [m for m in messages if m.get("MessageAttributes", {}).get("endpoint", {}).get("Value") == self.name]


def _line(fact: Fact) -> Line:
    version = version_number(fact.version) if fact.version else None
    told = fact.detail.get("outcome") or (fact.detail.get("purpose") if fact.kind is Kind.ATTEMPT_OPENED else None)
    return fact.kind.value, told, version
