"""`rollback`, from the command to the head that the deployer writes."""

import dataclasses
import json
from collections.abc import Iterator

import boto3
import pytest

from lambdas.gate import names
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.live import Live
from tests.lambdas.builders import SPEC
from tests.ledger_table import ledger_table
from tests.ops.deployer import SENDER
from tests.ops.test_cli import FIRST, GROUP, SECOND, T, World

NAME = "fraud-detection"
THIRD = dataclasses.replace(FIRST, order=3, version=f"{GROUP}3")
FORMER = tuple(Live(f"gate-{a.order}", T, a, SPEC.settings, until=T + 1) for a in (SECOND, FIRST))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Version 3 is live; before it, 2 was, and before that 1."""
    with ledger_table(monkeypatch) as dynamodb:
        made = World(dynamodb, monkeypatch)
        parameter = names.spec_parameter(NAME)
        boto3.client("ssm").put_parameter(Name=parameter, Value=SPEC.to_json(), Type="String", Overwrite=True)
        before = made.head()
        live = Live("gate-3", T, THIRD, SPEC.settings)
        after = dataclasses.replace(
            before, approved=(1, 2, 3), live=live, good=FORMER, quarantined=(), prefix=GROUP, orders=3
        )
        made.ledger.write(before, after, (Fact(Kind.ALERT, T, "something happened"),))
        yield made


def test_the_live_version_is_left_for_the_last_good_one(world: World) -> None:
    assert world.run("rollback", NAME, "--reason", "customers complain") == (
        0,
        [
            f"{NAME}: rollback from FraudDetectionGroup/3 to FraudDetectionGroup/2 ordered: customers complain. It is "
            "recorded in the ledger, and the deployer reconciles now."
        ],
    )
    assert [q.approval for q in world.head().quarantined] == [THIRD]
    assert (world.last_row().kind, world.last_row().who) == (Kind.ROLLBACK_ORDERED, SENDER)
    assert world.inbox() == [{"endpoint": NAME}]


def test_the_live_version_is_left_for_the_one_that_was_named(world: World) -> None:
    code, (line,) = world.run("rollback", NAME, "--to", "1", "--reason", "x", "--output", "json")
    found = json.loads(line)
    assert (code, found["carried_out"], found["row"]["detail"]["to"]) == (0, True, FIRST.version)
    assert [good.version for good in world.head().good] == [FIRST.version, SECOND.version]


def test_a_rollback_that_is_not_possible_is_refused_with_those_that_are(world: World) -> None:
    assert world.run("rollback", NAME, "--to", "3", "--reason", "x") == (
        1,
        [
            f"Error: The order to roll back {NAME} was refused: FraudDetectionGroup/3 is live on {NAME}. It can be "
            "rolled back to: FraudDetectionGroup/2, FraudDetectionGroup/1."
        ],
    )
    assert world.head().quarantined == ()


def test_no_rollback_without_a_reason(world: World) -> None:
    code, lines = world.run("rollback", NAME)
    assert (code, lines[-1]) == (2, "Error: Missing option '--reason'.")
