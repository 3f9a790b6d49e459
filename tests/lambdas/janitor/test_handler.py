"""The janitor's edges that delete, its environment, and the function through its two-argument entry point."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.errors import Denied, InProgress, Throttled
from lambdas.gate.settings import SettingsError
from lambdas.janitor import handler as function
from lambdas.janitor.disposal import Disposal
from lambdas.janitor.garbage import Deletion
from lambdas.janitor.inventory import Kind
from lambdas.janitor.janitor import Result
from lambdas.janitor.policy import Mode, Policy
from tests.lambdas.stubbed import stubbed
from tests.ledger_table import REGION

CALLS: dict[Kind, tuple[str, dict[str, Any]]] = {
    Kind.ENDPOINT: ("delete_endpoint", {"EndpointName": "gate-x"}),
    Kind.CONFIG: ("delete_endpoint_config", {"EndpointConfigName": "gate-x"}),
    Kind.MODEL: ("delete_model", {"ModelName": "gate-x"}),
    Kind.ALARM: ("delete_alarms", {"AlarmNames": ["gate-x"]}),
}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_deleted_by_its_call(kind: Kind) -> None:
    operation, asked = CALLS[kind]
    with stubbed("sagemaker") as sagemaker, stubbed("cloudwatch") as cloudwatch:
        (cloudwatch if kind is Kind.ALARM else sagemaker).add_response(operation, {}, asked)
        Disposal(sagemaker.client, cloudwatch.client).delete((Deletion(kind, "gate-x", "churn", ""),))


def test_many_alarms_are_deleted_by_one_call() -> None:
    with stubbed("sagemaker") as sagemaker, stubbed("cloudwatch") as cloudwatch:
        cloudwatch.add_response("delete_alarms", {}, {"AlarmNames": ["a", "b"]})
        step = tuple(Deletion(Kind.ALARM, name, "churn", "") for name in "ab")
        Disposal(sagemaker.client, cloudwatch.client).delete(step)


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [
        (Kind.ENDPOINT, "ValidationException", 'Could not find endpoint "arn:x".'),
        (Kind.CONFIG, "ValidationException", 'Could not find endpoint configuration "arn:x".'),
        (Kind.MODEL, "ValidationException", 'Could not find model "arn:x".'),
        (Kind.ALARM, "ResourceNotFound", "unknown"),
    ],
)
def test_what_is_gone_already_counts_as_deleted(kind: Kind, code: str, message: str) -> None:
    with stubbed("sagemaker") as sagemaker, stubbed("cloudwatch") as cloudwatch:
        (cloudwatch if kind is Kind.ALARM else sagemaker).add_client_error(CALLS[kind][0], code, message)
        Disposal(sagemaker.client, cloudwatch.client).delete((Deletion(kind, "gate-x", "churn", ""),))


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("ValidationException", 'Cannot update in-progress endpoint "arn:x".', InProgress),
        ("ThrottlingException", "Rate exceeded", Throttled),
        ("AccessDeniedException", "no", Denied),
    ],
)
def test_any_other_answer_is_an_error(code: str, message: str, error: type[Exception]) -> None:
    with stubbed("sagemaker") as sagemaker, stubbed("cloudwatch") as cloudwatch:
        sagemaker.add_client_error("delete_endpoint", code, message)
        with pytest.raises(error):
            Disposal(sagemaker.client, cloudwatch.client).delete((Deletion(Kind.ENDPOINT, "x", "x", ""),))


def test_the_environment_says_what_infra_wrote() -> None:
    policy = Policy(Mode.DELETE, retention_days=45, keep_good=5, failed_endpoint_days=14)
    assert policy.to_env() == {
        "APPROVAL_GATE_JANITOR_MODE": "delete",
        "APPROVAL_GATE_JANITOR_RETENTION_DAYS": "45",
        "APPROVAL_GATE_JANITOR_KEEP_GOOD": "5",
        "APPROVAL_GATE_JANITOR_FAILED_ENDPOINT_DAYS": "14",
    }
    assert Policy.from_env(policy.to_env()) == policy


@pytest.mark.parametrize("variable", Policy(Mode.DRY_RUN, 1, 1, 1).to_env())
def test_a_missing_variable_is_named(variable: str) -> None:
    environ = Policy(Mode.DRY_RUN, 1, 1, 1).to_env()
    del environ[variable]
    with pytest.raises(SettingsError, match=f"lacks {variable}; deploy the stack ApprovalGate again: make deploy"):
        Policy.from_env(environ)


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("APPROVAL_GATE_JANITOR_MODE", "off", "dry-run or delete"),
        ("APPROVAL_GATE_JANITOR_RETENTION_DAYS", "", "a whole number"),
        ("APPROVAL_GATE_JANITOR_KEEP_GOOD", "3.5", "a whole number"),
        ("APPROVAL_GATE_JANITOR_FAILED_ENDPOINT_DAYS", "seven", "a whole number"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    environ = Policy(Mode.DRY_RUN, 1, 1, 1).to_env() | {variable: value}
    told = f"environment has {variable}={value!r}, which is not {allowed}; deploy the stack ApprovalGate again"
    with pytest.raises(SettingsError, match=told):
        Policy.from_env(environ)


@dataclass
class Context:
    """What Powertools reads of Lambda's context."""

    function_name: str = names.JANITOR
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:{names.JANITOR}"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"


class Running:
    def __init__(self, result: Result) -> None:
        self.result = result

    def run(self) -> Result:
        return self.result


def invoke(monkeypatch: pytest.MonkeyPatch, result: Result, event: dict[str, Any]) -> None:
    monkeypatch.setattr(function, "composed", lambda: Running(result))
    function.handler(event, Context())


def test_the_schedule_runs_it_and_the_metrics_say_what_became_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke(monkeypatch, Result(found=5, deleted=3), {"sweep": "garbage"})
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {key: told[key] for key in ("Garbage", "GarbageDeleted", "GarbageNotDeleted", "service")} == {
        "Garbage": [5],
        "GarbageDeleted": [3],
        "GarbageNotDeleted": [0],
        "service": names.JANITOR,
    }


def test_what_aws_refused_for_good_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(function.NotDeleted, match="2 things could not be deleted"):
        invoke(monkeypatch, Result(found=5, deleted=3, refused=2), {"sweep": "garbage"})


def test_another_event_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="Not the sweep of garbage"):
        invoke(monkeypatch, Result(), {"sweep": "outbox"})
