"""`promote`, from the command to the head that the deployer writes, and its exit code."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.gate import names
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.orders import Abort
from lambdas.gate.state.rung import Copying, Rung
from lambdas.gate.transitions import intervention
from tests.lambdas.builders import SPEC, attempt
from tests.ledger_table import ledger_table
from tests.ops.deployer import SENDER
from tests.ops.test_cli import FIRST, GROUP, SECOND, T, World

NAME = "fraud-detection"
RUNG = Rung(2, SECOND.version, "gate-2", Copying("shadow-2-4", Shadow(20, 24, 1000, 1), Judge()), T)
REASON = ("--reason", "the fix cannot wait")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Version 1 is live, and version 2 is its shadow."""
    with ledger_table(monkeypatch) as dynamodb:
        made = World(dynamodb, monkeypatch)
        parameter = names.spec_parameter(NAME)
        boto3.client("ssm").put_parameter(Name=parameter, Value=SPEC.to_json(), Type="String", Overwrite=True)
        live = Live("gate-2", T, FIRST, SPEC.settings)
        change(made, approved=(1, 2), live=live, approvals=(SECOND,), quarantined=(), prefix=GROUP, rung=RUNG)
        yield made


def change(world: World, **fields: Any) -> None:
    before = world.head()
    world.ledger.write(before, dataclasses.replace(before, **fields), (Fact(Kind.ALERT, T, "something happened"),))


def test_the_shadow_is_ended_by_an_order_and_the_deployer_reconciles(world: World) -> None:
    told = (
        "promotion of FraudDetectionGroup/2 ordered, before its shadow is over at 2025-11-24T12:13:20Z: the fix cannot "
        "wait"
    )
    said = f"{NAME}: {told}. It is recorded in the ledger, and the deployer reconciles now."
    assert world.run("promote", NAME, *REASON) == (0, [said])
    row, rung = world.last_row(), world.head().rung
    assert (row.kind, row.who, row.summary) == (Kind.PROMOTION_ORDERED, SENDER, told)
    assert rung is not None
    assert rung.early is not None
    assert (rung.early.by, rung.early.reason, rung.end) == (SENDER, "the fix cannot wait", None)
    assert world.inbox() == [{"endpoint": NAME}]


def refused(why: str) -> str:
    return f"Error: The order to promote the shadow of {NAME} was refused: {why}"


@pytest.mark.parametrize(
    ("fields", "code", "why"),
    [
        (
            {"attempt": attempt(2)},
            4,
            f"A rollout to FraudDetectionGroup/2 is in flight on {NAME}, and AWS has no call that skips its waits. It "
            "continues automatically. To stop it, use `abort`. To have shorter waits next time, change `rollout` in "
            "the entry.",
        ),
        (
            {"paused": "a fair"},
            5,
            f"{NAME} is paused: a fair. FraudDetectionGroup/2 stays the shadow until `resume`.",
        ),
        (
            {"rung": None, "notice": "FraudDetectionGroup/2 is on hold: four_eyes failed"},
            5,
            f"FraudDetectionGroup/2 is no shadow on {NAME}, so there is nothing to end early. FraudDetectionGroup/2 is "
            f"on hold: four_eyes failed. See the reason. approval-gate story {NAME}",
        ),
        (
            {"rung": dataclasses.replace(RUNG, abort=Abort("bob", "odd answers", T))},
            4,
            "bob has already ordered the abort of FraudDetectionGroup/2: odd answers",
        ),
        (
            {"rung": None, "approvals": ()},
            1,
            f"No approval waits on {NAME}, so there is nothing to promote.",
        ),
    ],
    ids=["in flight", "paused", "waits for the gate", "ordered already", "nothing waits"],
)
def test_what_cannot_be_promoted_ends_with_the_code_of_its_version(
    world: World, fields: dict[str, Any], code: int, why: str
) -> None:
    change(world, **fields)
    before = world.head()
    assert world.run("promote", NAME, *REASON) == (code, [refused(why)])
    assert world.last_row().kind is Kind.ORDER_REFUSED
    assert world.head().rung == before.rung


def test_a_pause_of_all_endpoints_keeps_the_shadow(world: World) -> None:
    every = Head(names.ALL, world.head().spec, 0.0)
    paused, fact = intervention.pause(every, "audit", "olga", T)
    world.ledger.write(None, paused, (fact,))
    code, (said,) = world.run("promote", NAME, *REASON)
    assert (code, said) == (
        5,
        refused("All endpoints are paused: audit. FraudDetectionGroup/2 stays the shadow until `resume`."),
    )


def test_a_refusal_is_json_for_programs(world: World) -> None:
    change(world, attempt=attempt(2))
    code, lines = world.run("promote", NAME, *REASON, "--output", "json")
    found = json.loads(lines[0])
    assert (code, found["carried_out"], found["row"]["detail"]["order"]["sender"]) == (4, False, SENDER)
