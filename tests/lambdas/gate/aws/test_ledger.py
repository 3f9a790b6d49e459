import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import Altered, Conflict, Ledger, Unexplained, row_from_item
from lambdas.gate.aws.seals import Seals
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain, record
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import SCHEDULES, Head
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


def stored(head: Head, *, schedules: bool) -> str:
    """One of the two items of a head."""
    fields = json.loads(codec.encode(head)).items()
    return codec.encode({name: value for name, value in fields if (name in SCHEDULES) is schedules})


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
        ("endpoint#churn", "head"): {"revision": {"N": "1"}, "head": {"S": stored(head, schedules=False)}},
        ("endpoint#churn", "schedule"): {"schedule": {"S": stored(head, schedules=True)}},
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
    assert json.loads(rows[1]["deciding"]["S"])["digest"] == head.digest == record.digest(NEW)
    assert head == dataclasses.replace(NEW, revision=1, rows=2, hash=rows[1]["hash"]["S"], digest=head.digest)
    assert ledger.head("churn") == head


def test_a_write_without_facts_changes_only_what_schedules(dynamodb: Any, ledger: Ledger) -> None:
    first = ledger.write(None, NEW, (LOOKED,))
    before = contents(dynamodb)
    after = ledger.write(first, dataclasses.replace(first, look_at=5.0, notice="paused"))
    assert after == dataclasses.replace(first, revision=2, look_at=5.0, notice="paused")
    assert contents(dynamodb) == before | {
        ("endpoint#churn", "head"): {"revision": {"N": "2"}, "head": {"S": stored(after, schedules=False)}},
        ("endpoint#churn", "schedule"): {"schedule": {"S": stored(after, schedules=True)}},
    }
    assert ledger.head("churn") == after


def test_what_decides_is_not_written_without_a_row(dynamodb: Any, ledger: Ledger) -> None:
    with pytest.raises(Unexplained):
        ledger.write(None, NEW)
    first = ledger.write(None, NEW, (LOOKED,))
    before = contents(dynamodb)
    with pytest.raises(Unexplained, match="paused of churn would change without a row"):
        ledger.write(first, dataclasses.replace(first, paused="freeze"))
    assert contents(dynamodb) == before


def edit(dynamodb: Any, **fields: Any) -> None:
    """Write other values into the head, as somebody with the table's permissions could."""
    key = {"pk": {"S": "endpoint#churn"}, "sk": {"S": "head"}}
    item = dynamodb.get_item(TableName=names.LEDGER, Key=key)["Item"]
    text = codec.encode(json.loads(item["head"]["S"]) | fields)
    dynamodb.put_item(TableName=names.LEDGER, Item=item | {"head": {"S": text}})


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"paused": None}, "what decides was changed after row 2, without a row"),
        ({"approved": [7]}, "what decides was changed after row 2, without a row"),
        ({"digest": "d"}, "what decides was changed after row 2, without a row"),
        ({"rows": 1}, "the head counts 1 row, and row 2 follows"),
        ({"rows": 0, "hash": ""}, "the head counts 0 rows, and row 2 follows"),
        ({"rows": 3}, "the head counts 3 rows, and the ledger has none"),
        ({"hash": "h"}, "the head is not the one that was written with row 2"),
    ],
)
def test_a_head_that_somebody_edited_is_not_read(
    dynamodb: Any, ledger: Ledger, fields: dict[str, Any], why: str
) -> None:
    head = ledger.write(None, NEW, (LOOKED,))
    ledger.write(head, dataclasses.replace(head, paused="audit"), (OPENED,))
    edit(dynamodb, **fields)
    with pytest.raises(Altered) as refused:
        ledger.head("churn")
    assert str(refused.value) == f"The ledger of churn was changed: {why}."


def test_an_older_head_is_not_read(dynamodb: Any, ledger: Ledger) -> None:
    head = ledger.write(None, NEW, (LOOKED,))
    key = {"pk": {"S": "endpoint#churn"}, "sk": {"S": "head"}}
    older = dynamodb.get_item(TableName=names.LEDGER, Key=key)["Item"]
    ledger.write(head, dataclasses.replace(head, paused="audit"), (OPENED,))
    dynamodb.put_item(TableName=names.LEDGER, Item=older)
    with pytest.raises(Altered, match="the head counts 1 row, and row 2 follows"):
        ledger.head("churn")


def test_a_deleted_head_is_not_the_one_of_an_endpoint_nobody_looked_at(dynamodb: Any, ledger: Ledger) -> None:
    ledger.write(None, NEW, (LOOKED,))
    dynamodb.delete_item(TableName=names.LEDGER, Key={"pk": {"S": "endpoint#churn"}, "sk": {"S": "head"}})
    with pytest.raises(Altered, match="it has rows and no head"):
        ledger.head("churn")


