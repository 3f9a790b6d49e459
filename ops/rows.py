"""Reads the rows of an endpoint from the ledger's table."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.ledger import ROW, partition, row_from_item, row_key
from lambdas.gate.aws.paging import queried
from lambdas.gate.state.fact import Row


def read_items(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> Iterator[dict[str, Any]]:
    """Yield the DynamoDB items of the endpoint's rows, oldest first. `dynamodb` is a boto3 client."""
    values = {":pk": partition(endpoint), ":row": ROW}
    return queried(dynamodb, table, "pk = :pk AND begins_with(sk, :row)", values)


def read_rows(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> tuple[Row, ...]:
    """Return the endpoint's rows, oldest first; none if the ledger has none."""
    return tuple(row_from_item(item) for item in read_items(dynamodb, endpoint, table))


def rows_after(dynamodb: Any, endpoint: str, number: int, table: str = names.LEDGER) -> Iterator[Row]:
    """Yield the endpoint's rows after that number, oldest first."""
    values = {":pk": partition(endpoint), ":first": row_key(number + 1), ":last": f"{ROW}~"}
    return map(row_from_item, queried(dynamodb, table, "pk = :pk AND sk BETWEEN :first AND :last", values))


def last_number(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> int:
    """Return the number of the endpoint's last row; 0 if there is none."""
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
        ExpressionAttributeValues={":pk": {"S": partition(endpoint)}, ":row": {"S": ROW}},
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=1,
    )["Items"]
    return int(found[0]["number"]["N"]) if found else 0
