"""A cancelled transaction leaves the table and its stream unchanged. A query finds the items of its key."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends

from sandbox.clock import Clock
from sandbox.dynamodb.tables import Tables

KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}


@pytest.fixture
def dynamodb(clock: Clock) -> Any:
    Tables().install()
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    client.put_item(TableName="ledger", Item=KEY | {"value": {"N": "1"}})
    return client


def _put(key: dict[str, Any], value: str, **condition: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "ledger", "Item": key | {"value": {"N": value}}, **condition}}


OTHER, MISSING = KEY | {"sk": {"S": "2"}}, KEY | {"sk": {"S": "3"}}
FAILS = _put(MISSING, "1", ConditionExpression="attribute_exists(pk)")
UPDATE = {
    "Update": {
        "TableName": "ledger",
        "Key": KEY,
        "UpdateExpression": "SET #v = :two",
        "ExpressionAttributeNames": {"#v": "value"},
        "ExpressionAttributeValues": {":two": {"N": "2"}},
    }
}


@pytest.mark.parametrize(
    "write",
    [_put(KEY, "2"), _put(OTHER, "2"), {"Delete": {"TableName": "ledger", "Key": KEY}}, UPDATE],
    ids=["replace", "add", "delete", "update"],
)
def test_a_cancelled_transaction_changes_nothing(dynamodb: Any, write: dict[str, Any]) -> None:
    before = dynamodb.scan(TableName="ledger")["Items"]
    with pytest.raises(ClientError, match="TransactionCanceled"):
        dynamodb.transact_write_items(TransactItems=[write, FAILS])
    assert dynamodb.scan(TableName="ledger")["Items"] == before == [KEY | {"value": {"N": "1"}}]
    assert _stream() == ["INSERT"]


def test_a_transaction_that_passes_is_written_and_streamed(dynamodb: Any) -> None:
    dynamodb.transact_write_items(TransactItems=[_put(KEY, "2"), _put(OTHER, "3")])
    assert [item["value"]["N"] for item in dynamodb.scan(TableName="ledger")["Items"]] == ["2", "3"]
    assert _stream() == ["INSERT", "MODIFY", "INSERT"]


def test_a_query_finds_the_items_of_its_key_in_order(dynamodb: Any) -> None:
    for pk, sk in (("a", "3"), ("b", "1"), ("a", "2")):
        dynamodb.put_item(TableName="ledger", Item={"pk": {"S": pk}, "sk": {"S": sk}})
    assert _found(dynamodb, "a") == ["1", "2", "3"]
    assert _found(dynamodb, "a", ScanIndexForward=False, Limit=2) == ["3", "2"]
    assert _found(dynamodb, "c") == []
    assert len(dynamodb.scan(TableName="ledger")["Items"]) == 4


def test_a_query_of_an_index_finds_the_items_of_all_keys(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="indexed",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "sorted",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for pk in ("a", "1", "b"):
        dynamodb.put_item(TableName="indexed", Item={"pk": {"S": pk}, "sk": {"S": "1"}})
    answer = dynamodb.query(
        TableName="indexed",
        IndexName="sorted",
        KeyConditionExpression="sk = :key",
        ExpressionAttributeValues={":key": {"S": "1"}},
    )
    assert [item["pk"]["S"] for item in answer["Items"]] == ["1", "a", "b"]


def _found(dynamodb: Any, key: str, **options: Any) -> list[str]:
    answer = dynamodb.query(
        TableName="ledger",
        KeyConditionExpression="pk = :key",
        ExpressionAttributeValues={":key": {"S": key}},
        **options,
    )
    return [item["sk"]["S"] for item in answer["Items"]]


def _stream() -> list[str]:
    """Return the records that the poller of the table's stream would find."""
    shard = dynamodb_backends["123456789012"]["us-east-1"].tables["ledger"].stream_shard
    return [record.to_json()["eventName"] for record in shard.items]
