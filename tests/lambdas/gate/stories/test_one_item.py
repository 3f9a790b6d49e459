"""A ledger of a release whose heads were one item, and whose rows did not carry what decides: it reads and works, and
from its first row on, what decides is covered.

`ledgers/one_item.json` is what such a release wrote, at four moments of one endpoint's story: version 2 is live, and 3
was rolled back; then an operator's pause holds version 4; then all endpoints are paused as well; then both pauses are
over, and the rollout of 4 is under way.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.ledger import HEAD, SCHEDULE, Altered, Ledger, partition
from lambdas.gate.decide.action import Close, Hold, Keep
from lambdas.gate.state import record
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import SCHEDULES
from lambdas.gate.transitions import intervention
from tests.lambdas.builders import SPEC, arn
from tests.lambdas.fakes import World

MOMENTS: dict[str, Any] = json.loads((Path(__file__).parent / "ledgers" / "one_item.json").read_text())["moments"]
DECISIONS = {"settled": Keep, "paused": Hold, "all paused": Hold}


def _world(nowhere: World, moment: str) -> World:
    nowhere.restore(MOMENTS[moment])
    for number, fields in MOMENTS[moment]["packages"].items():
        nowhere.registry.put(int(number), **fields)
    return nowhere


def _item(world: World, sk: str, endpoint: str = SPEC.endpoint) -> dict[str, Any]:
    key = {"pk": {"S": partition(endpoint)}, "sk": {"S": sk}}
    item: dict[str, Any] = world.dynamodb.get_item(TableName=names.LEDGER, Key=key).get("Item", {})
    return item


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_dump_is_one_item_and_its_rows_cover_nothing(nowhere: World, moment: str) -> None:
    world = _world(nowhere, moment)
    assert set(json.loads(_item(world, HEAD)["head"]["S"])) >= {"look_at", "approvals"}
    assert _item(world, SCHEDULE) == {}
    assert world.head.digest is None
    with pytest.raises(record.Unreplayable, match="no row carries what decides"):
        record.replay(world.ledger.rows(SPEC.endpoint))


@pytest.mark.parametrize("moment", DECISIONS)
def test_the_upgrade_decides_as_before_and_writes_one_row_about_the_other_alarms(nowhere: World, moment: str) -> None:
    world = _world(nowhere, moment)
    count = world.head.rows
    for _ in range(3):
        assert type(world.reconcile(after=300)) is DECISIONS[moment]
    (row,) = world.ledger.rows(SPEC.endpoint)[count:]
    assert row.fact.kind is Kind.STATE_CHANGED
    assert row.deciding is not None


def test_the_head_is_split_at_its_first_write(nowhere: World) -> None:
    world = _world(nowhere, "paused")
    before = world.head
    world.ledger.write(before, dataclasses.replace(before, look_at=world.now + 60))
    assert set(json.loads(_item(world, SCHEDULE)["schedule"]["S"])) <= SCHEDULES
    assert not set(json.loads(_item(world, HEAD)["head"]["S"])) & SCHEDULES
    assert world.head == dataclasses.replace(before, revision=before.revision + 1, look_at=world.now + 60)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_first_row_says_from_when_on_the_head_is_covered(nowhere: World, moment: str) -> None:
    world = _world(nowhere, moment)
    count = world.head.rows
    world.begin(dataclasses.replace(world.head, clears_at=world.now))
    replayed = record.replay(world.ledger.rows(SPEC.endpoint))
    assert replayed.since == count + 1
    assert replayed.digest == world.head.digest == record.digest(world.head)


def test_from_then_on_an_edit_is_found(nowhere: World) -> None:
    world = _world(nowhere, "paused")
    first = _item(world, HEAD)
    world.begin(world.head)
    world.dynamodb.put_item(TableName=names.LEDGER, Item=first)
    with pytest.raises(Altered, match="the head counts 15 rows, and row 16 follows"):
        world.reconcile()


def test_the_open_attempt_is_judged_and_closed(nowhere: World) -> None:
    world = _world(nowhere, "open")
    world.hosting.finish(at=world.now + 1000)
    decision = world.reconcile(after=1500)
    assert isinstance(decision, Close)
    assert decision.outcome is Outcome.SUCCEEDED
    world.settle()
    assert world.head.live is not None
    assert world.head.live.version == arn(4)
    assert record.replay(world.ledger.rows(SPEC.endpoint)).digest == world.head.digest


def test_the_pause_of_all_endpoints_can_be_ended(nowhere: World) -> None:
    world = _world(nowhere, "all paused")
    ledger = Ledger(world.dynamodb, names.LEDGER)
    every = ledger.head(names.ALL)
    assert every is not None
    after, fact = intervention.resume(every, "arn:ops", world.now)
    ledger.write(every, after, (fact,))
    assert record.replay(ledger.rows(names.ALL)).since == 2
