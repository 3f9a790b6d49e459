"""`abort`: an order for one endpoint, or one order for all of them."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Hold
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Hints
from lambdas.gate.state.orders import Abort
from ops.cli import cli
from ops.rows import read_rows
from tests.lambdas import fakes
from tests.lambdas.builders import NOW, SPEC, attempt, head
from tests.lambdas.fakes import begin
from tests.ledger_table import ledger_table
from tests.ops.deployer import SENDER, Deployer

LATER = NOW + 30
"""When the order is carried out."""


class World:
    """Two endpoints, one of them with a rollout in flight, and one whose stack is gone in mid-rollout."""

    def __init__(self, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
        self.deployer = Deployer(monkeypatch, self.ledger, lambda: LATER)

    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["abort", *arguments, "--reason", "wrong data"])
        return result.exit_code, result.output.strip()

    def rows(self, endpoint: str) -> list[tuple[Kind, str, str]]:
        """All rows, without those that only say what changed."""
        facts = (row.fact for row in read_rows(self.dynamodb, endpoint))
        return [(fact.kind, fact.who, fact.summary) for fact in facts if fact.kind is not Kind.STATE_CHANGED]

    def inbox(self) -> list[str]:
        return sorted(self.deployer.inbox())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, monkeypatch)


ORDERED = (Kind.ABORT_ORDERED, SENDER, "abort of FraudDetectionGroup/2 ordered: wrong data")
FOR_ALL = "abort of every rollout in flight ordered, and all endpoints are paused: wrong data"
RECORDED = "It is recorded in the ledger, and the deployer reconciles now."


def look(endpoint: str) -> str:
    return f'{{"endpoint": "{endpoint}"}}'


def test_one_rollout_is_aborted_and_the_deployer_reconciles(world: World) -> None:
    assert world.run(SPEC.endpoint) == (
        0,
        f"fraud-detection: abort of FraudDetectionGroup/2 ordered: wrong data. {RECORDED}",
    )
    assert (world.rows(SPEC.endpoint), world.inbox()) == ([ORDERED], [look(SPEC.endpoint)])
    assert world.ledger.head(names.ALL) is None


def test_all_rollouts_are_aborted_by_one_order_in_the_head_of_all(world: World) -> None:
    assert world.run("--all") == (0, f"All endpoints: {FOR_ALL}. {RECORDED}")
    assert world.rows(names.ALL) == [(Kind.ABORT_ORDERED, SENDER, FOR_ALL)]
    every = world.ledger.head(names.ALL)
    assert every is not None
    assert (every.paused, every.abort_all) == ("wrong data", Abort(SENDER, "wrong data", LATER))
    assert world.rows(SPEC.endpoint) == world.rows("gone") == world.rows("churn") == []
    assert world.inbox() == [look(SPEC.endpoint), look("gone")]


def test_an_abort_of_all_can_be_repeated_and_covers_what_was_opened_meanwhile(world: World) -> None:
    world.run("--all")
    assert world.run("--all")[0] == 0
    assert world.rows(names.ALL) == 2 * [(Kind.ABORT_ORDERED, SENDER, FOR_ALL)]


def made(world: World, endpoint: str = "new") -> fakes.World:
    """A deployer before its first reconcile of an endpoint that does not exist yet."""
    spec = dataclasses.replace(SPEC, endpoint=endpoint)
    boto3.client("ssm").put_parameter(Name=names.spec_parameter(endpoint), Value=spec.to_json(), Type="String")
    deployer = fakes.World(world.dynamodb)
    deployer.specs.stored = StoredSpec(spec, SpecSeen(1, NOW - 10))
    deployer.hosting.now = None
    deployer.registry.put(1)
    return deployer


def test_a_reconcile_that_opens_an_attempt_during_the_order_makes_no_call_and_its_approval_waits(world: World) -> None:
    deployer = made(world)
    deployer.ledger.interfere = lambda: world.run("--all") and None
    closed = deployer.reconciler.reconcile("new", Hints(), NOW)
    assert isinstance(closed, Close)
    assert (closed.outcome, deployer.hosting.accepted) == (Outcome.ABORTED, [])
    assert closed.reason == "stopped right before the call: all endpoints are paused: wrong data"
    held = deployer.reconciler.reconcile("new", Hints(), NOW + 60)
    assert (type(held), held.reason) == (Hold, "all endpoints are paused: wrong data")
    assert CliRunner().invoke(cli, ["resume", "--all"]).exit_code == 0
    deployer.reconciler.reconcile("new", Hints(), NOW + 120)
    assert [request["EndpointName"] for request in deployer.hosting.accepted] == ["new"]


def test_a_first_reconcile_during_the_pause_holds(world: World) -> None:
    deployer = made(world)
    world.run("--all")
    assert type(deployer.reconciler.reconcile("new", Hints(), NOW)) is Hold
    assert deployer.hosting.accepted == []


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
    before = world.ledger.head("churn")
    assert before is not None
    assert world.run("churn") == (1, f"Error: The order to abort churn was refused: {told}")
    after = world.ledger.head("churn")
    assert isinstance(after, Head)
    assert (after.attempt, after.paused, after.approvals) == (before.attempt, before.paused, before.approvals)
