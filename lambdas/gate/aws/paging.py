"""Paging: all items of a list that AWS returns page by page."""

from collections.abc import Callable, Iterator
from typing import Any

from lambdas.gate.aws.errors import translated


def paged(call: Callable[..., Any], result: str, **request: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of the answer's list `result`, page by page; a page is requested only when its items are needed.

    `call`: a method of a botocore client whose pages are linked by NextToken. `request`: its arguments. A page may be
    empty although another page follows. Raises AwsError.
    """
    while True:
        with translated():
            page = call(**request)
        yield from page[result]
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]


def queried(dynamodb: Any, table: str, condition: str, values: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the items that a strongly consistent query of a DynamoDB table returns, page by page.

    `condition`: the KeyConditionExpression. `values`: its placeholders and their strings. botocore's errors propagate.
    """
    placeholders = {name: {"S": value} for name, value in values.items()}
    start: dict[str, Any] = {}
    while True:
        page = dynamodb.query(
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=placeholders,
            ConsistentRead=True,
            **start,
        )
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
