"""The function through its two-argument entry point: real events, the composition root, all of AWS in moto."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from lambdas.deployer import handler as deployer
from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.settings import ROLE_ID, Settings, SettingsError
from tests.lambdas.builders import GROUP, SPEC
from tests.lambdas.stubbed import client
from tests.ledger_table import REGION
from tests.paths import EVENTS

NOW = 1_800_000_000
ORDERS = f"arn:aws:sqs:{REGION}:123456789012:{names.ORDERS}"


@dataclass
class Context:
    """What Powertools reads of Lambda's context."""

    function_name: str = names.DEPLOYER
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:{names.DEPLOYER}"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"


class Function:
    """The deployed function and the account around it. Clients outlive a test: moto answers them all, and each takes
    half a second to make."""

    def __init__(self, dynamodb: Any, output: io.StringIO) -> None:
        self.ledger = Ledger(dynamodb, names.LEDGER)
        self.sagemaker, self.sqs, self.ssm = (client(service, "moto") for service in ("sagemaker", "sqs", "ssm"))
        self.inbox = self.sqs.create_queue(QueueName=names.INBOX)["QueueUrl"]
        self.orders = self.sqs.create_queue(QueueName=names.ORDERS, Attributes={"FifoQueue": "true"})["QueueUrl"]
        self._output = output

    def put_spec(self, text: str) -> None:
        self.ssm.put_parameter(Name=names.spec_parameter(SPEC.endpoint), Value=text, Type="String", Overwrite=True)

    def register(self, versions: int) -> None:
        self.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        for _ in range(versions):
            self.sagemaker.create_model_package(
                ModelPackageGroupName=GROUP,
                ModelApprovalStatus="Approved",
                InferenceSpecification={
                    "Containers": [{"Image": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:{64 * 'a'}"}],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": ["text/csv"],
                },
            )

    def host(self) -> None:
        """An endpoint that somebody made before the gate came."""
        self.sagemaker.create_model(
            ModelName="m", ExecutionRoleArn=SPEC.execution_role_arn, PrimaryContainer={"Image": "i"}
        )
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": "m",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
        }
        self.sagemaker.create_endpoint_config(EndpointConfigName="by-hand", ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=SPEC.endpoint, EndpointConfigName="by-hand")

    def receive(self, name: str) -> Any:
        event = json.loads((EVENTS / f"deployer-{name}.json").read_text())
        return deployer.handler(event, Context())

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._output.getvalue().splitlines()]

    @property
    def told(self) -> list[tuple[Any, ...]]:
        return [tuple(line.get(field) for field in ("endpoint", "decision", "reason")) for line in self.lines]

    @property
    def messages(self) -> list[Any]:
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.inbox,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"],
        )["Attributes"]
        return sorted(int(value) for value in attributes.values())


@pytest.fixture
def function(emptied: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Function]:
    for service in ("cloudwatch", "sagemaker", "sqs", "ssm"):
        get_backend(service)["123456789012"].reset()
    clock = tmp_path / "now"
    clock.write_text(str(NOW))
    monkeypatch.setenv("APPROVAL_GATE_CLOCK", clock.as_uri())
    output = io.StringIO()
    made = Function(emptied, output)
    topic = f"arn:aws:sns:{REGION}:123456789012:{names.TOPIC}"
    settings = Settings(names.LEDGER, made.inbox, topic, made.orders, ORDERS)
    for variable, value in settings.to_env().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv(ROLE_ID, "AROADEPLOYERDEPLOYERD")
    (stream,) = (handler for handler in deployer.logger.handlers if isinstance(handler, logging.StreamHandler))
    before = stream.setStream(output)
    yield made
    if before is not None:
        stream.setStream(before)


ONE_MESSAGE = [
    "package-approved",
    "package-approved-three-times",
    "package-rejected",
    "package-metadata-edited",
    "package-life-cycle",
    "package-registered-approved",
    "endpoint-in-service",
    "endpoint-deployment",
    "alarm",
    "parameter-changed",
    "schedule",
    "look",
]


@pytest.mark.parametrize("name", ONE_MESSAGE)
def test_every_event_leads_to_the_same_look(function: Function, name: str) -> None:
    function.put_spec(SPEC.to_json())
    function.host()
    assert function.receive(name) == {"batchItemFailures": []}
    assert function.told == [("fraud-detection", "keep", "the live version is the wanted one")]
    head = function.ledger.head(SPEC.endpoint)
    assert head is not None
    assert head.live is not None
    assert (head.rows, head.live.config, head.live.since) == (1, "by-hand", NOW)


