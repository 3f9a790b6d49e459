"""What the operations on data need: DynamoDB, S3, SSM, and the functions' own."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends

from sandbox.iam.permissions.permission import Asked, Need, Needs, Row, rows

_ITEM_ACTIONS: Final = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_S3_ACTIONS: Final = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "UploadPart": "PutObject",
}
"""Operations whose action has another name."""


def s3(asked: Asked) -> Needs:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
    action = _S3_ACTIONS.get(asked.operation, asked.operation)
    bucket, key = asked.get("Bucket"), asked.get("Key")
    resource = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    if action in ("GetObject", "DeleteObject") and asked.get("VersionId"):
        action = f"{action}Version"
    prefix = {"s3:prefix": asked.get("Prefix") or ""} if action == "ListBucket" else {}
    yield Need(f"s3:{action}", resource if bucket else "*", prefix)
    if action == "PutObject" and asked.get("ObjectLockMode"):
        yield Need("s3:PutObjectRetention", resource)
    if asked.get("BypassGovernanceRetention"):
        yield Need("s3:BypassGovernanceRetention", resource)


def _table(asked: Asked) -> Needs:
    yield Need(f"dynamodb:{asked.operation}", _table_arn(asked, asked.get("TableName"), asked.get("IndexName")))


def _item(asked: Asked) -> Needs:
    table = asked.get("TableName")
    keys = _leading_keys(asked, table, [asked.parameters])
    yield Need(f"dynamodb:{asked.operation}", _table_arn(asked, table), keys)


def _transaction(asked: Asked) -> Needs:
    """A transaction has no action of its own: each item needs the one it stands for.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    """
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in asked.get("TransactItems") or ():
        for verb, item in entry.items():
            found.setdefault((_ITEM_ACTIONS[verb], item["TableName"]), []).append(item)
    for (action, table), items in sorted(found.items(), key=lambda one: one[0]):
        yield Need(f"dynamodb:{action}", _table_arn(asked, table), _leading_keys(asked, table, items))


def _batch(asked: Asked) -> Needs:
    for table in asked.get("RequestItems") or {}:
        yield Need(f"dynamodb:{asked.operation}", _table_arn(asked, table))


def _leading_keys(asked: Asked, name: str, items: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The partition keys of the items; AWS tells those of a query too.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    table = dynamodb_backends[asked.account][asked.region].tables.get(name.rsplit("/", 1)[-1])
    if table is None:
        return {}
    keys = [(item.get("Item") or item["Key"])[table.hash_key_attr] for item in items]
    return {"dynamodb:leadingkeys": [text for key in keys for text in key.values()]}


def _table_arn(asked: Asked, name: str, index: str | None = None) -> str:
    arn = name if name.startswith("arn:") else asked.arn("dynamodb", f"table/{name}")
    return f"{arn}/index/{index}" if index else arn


def _parameter(asked: Asked) -> Needs:
    for name in asked.get("Names") or [asked.get("Name") or asked.get("Path")]:
        arn = name if name.startswith("arn:") else asked.arn("ssm", f"parameter/{name.removeprefix('/')}")
        yield Need(f"ssm:{asked.operation}", arn)


def _log_group(asked: Asked) -> Needs:
    arn = asked.arn("logs", f"log-group:{asked.get('logGroupName')}")
    stream = asked.get("logStreamName")
    yield Need(f"logs:{asked.operation}", f"{arn}:log-stream:{stream}" if stream else arn)


def _function(asked: Asked) -> Needs:
    name = asked.get("FunctionName")
    yield Need("lambda:InvokeFunction", name if name.startswith("arn:") else asked.arn("lambda", f"function:{name}"))


def _role(asked: Asked) -> Needs:
    yield Need(f"sts:{asked.operation}", asked.get("RoleArn"))


def _repository(asked: Asked) -> Needs:
    registry = asked.get("registryId") or asked.account
    arn = f"arn:aws:ecr:{asked.region}:{registry}:repository/{asked.get('repositoryName')}"
    yield Need(f"ecr:{asked.operation}", arn)


DYNAMODB: Final[dict[str, Row]] = {
    **rows(_item, "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
    **rows(_table, "Query", "Scan", "DescribeTable"),
    **rows(_transaction, "TransactWriteItems", "TransactGetItems"),
    **rows(_batch, "BatchGetItem", "BatchWriteItem"),
}
SSM: Final[dict[str, Row]] = rows(
    _parameter, "GetParameter", "GetParameters", "GetParametersByPath", "PutParameter", "DeleteParameter"
)
LOGS: Final[dict[str, Row]] = rows(
    _log_group, "CreateLogGroup", "CreateLogStream", "PutLogEvents", "FilterLogEvents", "GetLogEvents"
)
LAMBDA: Final[dict[str, Row]] = rows(_function, "Invoke")
STS: Final[dict[str, Row]] = rows(_role, "AssumeRole")
ECR: Final[dict[str, Row]] = rows(_repository, "BatchGetImage", "DescribeImages")
