"""The prober through its two-argument entry point, its requests read from beside its code."""

import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.settings import SettingsError
from lambdas.prober import handler as prober
from lambdas.prober.probe_task import ProbeTask
from lambdas.prober.settings import GOLDEN_FILE, ProberSettings
from tests.lambdas.builders import NOW
from tests.lambdas.deployer.test_handler import Context

SETTINGS = ProberSettings(
    "fraud-detection", "https://sqs/own", "https://sqs/inbox", "ff" * 32, "ApprovalGate/own", 600, 300
)


@pytest.fixture
def asset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prober, "ROOT", tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    prober.composed.cache_clear()
    (tmp_path / GOLDEN_FILE).write_text('{"body": "1,2,3", "expect": 0.5}\n')
    return tmp_path


def invoke(*bodies: str) -> Any:
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies, 1)]
    return prober.handler({"Records": records}, Context(function_name=names.prober("fraud-detection")))


def test_an_event_that_asks_for_nothing_is_done_and_what_is_malformed_comes_again(
    asset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SETTINGS.to_env().items():
        monkeypatch.setenv(name, value)
    creating = {
        "detail-type": "SageMaker Endpoint State Change",
        "time": "2027-01-15T08:00:00Z",
        "detail": {"EndpointName": "fraud-detection", "EndpointStatus": "CREATING"},
    }
    assert invoke(json.dumps(creating), "nonsense") == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert [request.name for request in prober.composed().requests] == ["line 1"]


def test_a_missing_setting_is_named(asset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS.to_env():
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        SettingsError, match=r"lacks APPROVAL_GATE_PROBER_ENDPOINT, .*the stack ApprovalGate-NAME again"
    ):
        invoke(ProbeTask("c", NOW, alone=True).message())


def test_a_missing_setting_says_whose_stack_is_to_be_deployed() -> None:
    environ = SETTINGS.to_env()
    del environ["APPROVAL_GATE_PROBER_DIGEST"]
    told = "lacks APPROVAL_GATE_PROBER_DIGEST; deploy the stack ApprovalGate-fraud-detection again: make deploy"
    with pytest.raises(SettingsError, match=told):
        ProberSettings.from_env(environ)


def test_settings_are_read_as_they_were_written() -> None:
    assert ProberSettings.from_env(SETTINGS.to_env()) == SETTINGS