def test_an_approval_creates_the_endpoint_and_its_end_is_judged(function: Function) -> None:
    function.put_spec(SPEC.to_json())
    function.register(3)
    assert function.receive("package-approved") == {"batchItemFailures": []}
    opened = function.ledger.head(SPEC.endpoint)
    assert opened is not None
    assert opened.attempt is not None
    assert opened.attempt.approval.version.endswith("/3")
    config = opened.attempt.fleet.config
    described = function.sagemaker.describe_endpoint(EndpointName=SPEC.endpoint)
    assert described["EndpointConfigName"] == config
    assert function.sagemaker.list_tags(ResourceArn=described["EndpointArn"])["Tags"] == [
        {"Key": "approval-gate", "Value": "managed"}
    ]
    assert function.receive("endpoint-in-service") == {"batchItemFailures": []}
    head = function.ledger.head(SPEC.endpoint)
    assert head is not None
    assert head.live is not None
    assert (head.live.config, head.attempt) == (config, None)
    assert [line[1] for line in function.told] == ["wait", "close"]
    # One look at the end of the rollout, one right after its outcome.
    assert function.messages == [1, 1]


def test_an_endpoint_that_is_not_managed(function: Function) -> None:
    assert function.receive("schedule") == {"batchItemFailures": []}
    assert function.told == [("fraud-detection", "keep", "there is no spec: the endpoint is not managed")]


def test_a_malformed_message_alone_is_delivered_again(function: Function) -> None:
    failures = [{"itemIdentifier": "00000001-1111-4111-8111-111111111111"}]
    assert function.receive("malformed") == {"batchItemFailures": failures}
    assert [line["message"] for line in function.lines] == ["malformed message", "reconciled"]


def test_a_spec_that_cannot_be_read_is_that_endpoint_s_fault(function: Function) -> None:
    function.put_spec("[]")
    answer = function.receive("batch-of-ten")
    assert len(answer["batchItemFailures"]) == 7
    assert [(line["level"], line["endpoint"]) for line in function.lines] == [
        ("ERROR", "fraud-detection"),
        ("INFO", "churn"),
    ]


def test_the_sweep_without_an_open_attempt_does_nothing(function: Function) -> None:
    assert function.receive("sweep") == {"batchItemFailures": []}
    assert function.messages == [0, 0]


ORDER = {"id": "order-0001", "kind": "pause", "endpoint": names.ALL, "reason": "incident", "claimed": "arn:forged"}


@pytest.mark.parametrize(("queue", "is_paused"), [(names.ORDERS, True), (names.INBOX, False)])
def test_only_the_queue_that_a_record_is_from_makes_it_an_order(
    function: Function, queue: str, is_paused: bool
) -> None:
    """What the body or its attributes say makes no order of a message in the inbox."""
    arn = f"arn:aws:sqs:{REGION}:123456789012:{queue}"
    attributes = {"SenderId": "AIDAALICEALICEALICE1", "SentTimestamp": f"{NOW}000", "MessageGroupId": names.ALL}
    body = json.dumps(ORDER | ({} if is_paused else {"eventSourceARN": ORDERS}))
    record = {"messageId": "1", "receiptHandle": "r", "body": body, "attributes": attributes, "eventSourceARN": arn}
    answer = deployer.handler({"Records": [record]}, Context())
    every = function.ledger.head(names.ALL)
    assert (every is not None and every.paused is not None) is is_paused
    assert answer == {"batchItemFailures": [] if is_paused else [{"itemIdentifier": "1"}]}
    if is_paused:
        assert [row.fact.who for row in function.ledger.rows(names.ALL)] == ["AIDAALICEALICEALICE1"]


def test_each_reconcile_is_a_metric(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.receive("batch-of-ten")
    (metrics,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if "CloudWatchMetrics" in line)
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "ApprovalGate"
    assert (metrics["Reconciles"], metrics["Decision.keep"], metrics["service"]) == (
        [1.0, 1.0],
        [1.0, 1.0],
        "approval-gate-deployer",
    )


@pytest.mark.filterwarnings("ignore:No application metrics")
@pytest.mark.parametrize("variable", ["APPROVAL_GATE_INBOX_URL", ROLE_ID])
def test_a_missing_variable_is_named(function: Function, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv(variable)
    deployer.composed.cache_clear()
    with pytest.raises(SettingsError, match=variable):
        function.receive("look")
