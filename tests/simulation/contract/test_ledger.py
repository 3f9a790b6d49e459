"""DynamoDB: the ledger's table, with the conditions, transactions and queries that the product makes."""

from typing import Any

import pytest

from lambdas.gate import names
from tests.simulation.contract.cases import Case, Setup, params
from tests.simulation.contract.worlds import Answer, Worlds

HEAD = {"pk": {"S": "endpoint#e"}, "sk": {"S": "head"}}
MARK = {"pk": {"S": "open"}, "sk": {"S": "e"}}
NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
FAILED = ("ConditionalCheckFailed", "The conditional request failed")
HELD = ("None", None)


QUERY = {
    "TableName": names.LEDGER,
    "KeyConditionExpression": "pk = :pk",
    "ExpressionAttributeValues": {":pk": {"S": "open"}},
    "ConsistentRead": True,
}


def head(revision: int) -> Answer:
    return HEAD | {"revision": {"N": str(revision)}, "head": {"S": "{}"}}


def put(item: Answer, **condition: Any) -> Answer:
    return {"Put": {"TableName": names.LEDGER, "Item": item, **condition}}


def delete(key: Answer) -> Answer:
    return {"Delete": {"TableName": names.LEDGER, "Key": key}}


def seen(revision: int) -> Answer:
    value = {":seen": {"N": str(revision)}}
    return {"ConditionExpression": "revision = :seen", "ExpressionAttributeValues": value}


def written(*writes: Answer) -> Setup:
    return lambda worlds: _write(worlds, writes)


def _write(worlds: Worlds, writes: tuple[Answer, ...]) -> None:
    worlds.answer("dynamodb", "TransactWriteItems", TransactItems=list(writes))


def row(number: int) -> Answer:
    return {"pk": {"S": "endpoint#e"}, "sk": {"S": f"row#{number:010d}"}, "at": {"N": "1800000000.25"}}


MARKED = Case(
    "of a row that was told",
    "dynamodb",
    "PutItem",
    {"TableName": names.LEDGER, "Item": MARK | {"told": {"BOOL": True}}},
)


def get(name: str, *writes: Answer) -> Case:
    request = {"TableName": names.LEDGER, "Key": HEAD, "ConsistentRead": True}
    return Case(name, "dynamodb", "GetItem", request, written(*writes or (put(MARK),)))


def transact(name: str, writes: list[Answer], *before: Answer, reasons: tuple[Any, ...] = ()) -> Case:
    codes = ", ".join(code for code, _ in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return Case(
        name,
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": writes},
        written(*before or (put(MARK),)),
        ("TransactionCanceledException", message) if reasons else None,
        reasons,
    )


CASES = (
    MARKED,
    get("missing"),
    get("there", put(head(1))),
    transact("the first head", [put(head(1), **NEW), put(row(1), **NEW)]),
    transact("the next head", [put(head(2), **seen(1)), put(row(1), **NEW), delete(MARK)], put(head(1), **NEW)),
    transact("a head that is there", [put(head(1), **NEW)], put(head(1)), reasons=(FAILED,)),
    transact("a head that is not there", [put(head(2), **seen(1))], reasons=(FAILED,)),
    transact(
        "another revision of the head, and a row",
        [put(head(3), **seen(2)), put(row(1), **NEW), delete(MARK)],
        put(head(1)),
        reasons=(FAILED, HELD, HELD),
    ),
    transact(
        "a row that is there",
        [put(head(2), **seen(1)), put(row(1), **NEW)],
        put(head(1)),
        put(row(1)),
        reasons=(HELD, FAILED),
    ),
    transact(
        "both", [put(head(2), **seen(2)), put(row(1), **NEW)], put(head(1)), put(row(1)), reasons=(FAILED, FAILED)
    ),
    transact("a mark that is not there is deleted", [delete(HEAD)]),
    transact("as many as there may be", [put(row(number)) for number in range(100)]),
    Case(
        "too many",
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": [put(row(number)) for number in range(101)]},
        refused=(
            "ValidationException",
            "1 validation error detected at 'transactItems' failed to satisfy constraint: Member must have length less "
            "than or equal to 100.",
        ),
    ),
    Case("there", "dynamodb", "DeleteItem", {"TableName": names.LEDGER, "Key": MARK}, written(put(MARK))),
    Case("missing", "dynamodb", "DeleteItem", {"TableName": names.LEDGER, "Key": HEAD}, written(put(MARK))),
    Case(
        "the same item twice",
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": [put(MARK), delete(MARK)]},
        refused=("ValidationException", "Transaction request cannot include multiple operations on one item"),
    ),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_a_transaction_that_is_cancelled_writes_nothing(worlds: Worlds) -> None:
    _write(worlds, (put(head(1)),))
    worlds.ask("dynamodb", "TransactWriteItems", {"TransactItems": [put(row(1), **NEW), put(head(3), **seen(2))]})
    assert query(worlds, "endpoint#e") == [head(1)]


@pytest.mark.parametrize(("partition", "count"), [("endpoint#e", 8), ("open", 1), ("outbox", 0)])
def test_a_query_answers_a_partition_in_order_of_the_sort_key(worlds: Worlds, partition: str, count: int) -> None:
    rows = [row(number) for number in (3, 1, 2, 7, 10, 6, 5)]
    _write(worlds, (put(head(1)), put(MARK), *map(put, rows)))
    found = query(worlds, partition)
    assert found == sorted(found, key=lambda item: item["sk"]["S"])
    assert len(found) == count


def test_a_query_may_ask_for_how_the_sort_key_begins(worlds: Worlds) -> None:
    rows = [row(number) for number in (3, 1, 2, 7, 5)]
    _write(worlds, (put(head(1)), put(MARK), *map(put, rows)))
    condition = {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :row)",
        "ExpressionAttributeValues": {":pk": {"S": "endpoint#e"}, ":row": {"S": "row#"}},
    }
    found = worlds.pages("dynamodb", "Query", "Items", **QUERY | condition)
    assert found == [row(number) for number in (1, 2, 3, 5, 7)]


def query(worlds: Worlds, partition: str) -> list[Answer]:
    value = {"ExpressionAttributeValues": {":pk": {"S": partition}}}
    return worlds.pages("dynamodb", "Query", "Items", **QUERY | value)
