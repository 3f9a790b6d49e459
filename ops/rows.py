"""Reads the rows of an endpoint from the ledger's table."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.fact import Row
from lambdas.gate.ledger import ROW, partition, row_from_item


def read_items(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> Iterator[dict[str, Any]]:
    """Yield the DynamoDB items of the endpoint's rows, oldest first. `dynamodb` is a boto3 client."""
    start: dict[str, Any] = {}
    while True:
        answer = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
            ExpressionAttributeValues={":pk": {"S": partition(endpoint)}, ":row": {"S": ROW}},
            ConsistentRead=True,
            **start,
        )
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def read_rows(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> tuple[Row, ...]:
    """Return the endpoint's rows, oldest first; none if the ledger has none."""
    return tuple(row_from_item(item) for item in read_items(dynamodb, endpoint, table))