@pytest.mark.parametrize("fields", [{"look_at": 0.0}, {}])
def test_what_schedules_may_be_lost(dynamodb: Any, ledger: Ledger, fields: dict[str, Any]) -> None:
    head = ledger.write(None, dataclasses.replace(NEW, look_at=9.0), (LOOKED,))
    key = {"pk": {"S": "endpoint#churn"}, "sk": {"S": "schedule"}}
    dynamodb.delete_item(TableName=names.LEDGER, Key=key)
    dynamodb.put_item(TableName=names.LEDGER, Item=key | {"schedule": {"S": json.dumps(fields)}})
    assert ledger.head("churn") == dataclasses.replace(head, look_at=0.0)


class Racing:
    """A client of the table. `meanwhile` runs once, after the next head was read."""

    def __init__(self, dynamodb: Any, meanwhile: Callable[[], object]) -> None:
        self._dynamodb = dynamodb
        self._meanwhile: list[Callable[[], object]] = [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)

    def get_item(self, **request: Any) -> Any:
        answer = self._dynamodb.get_item(**request)
        while self._meanwhile:
            self._meanwhile.pop()()
        return answer


def test_a_row_that_another_invocation_writes_meanwhile_is_no_edit(dynamodb: Any, ledger: Ledger) -> None:
    head = ledger.write(None, NEW, (LOOKED,))
    racing = Racing(dynamodb, lambda: ledger.write(head, dataclasses.replace(head, paused="audit"), (OPENED,)))
    assert Ledger(racing, names.LEDGER).head("churn") == ledger.head("churn")


def test_the_first_row_that_is_written_meanwhile_is_no_edit(dynamodb: Any, ledger: Ledger) -> None:
    racing = Racing(dynamodb, lambda: ledger.write(None, NEW, (LOOKED,)))
    assert Ledger(racing, names.LEDGER).head("churn") == ledger.head("churn")


def test_of_two_writers_who_saw_the_same_head_the_second_changes_nothing(dynamodb: Any, ledger: Ledger) -> None:
    seen = ledger.write(None, NEW, (LOOKED,))
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
    head = ledger.write(None, NEW, (LOOKED,))
    assert ledger.open_attempts() == ()
    head = ledger.write(head, dataclasses.replace(head, attempt=ATTEMPT), (OPENED,))
    assert ledger.open_attempts() == ("churn",)
    accepted = dataclasses.replace(ATTEMPT, accepted_at=1002.0)
    head = ledger.write(head, dataclasses.replace(head, attempt=accepted), (LOOKED,))
    assert ledger.open_attempts() == ("churn",)
    ledger.write(head, dataclasses.replace(head, attempt=None), (LOOKED,))
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
            Ledger(client, names.LEDGER).write(None, NEW, (LOOKED,))


def test_any_other_error_of_dynamodb_propagates_as_it_is(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        Ledger(dynamodb, "no-such-table").write(None, NEW, (LOOKED,))


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


class Sealing:
    """KMS: `answers` are its MACs, one after the other."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []

    def generate_mac(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["Message"])
        if not self.answers:
            raise ClientError({"Error": {"Code": "KMSInternalException"}}, "GenerateMac")
        return {"Mac": self.answers.pop(0)}


def test_each_row_is_written_with_the_seal_of_its_hash(dynamodb: Any) -> None:
    kms = Sealing(b"one", b"two")
    sealing = Ledger(dynamodb, names.LEDGER, Seals(kms, "key"))
    sealing.write(None, NEW, (LOOKED, OPENED))
    rows = sealing.rows("churn")
    assert [row.seal for row in rows] == ["b25l", "dHdv"]
    assert kms.asked == [f"approval-gate row {row.hash}".encode() for row in rows]
    assert sealing.head("churn") is not None


def test_nothing_is_written_without_a_seal(dynamodb: Any) -> None:
    sealing = Ledger(dynamodb, names.LEDGER, Seals(Sealing(b"one"), "key"))
    with pytest.raises(ClientError, match="KMSInternalException"):
        sealing.write(None, NEW, (LOOKED, OPENED))
    assert contents(dynamodb) == {}


def test_a_write_without_rows_needs_no_seal(dynamodb: Any) -> None:
    sealing = Ledger(dynamodb, names.LEDGER, Seals(Sealing(b"one"), "key"))
    head = sealing.write(None, NEW, (LOOKED,))
    sealing.write(head, dataclasses.replace(head, look_at=5.0))
