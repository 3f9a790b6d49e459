"""Every read of the ledger is strongly consistent: those of heads that only gate something too."""

import ast
import dataclasses
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.ledger import HEAD, Ledger, partition
from lambdas.gate.decide.action import Hold
from lambdas.gate.spec.spec import Gate, Soak
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Container
from tests.lambdas.builders import NOW, SPEC, approval, arn, head, live
from tests.lambdas.fakes import World, begin
from tests.paths import ROOT

MODULES = sorted(path for part in ("lambdas", "ops") for path in (ROOT / part).rglob("*.py"))
READS = ("get_item", "query", "scan", "batch_get_item", "transact_get_items", "execute_statement", "get_paginator")
STAGING = "staging"


def _reads(source: str) -> list[tuple[str, bool]]:
    """Each call that reads DynamoDB, and whether it asks for a consistent read in so many words."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [(call, call.func.attr) for call in calls if isinstance(call.func, ast.Attribute)]
    return [(name, _is_consistent(call)) for call, name in named if name in READS and _is_dynamodb(call, name)]


def _is_dynamodb(call: ast.Call, name: str) -> bool:
    """A paginator is of DynamoDB where it is one of its operations."""
    asked = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return name != "get_paginator" or any(one in READS for one in asked)


def _is_consistent(call: ast.Call) -> bool:
    return any(
        keyword.arg == "ConsistentRead" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.keywords
    )


def test_every_read_of_the_table_in_the_product_asks_for_a_consistent_one() -> None:
    found = [(path.relative_to(ROOT).as_posix(), *read) for path in MODULES for read in _reads(path.read_text())]
    assert [read for read in found if not read[2]] == []
    files = {name for name, *_ in found}
    assert {
        "lambdas/gate/aws/ledger.py",
        "lambdas/gate/aws/paging.py",
        "lambdas/publisher/outbox.py",
        "ops/account.py",
    } <= files


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("d.get_item(Key=k, ConsistentRead=True)", [("get_item", True)]),
        ("d.get_item(Key=k)", [("get_item", False)]),
        ("d.get_item(Key=k, ConsistentRead=False)", [("get_item", False)]),
        ("d.query(ConsistentRead=mine)", [("query", False)]),
        ("d.batch_get_item(RequestItems=r)", [("batch_get_item", False)]),
        ("d.get_paginator('query').paginate()", [("get_paginator", False)]),
        ("s.get_paginator('list_objects_v2').paginate()", []),
    ],
)
def test_the_test_finds_what_is_not(source: str, found: list[tuple[str, bool]]) -> None:
    assert _reads(source) == found


class Recorder:
    """A client that notes which heads were read, and whether consistently."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self.read: list[tuple[str, bool]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)

    def get_item(self, **request: Any) -> Any:
        if request["Key"]["sk"]["S"] == HEAD:
            self.read.append((request["Key"]["pk"]["S"], request.get("ConsistentRead", False)))
        return self._dynamodb.get_item(**request)


@pytest.fixture
def world(emptied: Any) -> World:
    """Version 2 was approved; it has to soak on another endpoint, where it is live, and all endpoints are paused."""
    world = World(Recorder(emptied))
    ledger = Ledger(emptied, names.LEDGER)
    pinned = approval(2, pin=None)
    staged = dataclasses.replace(head(live=live(2, approval=pinned, since=NOW - 90_000)), endpoint=STAGING)
    for each in (
        staged,
        Head(names.ALL, NOT_RECONCILED, horizon=0.0, paused="audit"),
        head(live=live(1), approved=(1,)),
    ):
        begin(ledger, each)
    container = Container(None, model_data=f"{SPEC.model_artifacts}2.tar.gz")
    world.registry.put(1)
    world.registry.put(2, containers=(container,))
    world.artifacts.objects = {f"{SPEC.model_artifacts}2.tar.gz": ("e", NOW - 9000)}
    assert world.specs.stored is not None
    asked = dataclasses.replace(SPEC, gate=Gate(soak=Soak(STAGING, 24)))
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=asked)
    return world


def test_heads_that_only_gate_are_read_at_each_look_and_consistently(world: World) -> None:
    for look in (1, 2):
        decision = world.reconcile(ApprovalHint(arn(2), NOW - 1000))
        assert (type(decision), decision.reason) == (Hold, "all endpoints are paused: audit")
        gating = [(partition(name), True) for name in (SPEC.endpoint, STAGING, names.ALL)]
        assert world.dynamodb.read == look * gating
