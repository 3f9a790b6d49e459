"""`abort`: an order for one endpoint, or for all together with a pause."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from lambdas.gate import names
from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Hold
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.hints import Hints
from lambdas.gate.state.orders import Abort
from lambdas.gate.state.record import digest
from ops.account import Account
from ops.cli import cli
from ops.intervention import Impossible, abort
from ops.rows import read_rows
from tests.lambdas import fakes
from tests.lambdas.builders import NOW, SPEC, arn, attempt, head
from tests.lambdas.fakes import begin
from tests.ledger_table import ledger_table

ROOT = "arn:aws:sts::123456789012:user/moto"
DETAIL = {"attempt": 3, "endpoint_config": "gate-v2", "reason": "wrong data"}


def test_an_abort_is_recorded_as_an_order() -> None:
    before = head(attempt=attempt())
    after = head(attempt=attempt(abort=Abort(ROOT, "wrong data", NOW)))
    told = "abort of FraudDetectionGroup/2 ordered: wrong data"
    assert abort(before, "wrong data", ROOT, NOW) == (
        after,
        Fact(Kind.ABORT_ORDERED, NOW, told, ROOT, arn(2), DETAIL),
    )


def test_the_abort_of_a_revert_also_pauses_or_the_revert_would_start_again() -> None:
    after, fact = abort(head(attempt=attempt(purpose=Purpose.REVERT)), "wrong data", ROOT, NOW)
    assert after.paused == "an operator aborted the revert to FraudDetectionGroup/2: wrong data"
    assert fact.summary.endswith("; the rollout is a revert, so the endpoint is paused until `resume`")
    held = head(attempt=attempt(purpose=Purpose.REVERT), paused="freeze")
    assert abort(held, "wrong data", ROOT, NOW)[0].paused == "freeze"


def test_the_abort_of_a_first_creation_says_that_it_continues() -> None:
    _, fact = abort(head(attempt=attempt(purpose=Purpose.CREATE)), "wrong data", ROOT, NOW)
    assert fact.summary.endswith("; the first creation of an endpoint cannot be aborted, so it continues")


def test_the_abort_of_a_serverless_update_says_that_it_continues() -> None:
    fleet = dataclasses.replace(attempt().fleet, serverless=Serverless(2048, 20))
    _, fact = abort(head(attempt=attempt(fleet=fleet)), "wrong data", ROOT, NOW)
    assert fact.summary.endswith("; an update of a serverless endpoint cannot be aborted, so it continues")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (head(), r"^No rollout is in flight on fraud-detection\. To keep the next one from starting, use `pause`\.$"),
        (
            head(attempt=attempt(abort=Abort(ROOT, "wrong data", NOW))),
            r"^arn.*moto has already ordered the abort of FraudDetectionGroup/2: wrong data$",
        ),
    ],
    ids=["nothing in flight", "ordered already"],
)
def test_what_cannot_be_aborted_says_why(before: Head, why: str) -> None:
    with pytest.raises(Impossible, match=why):
        abort(before, "again", ROOT, NOW)


class World:
    """Two endpoints, one of them with a rollout in flight, and one whose stack is gone in mid-rollout."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.ledger = Ledger(dynamodb, names.LEDGER)
        opened = head(attempt=attempt(), revision=0, rows=0, hash="")
        for before in (
            opened,
            dataclasses.replace(opened, endpoint="churn", attempt=None),
            dataclasses.replace(opened, endpoint="gone"),
        ):
            begin(self.ledger, before)
        for endpoint in (SPEC.endpoint, "churn"):
            boto3.client("ssm").put_parameter(Name=names.spec_parameter(endpoint), Value="{}", Type="String")
        self._sqs = boto3.client("sqs")
        self._inbox = self._sqs.create_queue(QueueName=names.INBOX)["QueueUrl"]

    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["abort", *arguments, "--reason", "wrong data"])
        return result.exit_code, result.output.strip()

    def head(self, endpoint: str) -> Head:
        found = self.ledger.head(endpoint)
        assert found is not None
        return found

    def rows(self, endpoint: str) -> list[tuple[Kind, str, str]]:
        """All rows, without those that only say what changed."""
        facts = (row.fact for row in read_rows(self.dynamodb, endpoint))
        return [(fact.kind, fact.who, fact.summary) for fact in facts if fact.kind is not Kind.STATE_CHANGED]

    def inbox(self) -> list[Any]:
        messages = self._sqs.receive_message(QueueUrl=self._inbox, MaxNumberOfMessages=10).get("Messages", [])
        return sorted(json.loads(message["Body"])["endpoint"] for message in messages)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb)


ORDERED = (Kind.ABORT_ORDERED, ROOT, "abort of FraudDetectionGroup/2 ordered: wrong data")


def test_one_rollout_is_aborted_and_the_deployer_reconciles(world: World) -> None:
    assert world.run(SPEC.endpoint) == (
        0,
        "fraud-detection: abort of FraudDetectionGroup/2 ordered: wrong data. "
        "It is recorded in the ledger, and the deployer reconciles now.",
    )
    assert (world.rows(SPEC.endpoint), world.inbox()) == ([ORDERED], [SPEC.endpoint])
    assert world.ledger.head(names.ALL) is None


