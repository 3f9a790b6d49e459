"""What SageMaker's operations need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from typing import Any, Final

from sandbox.iam.permissions.permission import Asked, Need, Needs, Row, rows


def _on(kind: str, parameter: str) -> Row:
    """One resource of a kind, named or given by its ARN."""

    def row(asked: Asked) -> Needs:
        yield Need(f"sagemaker:{asked.operation}", _arn(asked, kind, asked.get(parameter)))

    return row


def _create(kind: str, parameter: str) -> Row:
    """Creating with tags also needs AddTags on what is created; a role given to it also needs PassRole."""

    def row(asked: Asked) -> Needs:
        arn = _arn(asked, kind, asked.get(parameter))
        yield Need(f"sagemaker:{asked.operation}", arn, {**_request_tags(asked), **_variants(asked)})
        yield from _tagging(asked, arn)
        if role := asked.get("ExecutionRoleArn"):
            yield Need("iam:PassRole", role, {"iam:passedtoservice": "sagemaker.amazonaws.com"})

    return row


def _endpoint_and_config(asked: Asked) -> Needs:
    tags = _request_tags(asked)
    endpoint = _arn(asked, "endpoint", asked.get("EndpointName"))
    yield Need(f"sagemaker:{asked.operation}", endpoint, tags)
    yield Need(f"sagemaker:{asked.operation}", _arn(asked, "endpoint-config", asked.get("EndpointConfigName")), tags)
    yield from _tagging(asked, endpoint)


def _model_package(asked: Asked) -> Needs:
    """UpdateModelPackage, CreateModelPackage. A new version's number is not known yet."""
    if group := asked.get("ModelPackageGroupName"):
        arn = asked.arn("sagemaker", f"model-package/{group.rsplit('/', 1)[-1]}/*")
    else:
        arn = _arn(asked, "model-package", asked.get("ModelPackageArn") or asked.get("ModelPackageName"))
    context = _request_tags(asked)
    if status := asked.get("ModelApprovalStatus"):
        context["sagemaker:modelapprovalstatus"] = status
    for key in ("Stage", "StageStatus"):
        if value := (asked.get("ModelLifeCycle") or {}).get(key):
            context[f"sagemaker:modellifecycle:{key.lower()}"] = value
    for key, value in (asked.get("CustomerMetadataProperties") or {}).items():
        context[f"sagemaker:customermetadataproperties/{key.lower()}"] = value
    if removed := asked.get("CustomerMetadataPropertiesToRemove"):
        context["sagemaker:customermetadatapropertiestoremove"] = removed
    yield Need(f"sagemaker:{asked.operation}", arn, context)
    yield from _tagging(asked, arn)


def _batch_describe_model_package(asked: Asked) -> Needs:
    for arn in asked.get("ModelPackageArnList") or ():
        yield Need("sagemaker:BatchDescribeModelPackage", arn)


def _tags(asked: Asked) -> Needs:
    """AddTags, DeleteTags and ListTags themselves: without a TaggingAction."""
    keys = asked.get("TagKeys")
    context = {"aws:tagkeys": keys} if keys else _request_tags(asked)
    yield Need(f"sagemaker:{asked.operation}", asked.get("ResourceArn"), context)


def _tagging(asked: Asked, arn: str) -> Needs:
    if tags := _request_tags(asked):
        yield Need("sagemaker:AddTags", arn, {**tags, "sagemaker:taggingaction": asked.operation})


def _request_tags(asked: Asked) -> dict[str, Any]:
    tags = asked.get("Tags") or []
    if not tags:
        return {}
    named = {f"aws:requesttag/{tag['Key'].lower()}": tag["Value"] for tag in tags}
    return {**named, "aws:tagkeys": [tag["Key"] for tag in tags]}


def _variants(asked: Asked) -> dict[str, Any]:
    """What CreateEndpointConfig and CreateModel tell of their contents."""
    context: dict[str, Any] = {}
    variants = asked.get("ProductionVariants") or []
    if models := [variant["ModelName"] for variant in variants if variant.get("ModelName")]:
        context["sagemaker:modelarn"] = [_arn(asked, "model", name) for name in models]
    if instances := [variant["InstanceType"] for variant in variants if variant.get("InstanceType")]:
        context["sagemaker:instancetypes"] = instances
    if asked.get("EnableNetworkIsolation") is not None:
        context["sagemaker:networkisolation"] = str(asked.get("EnableNetworkIsolation")).lower()
    return context


def _arn(asked: Asked, kind: str, name: str) -> str:
    return name if name.startswith("arn:") else asked.arn("sagemaker", f"{kind}/{name}")


OPERATIONS: Final[dict[str, Row]] = {
    **rows(
        _on("endpoint", "EndpointName"),
        "DescribeEndpoint",
        "DeleteEndpoint",
        "InvokeEndpoint",
        "InvokeEndpointAsync",
        "UpdateEndpointWeightsAndCapacities",
    ),
    **rows(_on("endpoint-config", "EndpointConfigName"), "DescribeEndpointConfig", "DeleteEndpointConfig"),
    **rows(_on("model", "ModelName"), "DescribeModel", "DeleteModel"),
    **rows(_on("model-package", "ModelPackageName"), "DescribeModelPackage", "DeleteModelPackage"),
    **rows(
        _on("model-package-group", "ModelPackageGroupName"),
        "DescribeModelPackageGroup",
        "DeleteModelPackageGroup",
        "GetModelPackageGroupPolicy",
        "PutModelPackageGroupPolicy",
        "DeleteModelPackageGroupPolicy",
    ),
    **rows(_create("model-package-group", "ModelPackageGroupName"), "CreateModelPackageGroup"),
    **rows(_create("model", "ModelName"), "CreateModel"),
    **rows(_create("endpoint-config", "EndpointConfigName"), "CreateEndpointConfig"),
    **rows(_endpoint_and_config, "CreateEndpoint", "UpdateEndpoint"),
    **rows(_model_package, "CreateModelPackage", "UpdateModelPackage"),
    **rows(_batch_describe_model_package, "BatchDescribeModelPackage"),
    **rows(_tags, "AddTags", "DeleteTags", "ListTags"),
}
