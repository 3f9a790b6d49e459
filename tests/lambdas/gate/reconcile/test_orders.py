"""Orders in the ledger: each ends in one row, once, in the name that AWS gives."""

import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate import codec, names
from lambdas.gate.aws.iam import Principals
from lambdas.gate.aws.ledger import HEAD, Altered, Conflict, partition
from lambdas.gate.aws.orders import Received
from lambdas.gate.reconcile.orders import WRITES, OrderTaker
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import MOST_KEPT, Order, OrderKind
from tests.lambdas import fakes
from tests.lambdas.builders import NOW, SPEC, approval, attempt, head

ALICE = "AROAALICEALICEALICE:alice"
BOB = "arn:aws:iam::123456789012:user/bob"


class FakePrincipals(Principals):
    """Proves the ARNs in `proved`."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def proved(self, sender: str, claimed: str) -> str | None:
        return claimed if self.known.get(claimed) == sender else None


class World:
    def __init__(self, dynamodb: Any, **fields: Any) -> None:
        self.deployer = fakes.World(dynamodb)
        self.principals = FakePrincipals()
        fakes.begin(self.deployer.ledger, head(**fields))

    def take(self, order: Order | None, *, sender: str = ALICE, sent_at: float = NOW - 10, problem: str = "") -> Any:
        made = self.deployer
        taker = OrderTaker(made.ledger, made.specs, made.inbox, self.principals, lambda: NOW)
        return taker.take(Received("message-1", "receipt", "group", sender, sent_at, order, problem))

    def head(self, endpoint: str = SPEC.endpoint) -> Head:
        found = self.deployer.ledger.head(endpoint)
        assert found is not None
        return found

    def rows(self, endpoint: str = SPEC.endpoint) -> list[Fact]:
        facts = (row.fact for row in self.deployer.ledger.rows(endpoint))
        return [fact for fact in facts if fact.kind is not Kind.STATE_CHANGED]


@pytest.fixture
def world(emptied: Any) -> World:
    return World(emptied)


def order(kind: OrderKind, id: str = "0b4e2f4e", endpoint: str = SPEC.endpoint, **fields: Any) -> Order:
    return Order(id, kind, endpoint, **{"reason": "incident"} | fields)


PAUSE = order(OrderKind.PAUSE)


def edit(table: Any) -> None:
    """Somebody resumes the endpoint by an edit of its head."""
    key = {"pk": {"S": partition(SPEC.endpoint)}, "sk": {"S": HEAD}}
    item = table.get_item(TableName=names.LEDGER, Key=key)["Item"]
    edited = codec.encode(json.loads(item["head"]["S"]) | {"paused": None})
    table.put_item(TableName=names.LEDGER, Item=item | {"head": {"S": edited}})


def test_an_order_is_one_write_in_the_name_of_its_sender_and_then_a_reconcile(world: World) -> None:
    world.take(dataclasses.replace(PAUSE, claimed=BOB))
    (row,) = world.rows()
    assert (row.kind, row.who, row.summary) == (Kind.HELD, ALICE, "paused: incident")
    assert row.detail["order"] == {
        "id": "0b4e2f4e",
        "sender": ALICE,
        "sent_at": NOW - 10,
        "claimed": BOB,
        "proved": False,
    }
    assert (world.head().paused, world.head().carried_out) == ("incident", ("0b4e2f4e",))
    assert world.deployer.journal.calls[-2:] == ["write held", "SendMessage"]
    assert world.deployer.inbox.sent == [(SPEC.endpoint, 0)]


def test_a_claimed_name_reaches_the_row_only_if_iam_proves_it(world: World) -> None:
    world.principals.known = {BOB: "AIDABOBBOBBOBBOB"}
    world.take(dataclasses.replace(PAUSE, claimed=BOB), sender="AIDABOBBOBBOBBOB")
    world.take(order(OrderKind.RESUME, "another-id", claimed=BOB), sender=ALICE)
    assert [(row.who, row.detail["order"]["proved"]) for row in world.rows()] == [(BOB, True), (ALICE, False)]


def test_an_order_that_comes_again_is_done_once_and_still_reconciles(world: World) -> None:
    assert world.take(PAUSE) is not None
    before = world.head()
    assert world.take(PAUSE) is None
    assert world.head() == before
    assert world.deployer.inbox.sent == 2 * [(SPEC.endpoint, 0)]


def test_a_refused_order_is_a_row_once(world: World) -> None:
    resume = order(OrderKind.RESUME)
    for _ in range(2):
        world.take(resume)
    (row,) = world.rows()
    told = "the order to resume fraud-detection was refused: fraud-detection is not paused."
    assert (row.kind, row.who, row.summary) == (Kind.ORDER_REFUSED, ALICE, told)


@pytest.mark.parametrize(("kind", "lifetime"), [(OrderKind.PAUSE, 900), (OrderKind.RESUME, 300)])
def test_an_old_order_is_written_as_expired_and_changes_nothing(emptied: Any, kind: OrderKind, lifetime: int) -> None:
    world = World(emptied, paused=None if kind is OrderKind.PAUSE else "freeze")
    before = world.head().paused
    world.take(order(kind), sent_at=NOW - lifetime - 1)
    (row,) = world.rows()
    told = f"the order to {kind} fraud-detection expired: it came {lifetime + 1} s after it was sent"
    assert (row.kind, row.who, row.summary) == (Kind.ORDER_EXPIRED, ALICE, told)
    assert world.head().paused == before
    world.take(order(kind, "in-time-id"), sent_at=NOW - lifetime)
    assert world.head().paused != before


def test_every_kind_of_order_is_carried_out(emptied: Any) -> None:
    world = World(emptied, attempt=attempt(), approvals=(approval(3),))
    world.deployer.ask(four_eyes=True)
    world.take(order(OrderKind.ABORT, "id-of-abort"))
    world.take(order(OrderKind.OVERRIDE, "id-of-override", version="3", check="four_eyes"))
    assert [row.kind for row in world.rows()] == [Kind.ABORT_ORDERED, Kind.OVERRIDDEN]
    assert world.head().attempt is not None
    assert (world.head().attempt.abort.by, world.head().overrides[0].by) == (ALICE, ALICE)  # type: ignore[union-attr]


def test_an_order_for_an_endpoint_without_a_ledger_is_refused_in_that_of_all(world: World) -> None:
    world.take(order(OrderKind.PAUSE, endpoint="nowhere"))
    assert world.deployer.ledger.head("nowhere") is None
    (row,) = world.rows(names.ALL)
    assert row.kind is Kind.ORDER_REFUSED
    assert row.summary.endswith("Approval Gate has not reconciled nowhere yet, so there is nothing to change.")


@pytest.mark.parametrize(
    ("reason", "age", "kind"),
    [("found", 301, Kind.ORDER_EXPIRED), ("", 10, Kind.ORDER_REFUSED), ("found", 10, Kind.RESTORED)],
)
def test_only_a_restore_that_is_carried_out_writes_the_head(emptied: Any, reason: str, age: float, kind: Kind) -> None:
    world = World(emptied, paused="audit")
    edit(emptied)
    fact = world.take(order(OrderKind.RESTORE, reason=reason), sent_at=NOW - age)
    assert fact.kind is kind
    if kind is Kind.RESTORED:
        assert world.head().paused == "audit"
        world.take(order(OrderKind.RESTORE, reason=reason), sent_at=NOW - age)
        assert world.rows(names.ALL) == [], "an order that is delivered twice has one row"
    else:
        assert world.rows(names.ALL) == [fact]
        with pytest.raises(Altered):
            world.head()


def test_an_order_that_was_refused_while_the_head_was_edited_is_not_carried_out_after_its_restore(emptied: Any) -> None:
    world = World(emptied, paused="audit")
    edit(emptied)
    resume = order(OrderKind.RESUME)
    assert world.take(resume).kind is Kind.ORDER_REFUSED
    world.take(order(OrderKind.RESTORE, "another-id", reason="found"))
    assert world.take(resume) is None
    assert (world.head().paused, len(world.rows(names.ALL))) == ("audit", 1)


def test_a_refused_restore_does_not_restore_a_later_edit(emptied: Any) -> None:
    world = World(emptied, paused="audit")
    restore = order(OrderKind.RESTORE)
    assert world.take(restore).kind is Kind.ORDER_REFUSED
    edit(emptied)
    assert world.take(restore) is None
    with pytest.raises(Altered):
        world.head()


def test_an_order_that_was_carried_out_is_not_refused_once_the_head_is_edited(world: World, emptied: Any) -> None:
    world.take(PAUSE)
    edit(emptied)
    assert world.take(PAUSE) is None
    assert (len(world.rows()), world.rows(names.ALL)) == (1, [])


def test_what_is_no_order_is_a_row_that_names_its_sender_once(world: World) -> None:
    for _ in range(2):
        world.take(None, problem="it names no endpoint")
    (row,) = world.rows(names.ALL)
    told = "a message was refused that is no order: it names no endpoint"
    assert (row.kind, row.who, row.summary) == (Kind.ORDER_REFUSED, ALICE, told)


def test_a_service_gives_no_orders(world: World) -> None:
    world.take(PAUSE, sender="events.amazonaws.com")
    assert [row.kind for row in world.rows()] == [Kind.ORDER_REFUSED]
    assert world.head().paused is None


def test_an_order_for_all_is_written_to_the_head_of_all_and_reconciles_what_is_in_flight(emptied: Any) -> None:
    world = World(emptied, attempt=attempt())
    before = world.head()
    world.take(order(OrderKind.ABORT, endpoint=names.ALL))
    assert [(row.kind, row.who) for row in world.rows(names.ALL)] == [(Kind.ABORT_ORDERED, ALICE)]
    assert (world.head(), world.rows()) == (before, [])
    assert world.deployer.inbox.sent == [(SPEC.endpoint, 0)]


def test_a_lost_race_is_repeated_on_the_newer_head_a_few_times(world: World) -> None:
    races = 0

    def race() -> None:
        nonlocal races
        races += 1
        ledger = world.deployer.ledger
        newer = world.head()
        super(fakes.JournalledLedger, ledger).write(newer, dataclasses.replace(newer, look_at=float(races)))
        ledger.interfere = race if races < most else lambda: None

    most = WRITES - 1
    world.deployer.ledger.interfere = race
    world.take(PAUSE)
    assert (world.head().paused, world.head().look_at) == ("incident", float(most))
    races, most = 0, WRITES
    world.deployer.ledger.interfere = race
    with pytest.raises(Conflict):
        world.take(order(OrderKind.RESUME, "another-id"))
    assert (world.head().paused, len(world.rows())) == ("incident", 1)


def test_the_head_keeps_the_ids_of_the_last_orders(world: World) -> None:
    for number in range(MOST_KEPT + 3):
        world.take(order(OrderKind.RESUME, f"identity-{number:02}"))
    kept = world.head().carried_out
    assert kept is not None
    assert (len(kept), kept[0], kept[-1]) == (MOST_KEPT, "identity-03", f"identity-{MOST_KEPT + 2:02}")