def test_all_rollouts_are_aborted_and_nothing_new_starts(world: World) -> None:
    assert world.run("--all") == (
        0,
        "All endpoints are paused until `resume --all`. The abort is ordered on fraud-detection, gone. "
        "It is recorded in the ledger, and the deployer reconciles now.",
    )
    assert world.rows(names.ALL) == [(Kind.HELD, ROOT, "paused: wrong data")]
    assert world.rows(SPEC.endpoint) == world.rows("gone") == [ORDERED]
    assert world.inbox() == ["churn", SPEC.endpoint, "gone"]


def test_a_reconcile_that_began_before_the_pause_opens_no_attempt(world: World) -> None:
    """It has read that nothing is paused, and is about to write its intent."""
    before = world.head("churn")
    world.run("--all")
    with pytest.raises(Conflict):
        world.ledger.write(
            before, dataclasses.replace(before, attempt=attempt()), (Fact(Kind.ATTEMPT_OPENED, NOW, ""),)
        )
    assert world.rows("churn") == []


@pytest.fixture
def deployer(world: World) -> fakes.World:
    """A deployer before its first reconcile of an endpoint that does not exist yet."""
    spec = dataclasses.replace(SPEC, endpoint="new")
    boto3.client("ssm").put_parameter(Name=names.spec_parameter("new"), Value=spec.to_json(), Type="String")
    made = fakes.World(world.dynamodb)
    made.specs.stored = StoredSpec(spec, SpecSeen(1, NOW - 10))
    made.hosting.now = None
    made.registry.put(1)
    return made


def test_a_first_reconcile_that_began_before_the_pause_creates_nothing(world: World, deployer: fakes.World) -> None:
    """There was no head when the order came, and the reconcile is about to write its intent."""
    deployer.ledger.interfere = lambda: world.run("--all") and None
    with pytest.raises(Conflict):
        deployer.reconciler.reconcile("new", Hints(), NOW)
    assert (deployer.hosting.accepted, world.rows("new")) == ([], [])
    assert "new" in world.inbox()
    for minutes in (1, 6):
        held = deployer.reconciler.reconcile("new", Hints(), NOW + minutes * 60)
        assert (type(held), held.reason) == (Hold, "all endpoints are paused: wrong data")
    assert deployer.hosting.accepted == []
    assert [(kind, told) for kind, _, told in world.rows("new")][::2] == [
        (
            Kind.BASELINE,
            "First reconcile: the endpoint does not exist; FraudDetectionGroup/1 is the newest Approved version",
        ),
        (Kind.HELD, "all endpoints are paused: wrong data"),
    ]


def test_a_first_reconcile_during_the_pause_holds_and_continues_after_it(world: World, deployer: fakes.World) -> None:
    world.run("--all")
    (row,) = world.ledger.rows("new")
    assert row.fact.summary == "all endpoints were paused before the first reconcile"
    first = Head("new", NOT_RECONCILED, horizon=0.0, revision=1, rows=1, hash=row.hash)
    assert world.head("new") == dataclasses.replace(first, digest=digest(first))
    assert type(deployer.reconciler.reconcile("new", Hints(), NOW)) is Hold
    assert world.head("new").spec == SpecSeen(1, NOW - 10)
    assert CliRunner().invoke(cli, ["resume", "--all"]).exit_code == 0
    deployer.reconciler.reconcile("new", Hints(), NOW + 60)
    assert [request["EndpointName"] for request in deployer.hosting.accepted] == ["new"]


def test_abort_all_can_be_repeated(world: World) -> None:
    world.run("--all")
    assert world.run("--all")[1].startswith("All endpoints are paused until `resume --all`. No rollout was in flight.")
    assert world.rows(SPEC.endpoint) == [ORDERED]
    assert len(world.rows(names.ALL)) == 1


def test_the_deployer_may_write_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    refused: list[Head] = []

    def busy_once(before: Head, after: Head, facts: tuple[Fact, ...] = ()) -> Head:
        if before and before.endpoint == "churn" and not refused:
            refused.append(before)
            raise Conflict("churn")
        return world.ledger.write(before, after, facts)

    monkeypatch.setattr(account.ledger, "write", busy_once)
    order = lambda before: abort(before, "wrong data", ROOT, NOW)  # noqa: E731
    pause = lambda before: (before, Fact(Kind.HELD, NOW, "paused"))  # noqa: E731
    assert account.stop(pause, order) == (SPEC.endpoint, "gone")
    assert (len(refused), world.head("churn").revision) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Neither ENDPOINT nor --all was given"),
        ((SPEC.endpoint, "--all"), "Both ENDPOINT and --all were given"),
    ],
)
def test_it_is_one_endpoint_or_all(world: World, arguments: tuple[str, ...], said: str) -> None:
    code, told = world.run(*arguments)
    assert (code, told.rpartition("Error: ")[2]) == (2, f"{said}. Give one of them.")


def test_an_endpoint_where_nothing_is_in_flight_is_left_as_it_is(world: World) -> None:
    told = "No rollout is in flight on churn. To keep the next one from starting, use `pause`."
    assert world.run("churn") == (1, f"Error: {told}")
