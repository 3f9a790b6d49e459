import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import Conflict, Ledger, row_from_item
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.history import History
from tests.ledger_table import REGION, contents, ledger_table

pytestmark = pytest.mark.moto
NEW = Head("churn", SpecSeen(1, 100.0), 100.0)
ATTEMPT = Attempt(
    number=1,
    approval=Approval(1, "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/1", 900.0, "alice"),
    purpose=Purpose.CREATE,
    fleet=Fleet("gate-churn-1-abc", "s", "ml.m5.large", 2),
    alarms=("approval-gate/churn/gate-churn-1-abc/5xx",),
    opened_at=1000.0,
    expected_seconds=600,
)
LOOKED = Fact(Kind.BASELINE, 1000.0, "First reconcile: nothing is approved")
OPENED = Fact(Kind.ATTEMPT_OPENED, 1001.5, "create", version=ATTEMPT.approval.version, detail={"attempt": 1})


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with ledger_table(monkeypatch) as client:
        yield client


@pytest.fixture
def ledger(dynamodb: Any) -> Ledger:
    return Ledger(dynamodb, names.LEDGER)


def test_an_endpoint_nobody_looked_at_has_no_head(ledger: Ledger) -> None:
    assert ledger.head("churn") is None


def test_a_write_puts_the_head_each_row_and_each_rows_place_in_the_outbox(dynamodb: Any, ledger: Ledger) -> None:
    head = ledger.write(None, NEW, (LOOKED, OPENED))

    found = contents(dynamodb)
    rows = [found.pop(("endpoint#churn", f"row#000000000{number}")) for number in (1, 2)]
    assert found == {
        ("endpoint#churn", "head"): {"revision": {"N": "1"}, "head": {"S": codec.encode(head)}},
        ("outbox", "churn#0000000001"): {"at": {"N": "1000.0"}},
        ("outbox", "churn#0000000002"): {"at": {"N": "1001.5"}},
    }
    assert rows[0] == {
        "endpoint": {"S": "churn"},
        "number": {"N": "1"},
        "kind": {"S": "baseline"},
        "at": {"N": "1000.0"},
        "summary": {"S": "First reconcile: nothing is approved"},
        "who": {"S": "Approval Gate"},
        "detail": {"S": "{}"},
        "previous": {"S": ""},
        "hash": rows[1]["previous"],
    }
    assert [row_from_item(row).fact for row in rows] == [LOOKED, OPENED]
    assert head == dataclasses.replace(NEW, revision=1, rows=2, hash=rows[1]["hash"]["S"])
    assert ledger.head("churn") == head


def test_a_write_without_facts_changes_the_head_only(dynamodb: Any, ledger: Ledger) -> None:
    head = ledger.write(None, NEW)
    head = ledger.write(head, dataclasses.replace(head, paused="freeze"))
    assert contents(dynamodb) == {
        ("endpoint#churn", "head"): {"revision": {"N": "2"}, "head": {"S": codec.encode(head)}}
    }
    assert head == dataclasses.replace(NEW, revision=2, paused="freeze")


def test_of_two_writers_who_saw_the_same_head_the_second_changes_nothing(dynamodb: Any, ledger: Ledger) -> None:
    seen = ledger.write(None, NEW)
    ledger.write(seen, dataclasses.replace(seen, paused="first"), (LOOKED,))
    before = contents(dynamodb)
    with pytest.raises(Conflict, match="churn"):
        ledger.write(seen, dataclasses.replace(seen, attempt=ATTEMPT), (LOOKED, OPENED))
    assert contents(dynamodb) == before


def test_of_two_first_writers_the_second_changes_nothing(dynamodb: Any, ledger: Ledger) -> None:
    ledger.write(None, NEW, (LOOKED,))
    before = contents(dynamodb)
    with pytest.raises(Conflict):
        ledger.write(None, NEW, (OPENED,))
    assert contents(dynamodb) == before


def test_a_row_is_never_written_over(dynamodb: Any, ledger: Ledger) -> None:
    head = ledger.write(None, NEW, (LOOKED,))
    before = contents(dynamodb)
    with pytest.raises(Conflict):
        ledger.write(head, dataclasses.replace(head, rows=0, hash=""), (OPENED,))
    assert contents(dynamodb) == before


def test_an_attempt_is_in_the_open_index_from_its_opening_to_its_end(dynamodb: Any, ledger: Ledger) -> None:
    head = ledger.write(None, NEW)
    assert ledger.open_attempts() == ()
    head = ledger.write(head, dataclasses.replace(head, attempt=ATTEMPT), (OPENED,))
    assert ledger.open_attempts() == ("churn",)
    accepted = dataclasses.replace(ATTEMPT, accepted_at=1002.0)
    head = ledger.write(head, dataclasses.replace(head, attempt=accepted))
    assert ledger.open_attempts() == ("churn",)
    ledger.write(head, dataclasses.replace(head, attempt=None))
    assert ledger.open_attempts() == ()


def test_all_pages_of_open_attempts_are_read() -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    query = {
        "TableName": names.LEDGER,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "open"}},
        "ConsistentRead": True,
    }
    last = {"pk": {"S": "open"}, "sk": {"S": "churn"}}
    with Stubber(client) as stub:
        stub.add_response("query", {"Items": [last], "LastEvaluatedKey": last}, query)
        rest = {"Items": [{"pk": {"S": "open"}, "sk": {"S": "fraud-detection"}}]}
        stub.add_response("query", rest, query | {"ExclusiveStartKey": last})
        assert Ledger(client, names.LEDGER).open_attempts() == ("churn", "fraud-detection")


@pytest.mark.parametrize(
    ("codes", "raised"),
    [
        (("ConditionalCheckFailed",), Conflict),
        (("None", "ConditionalCheckFailed"), Conflict),
        (("TransactionConflict",), Conflict),
        (("ThrottlingError",), ClientError),
        (("ItemCollectionSizeLimitExceeded", "None"), ClientError),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else value.__name__,
)
def test_a_cancelled_transaction_is_a_conflict_only_where_somebody_else_wrote(
    codes: tuple[str, ...], raised: type[Exception]
) -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    with Stubber(client) as stub:
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons",
            modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
            expected_params={"TransactItems": ANY},
        )
        with pytest.raises(raised):
            Ledger(client, names.LEDGER).write(None, NEW)


def test_any_other_error_of_dynamodb_propagates_as_it_is(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        Ledger(dynamodb, "no-such-table").write(None, NEW)


def test_what_cannot_be_shown_is_written_down_as_far_as_it_can(ledger: Ledger) -> None:
    fact = Fact(Kind.ALERT, 1.0, "a\ud83d\n", "b\x1b", detail={"k\ud83d": ["\u202e"]})
    ledger.write(None, dataclasses.replace(NEW, notice="a\ud83d"), (fact,))
    (row,) = ledger.rows(NEW.endpoint)
    assert row.fact == Fact(Kind.ALERT, 1.0, "a\ufffd ", "b\ufffd", detail={r"k\ud83d": ["\ufffd"]})
    assert row.hash == chain.row_hash(row)
    head = ledger.head(NEW.endpoint)
    assert head is not None
    assert head.notice == "a\ufffd"


def test_the_history_is_replaced_by_whoever_knows_the_one_before(ledger: Ledger) -> None:
    first, second, late = (History(asked=1.0, since=1.0, read_at=at) for at in (100.0, 131.5, 140.25))
    assert ledger.history() is None
    ledger.keep_history(None, first)
    ledger.keep_history(None, late)
    assert ledger.history() == first
    ledger.keep_history(first, second)
    ledger.keep_history(first, late)
    assert ledger.history() == second
