"""Which actions on which resources a request needs, with the condition keys that it sets.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

from sandbox.aws.policy import Context


@dataclass(frozen=True)
class Need:
    """One action on one resource; `*` where the action has no resource, or none that the sandbox knows."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request's parameters, as the API names them, and where it is made."""

    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str

    def get(self, name: str) -> Any:
        return self.parameters.get(name)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Needs = Iterator[Need]


def needs(service: str, asked: Asked) -> list[Need]:
    """All of them must be allowed. An operation without a row here needs its own action on `*`."""
    table = _SERVICES.get(service, {})
    row = table.get(asked.operation)
    return list(row(asked)) if row else [Need(f"{service}:{asked.operation}")]


def _sagemaker(kind: str, parameter: str) -> Callable[[Asked], Needs]:
    """One resource of a kind, named or given by its ARN."""

    def row(asked: Asked) -> Needs:
        yield Need(f"sagemaker:{asked.operation}", _sagemaker_arn(asked, kind, asked.get(parameter)))

    return row


def _sagemaker_arn(asked: Asked, kind: str, name: str) -> str:
    return name if name.startswith("arn:") else asked.arn("sagemaker", f"{kind}/{name}")


def _create(kind: str, parameter: str) -> Callable[[Asked], Needs]:
    """Creating with tags also needs AddTags on what is created; a role given to it also needs PassRole."""

    def row(asked: Asked) -> Needs:
        arn = _sagemaker_arn(asked, kind, asked.get(parameter))
        yield Need(f"sagemaker:{asked.operation}", arn, {**_request_tags(asked), **_sagemaker_keys(asked)})
        yield from _tagging(asked, arn)
        if role := asked.get("ExecutionRoleArn"):
            yield Need("iam:PassRole", role, {"iam:passedtoservice": "sagemaker.amazonaws.com"})

    return row


def _endpoint_and_config(asked: Asked) -> Needs:
    tags = _request_tags(asked)
    endpoint = asked.arn("sagemaker", f"endpoint/{asked.get('EndpointName')}")
    yield Need(f"sagemaker:{asked.operation}", endpoint, tags)
    config = asked.arn("sagemaker", f"endpoint-config/{asked.get('EndpointConfigName')}")
    yield Need(f"sagemaker:{asked.operation}", config, tags)
    yield from _tagging(asked, endpoint)


def _model_package(asked: Asked) -> Needs:
    """UpdateModelPackage, CreateModelPackage. A new version's number is not known yet."""
    if group := asked.get("ModelPackageGroupName"):
        arn = asked.arn("sagemaker", f"model-package/{group.rsplit('/', 1)[-1]}/*")
    else:
        name = asked.get("ModelPackageArn") or asked.get("ModelPackageName")
        arn = _sagemaker_arn(asked, "model-package", name)
    context: dict[str, Any] = {**_request_tags(asked)}
    if status := asked.get("ModelApprovalStatus"):
        context["sagemaker:modelapprovalstatus"] = status
    for key in ("Stage", "StageStatus"):
        if value := (asked.get("ModelLifeCycle") or {}).get(key):
            context[f"sagemaker:modellifecycle:{key.lower()}"] = value
    for key, value in (asked.get("CustomerMetadataProperties") or {}).items():
        context[f"sagemaker:customermetadataproperties/{key.lower()}"] = value
    yield Need(f"sagemaker:{asked.operation}", arn, context)
    yield from _tagging(asked, arn)


def _batch_describe_model_package(asked: Asked) -> Needs:
    for arn in asked.get("ModelPackageArnList") or ():
        yield Need("sagemaker:BatchDescribeModelPackage", arn)


def _tag(asked: Asked) -> Needs:
    context = _request_tags(asked)
    if keys := asked.get("TagKeys"):
        context = {"aws:tagkeys": keys}
    yield Need(f"sagemaker:{asked.operation}", asked.get("ResourceArn"), context)


