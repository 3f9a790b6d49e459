"""Permissions for items of the ledger's table, by partition key."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.permissions.permission import Permission
from lambdas.gate.aws.ledger import partition

ENDPOINTS = partition("*")
"""The partition keys of all heads, rows and registrations. IAM sees no sort key, so it cannot tell them apart."""


def seal_rows(key: kms.IKey | None) -> list[Permission]:
    """Return the permission to seal rows; none without a key."""
    return [Permission("SealRows", ["kms:GenerateMac"], [key.key_arn])] if key else []


def through_dynamodb(scope: Construct, key: str) -> Permission:
    """Return the permission to use the key of the table, which DynamoDB uses on behalf of its caller.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""
    return Permission(
        "UseTheKeyOfTheLedger",
        [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        [key],
        conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{Stack.of(scope).region}.amazonaws.com"}},
    )


def ledger_items(sid: str, actions: Sequence[str], table: dynamodb.ITable, keys: Sequence[str]) -> Permission:
    """Return the permission for actions on items with these partition keys.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    return Permission(
        sid,
        [f"dynamodb:{action}" for action in actions],
        [table.table_arn],
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}},
    )
