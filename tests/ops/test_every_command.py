"""Every command, in one table: for people and for programs, in a narrow terminal, and without any permission.

An endpoint that nobody has heard of: test_exit_codes.py. `acceptance`, which plays a story: test_acceptance.py.
"""

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from rich.console import Console

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.live import Live
from lambdas.gate.state.rung import Copying, Rung
from lambdas.gate.state.shared_minute import Count
from ops.checks.endpoint import EndpointCheck
from ops.checks.expectation import not_seen
from ops.cli import COMMANDS
from ops.dead_letters import queues
from tests.docs.json_names import documented
from tests.lambdas.builders import SPEC, approval, arn
from tests.ops.test_cli import T, World
from tests.ops.test_exit_codes import NAME, registered
from tests.paths import ROOT

FILE = str(ROOT / "endpoints.yaml")
WIDTH = 60


@dataclass(frozen=True)
class Case:
    """`arguments`: after the command's name. `code`: the exit code of the answer. `also`: other arguments, whose JSON
    has other fields. `is_local`: True if the command asks AWS nothing. `says_nothing`: True if it has no answer
    here."""

    arguments: tuple[str, ...] = ()
    code: int = 0
    also: tuple[tuple[str, ...], ...] = ()
    is_local: bool = False
    says_nothing: bool = False


WHY = ("--reason", "why")
CASES = {
    "status": Case((NAME,)),
    "get": Case((NAME,)),
    "wait": Case((NAME, "1")),
    "explain": Case((NAME, "3"), code=7),
    "story": Case((NAME,)),
    "report": Case((NAME, "--all")),
    "audit": Case((NAME,), also=((NAME, "--version", "1"),)),
    "verify": Case((NAME,)),
    "doctor": Case(code=1),
    "plan": Case((NAME,)),
    "lint": Case((FILE,), is_local=True),
    "preview": Case((FILE,), code=9),
    "adopt": Case((NAME,), code=3, says_nothing=True),
    "approve": Case((NAME, "3", "--comment", "good")),
    "reject": Case((NAME, "3", "--comment", "bad")),
    "pause": Case(("--all", *WHY)),
    "resume": Case((NAME,)),
    "abort": Case((NAME, *WHY)),
    "rollback": Case((NAME, *WHY), code=1),
    "retry": Case((NAME, "2", *WHY)),
    "promote": Case((NAME, *WHY), code=4),
    "override": Case((NAME, "2", "--check", "containers", *WHY)),
    "reconcile": Case((NAME, *WHY)),
    "restore": Case((NAME, *WHY), code=1),
    "dead-letters": Case(also=(("requeue", "--all"),)),
    "notify": Case(("test",)),
    "completion": Case(("bash",), is_local=True),
}


def test_every_command_is_here() -> None:
    assert {*CASES, "acceptance"} == COMMANDS.keys()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An endpoint about which there is something of each kind to say, and a dead letter."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)
    monkeypatch.setattr(EndpointCheck, "_quota", lambda *_: not_seen("moto has no Service Quotas"))
    monkeypatch.setattr(CloudWatch, "failures_by_hour", lambda *_, **__: (Hour(T, Count(7200, 36)),))
    for made in registered(monkeypatch):
        spec = dataclasses.replace(SPEC, contacts=Contacts("Fraud", "#fraud", "https://w", "Scores payments"))
        name = names.spec_parameter(NAME)
        boto3.client("ssm").put_parameter(Name=name, Value=spec.to_json(), Type="String", Overwrite=True)
        boto3.client("sns").create_topic(Name=names.TOPIC)
        sqs, keep = boto3.client("sqs"), {"MessageRetentionPeriod": "1209600"}
        url = sqs.create_queue(QueueName=names.DEAD_LETTERS, Attributes=keep)["QueueUrl"]
        sqs.create_queue(QueueName=names.ORDERS_DEAD_LETTERS, Attributes={**keep, "FifoQueue": "true"})
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"endpoint": NAME}))
        told(made)
        yield made


def told(world: World) -> None:
    """A rollout is in flight, and there are a shadow, an approval that waits, a pause, a notice, a good version and the
    metrics of a version that waits."""
    before = world.head()
    assert before.live is not None
    head = dataclasses.replace(
        before,
        live=dataclasses.replace(before.live, settings=SPEC.settings),
        good=(Live("gate-fraud-0", T - 900, approval(7, order=1), "s", until=T),),
        approvals=(approval(2, order=8),),
        attempt=Attempt(3, approval(5, order=7), Purpose.UPDATE, Fleet("gate-5", "s", "ml.m5.large", 2), (), T, 900),
        rung=Rung(6, arn(6), "gate-fraud-1", Copying("shadow", Shadow(20, 24, 1000, 1), Judge()), T),
        notice="on hold",
        paused="audit",
    )
    values = [{"name": "f1", "value": 1, "live": 1, "difference": 0}]
    metrics = {"live": "FraudDetectionGroup/1", "values": values, "left_out": 1, "unread": "no", "live_unread": "no"}
    world.ledger.write(before, head, (Fact(Kind.APPROVAL_AWAITED, T, "waits", "x", arn(3), {"metrics": metrics}),))


def fields(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of each field in a value, without the places in lists."""
    if isinstance(value, list):
        for each in value:
            yield from fields(each, path)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name)
            yield from fields(each, (*path, name))


@pytest.mark.parametrize("name", CASES)
def test_each_field_that_programs_get_is_documented(world: World, name: str) -> None:
    for arguments in (CASES[name].arguments, *CASES[name].also):
        code, lines = world.run("--output", "json", name, *arguments)
        values = [json.loads(line) for line in lines if not line.startswith("Error: ")]
        assert code == CASES[name].code, lines
        assert values or CASES[name].says_nothing, lines
        unknown = {path for value in values for path in fields(value) if not documented(name, path)}
        assert sorted(".".join(path) for path in unknown) == []


@pytest.mark.parametrize("name", CASES)
def test_people_get_the_same_exit_code_in_a_narrow_terminal_and_a_sentence_without_any_permission(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rich.console.Console", lambda: Console(force_terminal=True, width=WIDTH, no_color=True))
    code, lines = world.run(name, *CASES[name].arguments)
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert (code, bool(lines)) == (CASES[name].code, True), lines
    assert [line for line in plain if not line.isprintable() or "a defect" in line] == []
    assert [line for line in plain if len(line) > WIDTH and not _is_one_text(name, line)] == []

    monkeypatch.setattr(BaseClient, "_make_api_call", _denied)
    code, lines = world.run(name, *CASES[name].arguments)
    if CASES[name].is_local:
        assert code == CASES[name].code
    else:
        assert (code, lines[-1].startswith("Error: ")) == (1, True), lines
        assert any("permission" in line or "may not" in line for line in lines)


def _denied(self: BaseClient, operation: str, request: dict[str, Any]) -> Any:
    error = {"Code": "AccessDeniedException", "Message": f"You may not {operation}."}
    raise ClientError({"Error": error}, operation)


def _is_one_text(name: str, line: str) -> bool:
    """True if the terminal wraps it: a sentence, a script or YAML, or a word that is too long for the line."""
    return not line.startswith(" ") or name in ("completion", "adopt") or max(map(len, line.split())) > WIDTH // 2