def _tagging(asked: Asked, arn: str) -> Needs:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html"""
    if tags := _request_tags(asked):
        yield Need("sagemaker:AddTags", arn, {**tags, "sagemaker:taggingaction": asked.operation})


def _request_tags(asked: Asked) -> dict[str, Any]:
    tags = asked.get("Tags") or []
    if not tags:
        return {}
    named = {f"aws:requesttag/{tag['Key'].lower()}": tag["Value"] for tag in tags}
    return {**named, "aws:tagkeys": [tag["Key"] for tag in tags]}


def _sagemaker_keys(asked: Asked) -> dict[str, Any]:
    """Of CreateModel and CreateEndpointConfig."""
    context: dict[str, Any] = {}
    variants = asked.get("ProductionVariants") or []
    if models := [variant["ModelName"] for variant in variants if variant.get("ModelName")]:
        context["sagemaker:modelarn"] = [_sagemaker_arn(asked, "model", name) for name in models]
    if instances := [variant["InstanceType"] for variant in variants if variant.get("InstanceType")]:
        context["sagemaker:instancetypes"] = instances
    if asked.get("EnableNetworkIsolation") is not None:
        context["sagemaker:networkisolation"] = str(asked.get("EnableNetworkIsolation")).lower()
    return context


def _table(asked: Asked) -> Needs:
    yield Need(f"dynamodb:{asked.operation}", _table_arn(asked, asked.get("TableName"), asked.get("IndexName")))


def _transaction(asked: Asked) -> Needs:
    """A transaction has no action of its own: each item needs the one it stands for."""
    actions = {
        "ConditionCheck": "ConditionCheckItem",
        **{verb: f"{verb}Item" for verb in ("Put", "Update", "Delete", "Get")},
    }
    found = {
        (actions[verb], item["TableName"]) for entry in asked.get("TransactItems") or () for verb, item in entry.items()
    }
    for action, table in sorted(found):
        yield Need(f"dynamodb:{action}", _table_arn(asked, table))


def _batch(asked: Asked) -> Needs:
    for table in asked.get("RequestItems") or {}:
        yield Need(f"dynamodb:{asked.operation}", _table_arn(asked, table))


def _table_arn(asked: Asked, name: str, index: str | None = None) -> str:
    arn = name if name.startswith("arn:") else asked.arn("dynamodb", f"table/{name}")
    return f"{arn}/index/{index}" if index else arn


def _queue(asked: Asked) -> Needs:
    """The batch operations need the actions of single messages."""
    action = f"sqs:{asked.operation.removesuffix('Batch')}"
    if url := asked.get("QueueUrl"):
        account, name = urlparse(url).path.strip("/").split("/")[-2:]
        yield Need(action, f"arn:aws:sqs:{asked.region}:{account}:{name}")
    else:
        yield Need(action, asked.arn("sqs", asked.get("QueueName")))


def _topic(asked: Asked) -> Needs:
    yield Need(f"sns:{asked.operation.removesuffix('Batch')}", asked.get("TopicArn") or asked.get("TargetArn") or "*")


def _parameter(asked: Asked) -> Needs:
    names = asked.get("Names") or [asked.get("Name") or asked.get("Path")]
    for name in names:
        arn = name if name.startswith("arn:") else asked.arn("ssm", f"parameter/{name.removeprefix('/')}")
        yield Need(f"ssm:{asked.operation}", arn)


def _put_events(asked: Asked) -> Needs:
    for entry in asked.get("Entries") or ():
        bus = entry.get("EventBusName", "default")
        arn = bus if bus.startswith("arn:") else asked.arn("events", f"event-bus/{bus}")
        yield Need(
            "events:PutEvents",
            arn,
            {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")},
        )


def _rule(asked: Asked) -> Needs:
    yield Need(f"events:{asked.operation}", asked.arn("events", f"rule/{asked.get('Name') or asked.get('Rule')}"))


def _alarms(asked: Asked) -> Needs:
    prefix = asked.get("AlarmNamePrefix") or ""
    single = asked.get("AlarmName")
    names = asked.get("AlarmNames") or [single if single else f"{prefix}*"]
    for name in names:
        yield Need(f"cloudwatch:{asked.operation}", asked.arn("cloudwatch", f"alarm:{name}"))


def _put_metric_data(asked: Asked) -> Needs:
    yield Need("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": asked.get("Namespace") or ""})


def _log_group(asked: Asked) -> Needs:
    arn = asked.arn("logs", f"log-group:{asked.get('logGroupName')}")
    stream = asked.get("logStreamName")
    yield Need(f"logs:{asked.operation}", f"{arn}:log-stream:{stream}" if stream else arn)


def _function(asked: Asked) -> Needs:
    name = asked.get("FunctionName")
    arn = name if name.startswith("arn:") else asked.arn("lambda", f"function:{name}")
    yield Need("lambda:InvokeFunction", arn)


def _s3(asked: Asked) -> Needs:
    """Several operations share an action named after another one."""
    action = _S3_ACTIONS.get(asked.operation, asked.operation)
    bucket, key = asked.get("Bucket"), asked.get("Key")
    resource = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    yield Need(f"s3:{action}", resource if bucket else "*")


def _assume_role(asked: Asked) -> Needs:
    yield Need(f"sts:{asked.operation}", asked.get("RoleArn"))


def _of(row: Callable[[Asked], Needs], *operations: str) -> dict[str, Callable[[Asked], Needs]]:
    return dict.fromkeys(operations, row)


_S3_ACTIONS = {
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListBuckets": "ListAllMyBuckets",
    "DeleteObjects": "DeleteObject",
}
_SERVICES: dict[str, dict[str, Callable[[Asked], Needs]]] = {
    "sagemaker": {
        **_of(_sagemaker("endpoint", "EndpointName"), "DescribeEndpoint", "DeleteEndpoint", "InvokeEndpoint"),
        **_of(_sagemaker("endpoint", "EndpointName"), "UpdateEndpointWeightsAndCapacities"),
        **_of(_sagemaker("endpoint-config", "EndpointConfigName"), "DescribeEndpointConfig", "DeleteEndpointConfig"),
        **_of(_sagemaker("model", "ModelName"), "DescribeModel", "DeleteModel"),
        **_of(_sagemaker("model-package", "ModelPackageName"), "DescribeModelPackage", "DeleteModelPackage"),
        **_of(
            _sagemaker("model-package-group", "ModelPackageGroupName"),
            "DescribeModelPackageGroup",
            "DeleteModelPackageGroup",
            "GetModelPackageGroupPolicy",
            "PutModelPackageGroupPolicy",
            "DeleteModelPackageGroupPolicy",
        ),
        **_of(_create("model-package-group", "ModelPackageGroupName"), "CreateModelPackageGroup"),
        **_of(_create("model", "ModelName"), "CreateModel"),
        **_of(_create("endpoint-config", "EndpointConfigName"), "CreateEndpointConfig"),
        **_of(_endpoint_and_config, "CreateEndpoint", "UpdateEndpoint"),
        **_of(_model_package, "CreateModelPackage", "UpdateModelPackage"),
        **_of(_batch_describe_model_package, "BatchDescribeModelPackage"),
        **_of(_tag, "AddTags", "DeleteTags", "ListTags"),
    },
    "dynamodb": {
        **_of(_table, "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"),
        **_of(_transaction, "TransactWriteItems", "TransactGetItems"),
        **_of(_batch, "BatchGetItem", "BatchWriteItem"),
    },
    "sqs": _of(
        _queue,
        "SendMessage",
        "SendMessageBatch",
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "GetQueueAttributes",
        "SetQueueAttributes",
        "GetQueueUrl",
        "PurgeQueue",
    ),
    "sns": _of(_topic, "Publish", "PublishBatch", "Subscribe", "GetTopicAttributes", "SetTopicAttributes"),
    "ssm": _of(_parameter, "GetParameter", "GetParameters", "GetParametersByPath", "PutParameter", "DeleteParameter"),
    "events": {
        **_of(_put_events, "PutEvents"),
        **_of(_rule, "PutRule", "DescribeRule", "EnableRule", "DisableRule", "DeleteRule", "PutTargets"),
    },
    "cloudwatch": {
        **_of(
            _alarms,
            "PutMetricAlarm",
            "DescribeAlarms",
            "DescribeAlarmHistory",
            "DeleteAlarms",
            "SetAlarmState",
            "EnableAlarmActions",
            "DisableAlarmActions",
        ),
        **_of(_put_metric_data, "PutMetricData"),
    },
    "logs": _of(_log_group, "CreateLogGroup", "CreateLogStream", "PutLogEvents", "FilterLogEvents", "GetLogEvents"),
    "lambda": _of(_function, "Invoke"),
    "s3": _of(
        _s3,
        *_S3_ACTIONS,
        "GetObject",
        "PutObject",
        "DeleteObject",
        "CreateBucket",
        "DeleteBucket",
        "GetObjectTagging",
        "PutObjectTagging",
        "GetBucketVersioning",
        "GetBucketLocation",
    ),
    "sts": _of(_assume_role, "AssumeRole"),
}
