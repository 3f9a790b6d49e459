import pytest

from lambdas.gate.reconcile.write import Change, LedgerWriter, plan_reconcile
from lambdas.gate.state.fact import Fact, Kind
from tests.lambdas.builders import NOW, head
from tests.lambdas.fakes import World

FACT = Fact(Kind.HELD, NOW, "paused")


@pytest.mark.parametrize(
    ("outstanding", "at", "delay", "look_at"),
    [
        (0.0, None, None, 0.0),
        (NOW + 300, None, None, NOW + 300),
        # None is outstanding: at the time asked for, which SQS reaches in steps of 15 minutes.
        (0.0, NOW + 60, 60, NOW + 60),
        (0.0, NOW + 900, 900, NOW + 900),
        (0.0, NOW + 5000, 900, NOW + 900),
        (0.0, NOW, 0, NOW),
        (0.0, NOW - 60, 0, NOW),
        # The one that is outstanding comes soon enough.
        (NOW + 50, NOW + 60, None, NOW + 50),
        (NOW + 60, NOW + 60, None, NOW + 60),
        (NOW + 70, NOW + 60, None, NOW + 70),
        (NOW + 900, NOW + 28_800, None, NOW + 900),
        # It comes too late.
        (NOW + 71, NOW + 60, 60, NOW + 60),
        (NOW + 900, NOW, 0, NOW),
        # It has arrived, or was lost.
        (NOW, NOW + 60, 60, NOW + 60),
        (NOW - 1, NOW + 60, 60, NOW + 60),
    ],
)
def test_at_most_one_look_is_outstanding_and_it_is_soon_enough(
    outstanding: float, at: float | None, delay: float | None, look_at: float
) -> None:
    planned, found = plan_reconcile(head(look_at=outstanding), at, NOW)
    assert (planned, found) == (head(look_at=look_at), delay)


def test_what_did_not_change_is_not_written(nowhere: World) -> None:
    nowhere.begin(head())
    unchanged = Change(nowhere.head, nowhere.head, NOW)
    assert LedgerWriter(nowhere.ledger, nowhere.inbox).write(unchanged, None) == unchanged
    assert nowhere.journal.calls == []


def test_the_ledger_is_written_before_the_message_is_sent(nowhere: World) -> None:
    nowhere.begin(head())
    change = Change(nowhere.head, nowhere.head, NOW, (FACT,))
    written = LedgerWriter(nowhere.ledger, nowhere.inbox).write(change, NOW + 60)
    assert nowhere.journal.calls == ["write held", "SendMessage"]
    assert written == Change(nowhere.head, nowhere.head, NOW)
    assert nowhere.head.look_at == NOW + 60
    assert nowhere.inbox.sent == [("fraud-detection", 60)]


def test_a_change_to_a_further_head_keeps_what_it_began_with_and_adds_the_facts() -> None:
    change = Change(None, head(), NOW).to(head(orders=10), (FACT,)).to(head(orders=11)).to(head(orders=12), (FACT,))
    assert change == Change(None, head(orders=12), NOW, (FACT, FACT))
