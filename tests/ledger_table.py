"""The ledger's table as GateStack makes it, in moto, for the tests that write to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.gate import names

REGION = "us-east-1"


@contextmanager
def ledger_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A DynamoDB client beside the empty table; all of AWS is moto until the end."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(variable, REGION)
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName=names.LEDGER,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield dynamodb


def contents(dynamodb: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """All items by pk and sk, without these."""
    items = dynamodb.scan(TableName=names.LEDGER)["Items"]
    return {(item.pop("pk")["S"], item.pop("sk")["S"]): item for item in items}
