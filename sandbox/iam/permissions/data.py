"""The permissions for operations on data (DynamoDB, S3, SSM), and for those of Lambda, STS, ECR, KMS and logs."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

from sandbox.iam.permissions.permission import ApiRequest, Permission, Permissions, Requires, same_for

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


def s3(request: ApiRequest) -> Permissions:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
    action = _S3_ACTIONS.get(request.operation, request.operation)
    bucket, key = request.get("Bucket"), request.get("Key")
    resource = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    if action in ("GetObject", "DeleteObject") and request.get("VersionId"):
        action = f"{action}Version"
    prefix = {"s3:prefix": request.get("Prefix") or ""} if action == "ListBucket" else {}
    yield Permission(f"s3:{action}", resource if bucket else "*", prefix)
    if action == "PutObject" and request.get("ObjectLockMode"):
        yield Permission("s3:PutObjectRetention", resource)
    if request.get("BypassGovernanceRetention"):
        yield Permission("s3:BypassGovernanceRetention", resource)


def _table(request: ApiRequest) -> Permissions:
    yield Permission(
        f"dynamodb:{request.operation}", _table_arn(request, request.get("TableName"), request.get("IndexName"))
    )


def _policy_of_a_table(request: ApiRequest) -> Permissions:
    yield Permission(f"dynamodb:{request.operation}", request.get("ResourceArn"))


def _item(request: ApiRequest) -> Permissions:
    table = request.get("TableName")
    keys = _leading_keys(request, table, [request.parameters])
    yield Permission(f"dynamodb:{request.operation}", _table_arn(request, table), keys)


def _transaction(request: ApiRequest) -> Permissions:
    """Yield a permission per action and table. A transaction has no action of its own: each item needs the item's
    action.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    """
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in request.get("TransactItems") or ():
        for verb, item in entry.items():
            found.setdefault((_ITEM_ACTIONS[verb], item["TableName"]), []).append(item)
    for (action, table), items in sorted(found.items(), key=lambda one: one[0]):
        yield Permission(f"dynamodb:{action}", _table_arn(request, table), _leading_keys(request, table, items))


def _batch(request: ApiRequest) -> Permissions:
    for table in request.get("RequestItems") or {}:
        yield Permission(f"dynamodb:{request.operation}", _table_arn(request, table))


def _leading_keys(request: ApiRequest, name: str, items: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the partition keys of the items. AWS sets this key for queries too, the sandbox does not.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    table = dynamodb_backends[request.account][request.region].tables.get(name.rsplit("/", 1)[-1])
    if table is None:
        return {}
    keys = [(item.get("Item") or item["Key"])[table.hash_key_attr] for item in items]
    return {"dynamodb:leadingkeys": [text for key in keys for text in key.values()]}


def _table_arn(request: ApiRequest, name: str, index: str | None = None) -> str:
    arn = name if name.startswith("arn:") else request.arn("dynamodb", f"table/{name}")
    return f"{arn}/index/{index}" if index else arn


def _parameter(request: ApiRequest) -> Permissions:
    for name in request.get("Names") or [request.get("Name") or request.get("Path")]:
        arn = name if name.startswith("arn:") else request.arn("ssm", f"parameter/{name.removeprefix('/')}")
        yield Permission(f"ssm:{request.operation}", arn)


def _log_group(request: ApiRequest) -> Permissions:
    arn = request.arn("logs", f"log-group:{request.get('logGroupName')}")
    stream = request.get("logStreamName")
    yield Permission(f"logs:{request.operation}", f"{arn}:log-stream:{stream}" if stream else arn)


def _function(request: ApiRequest) -> Permissions:
    name, operation = request.get("FunctionName"), request.operation
    action = "lambda:InvokeFunction" if operation == "Invoke" else f"lambda:{operation}"
    yield Permission(action, name if name.startswith("arn:") else request.arn("lambda", f"function:{name}"))


def _principal(request: ApiRequest) -> Permissions:
    """Yield the permission to read a user or a role. Of one that does not exist the path is `/`."""
    kind, name = ("user", request.get("UserName")) if "User" in request.operation else ("role", request.get("RoleName"))
    backend = iam_backends[request.account]["aws"]
    known = backend.users.values() if kind == "user" else backend.roles.values()
    found = next((each.arn for each in known if each.name == name), f"arn:aws:iam::{request.account}:{kind}/{name}")
    yield Permission(f"iam:{request.operation}", found)


def _simulated(request: ApiRequest) -> Permissions:
    yield Permission(f"iam:{request.operation}", request.get("PolicySourceArn"))


def _role(request: ApiRequest) -> Permissions:
    yield Permission(f"sts:{request.operation}", request.get("RoleArn"))


def _key(request: ApiRequest) -> Permissions:
    """Yield the permission for a key, which the request names by its id, its ARN, or an alias."""
    backend, named = kms_backends[request.account][request.region], request.get("KeyId").rsplit(":", 1)[-1]
    key = backend.get_key_id_from_alias(named) if named.startswith("alias/") else named.removeprefix("key/")
    yield Permission(f"kms:{request.operation}", request.arn("kms", f"key/{key}"))


def _repository(request: ApiRequest) -> Permissions:
    registry = request.get("registryId") or request.account
    arn = f"arn:aws:ecr:{request.region}:{registry}:repository/{request.get('repositoryName')}"
    yield Permission(f"ecr:{request.operation}", arn)


DYNAMODB: Final[dict[str, Requires]] = {
    **same_for(_item, "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
    **same_for(_table, "Query", "Scan", "DescribeTable", "DeleteTable", "UpdateTable", "UpdateTimeToLive"),
    **same_for(_policy_of_a_table, "DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"),
    **same_for(_transaction, "TransactWriteItems", "TransactGetItems"),
    **same_for(_batch, "BatchGetItem", "BatchWriteItem"),
}
SSM: Final[dict[str, Requires]] = same_for(
    _parameter,
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "PutParameter",
    "DeleteParameter",
)
LOGS: Final[dict[str, Requires]] = same_for(
    _log_group, "CreateLogGroup", "CreateLogStream", "PutLogEvents", "FilterLogEvents", "GetLogEvents"
)
LAMBDA: Final[dict[str, Requires]] = same_for(
    _function,
    "Invoke",
    "GetFunctionConfiguration",
    "PutFunctionConcurrency",
    "DeleteFunctionConcurrency",
    "GetFunctionConcurrency",
)
IAM: Final[dict[str, Requires]] = {
    **same_for(_principal, "GetRole", "GetUser"),
    **same_for(_simulated, "SimulatePrincipalPolicy"),
}
STS: Final[dict[str, Requires]] = same_for(_role, "AssumeRole")
KMS: Final[dict[str, Requires]] = same_for(_key, "DescribeKey", "GenerateMac", "VerifyMac")
ECR: Final[dict[str, Requires]] = same_for(_repository, "BatchGetImage", "DescribeImages")
