"""The permissions for SageMaker's operations.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from typing import Any, Final

from sandbox.iam.permissions.permission import ApiRequest, Permission, Permissions, Requires, same_for


def _on(kind: str, parameter: str) -> Requires:
    """Return the permissions on one resource of a kind, given by its name or ARN."""

    def permissions(request: ApiRequest) -> Permissions:
        yield Permission(f"sagemaker:{request.operation}", _arn(request, kind, request.get(parameter)))

    return permissions


def _create(kind: str, parameter: str) -> Requires:
    """Return the permissions to create a resource. With tags it needs AddTags as well, with a role PassRole."""

    def permissions(request: ApiRequest) -> Permissions:
        arn = _arn(request, kind, request.get(parameter))
        yield Permission(f"sagemaker:{request.operation}", arn, {**_request_tags(request), **_variants(request)})
        yield from _tagging(request, arn)
        if role := request.get("ExecutionRoleArn"):
            yield Permission("iam:PassRole", role, {"iam:passedtoservice": "sagemaker.amazonaws.com"})

    return permissions


def _endpoint_and_config(request: ApiRequest) -> Permissions:
    tags = _request_tags(request)
    endpoint = _arn(request, "endpoint", request.get("EndpointName"))
    yield Permission(f"sagemaker:{request.operation}", endpoint, tags)
    yield Permission(
        f"sagemaker:{request.operation}", _arn(request, "endpoint-config", request.get("EndpointConfigName")), tags
    )
    yield from _tagging(request, endpoint)


def _model_package(request: ApiRequest) -> Permissions:
    """Yield the permissions of CreateModelPackage and UpdateModelPackage. A new version's number is not known yet."""
    if group := request.get("ModelPackageGroupName"):
        arn = request.arn("sagemaker", f"model-package/{group.rsplit('/', 1)[-1]}/*")
    else:
        arn = _arn(request, "model-package", request.get("ModelPackageArn") or request.get("ModelPackageName"))
    context = _request_tags(request)
    if status := request.get("ModelApprovalStatus"):
        context["sagemaker:modelapprovalstatus"] = status
    for key in ("Stage", "StageStatus"):
        if value := (request.get("ModelLifeCycle") or {}).get(key):
            context[f"sagemaker:modellifecycle:{key.lower()}"] = value
    for key, value in (request.get("CustomerMetadataProperties") or {}).items():
        context[f"sagemaker:customermetadataproperties/{key.lower()}"] = value
    if removed := request.get("CustomerMetadataPropertiesToRemove"):
        context["sagemaker:customermetadatapropertiestoremove"] = removed
    yield Permission(f"sagemaker:{request.operation}", arn, context)
    yield from _tagging(request, arn)


def _batch_describe_model_package(request: ApiRequest) -> Permissions:
    for arn in request.get("ModelPackageArnList") or ():
        yield Permission("sagemaker:BatchDescribeModelPackage", arn)


def _tags(request: ApiRequest) -> Permissions:
    """Yield the permission of AddTags, DeleteTags and ListTags, which do not set TaggingAction."""
    keys = request.get("TagKeys")
    context = {"aws:tagkeys": keys} if keys else _request_tags(request)
    yield Permission(f"sagemaker:{request.operation}", request.get("ResourceArn"), context)


def _tagging(request: ApiRequest, arn: str) -> Permissions:
    if tags := _request_tags(request):
        yield Permission("sagemaker:AddTags", arn, {**tags, "sagemaker:taggingaction": request.operation})


def _request_tags(request: ApiRequest) -> dict[str, Any]:
    tags = request.get("Tags") or []
    if not tags:
        return {}
    named = {f"aws:requesttag/{tag['Key'].lower()}": tag["Value"] for tag in tags}
    return {**named, "aws:tagkeys": [tag["Key"] for tag in tags]}


def _variants(request: ApiRequest) -> dict[str, Any]:
    """Return the condition keys that CreateEndpointConfig and CreateModel set."""
    context: dict[str, Any] = {}
    variants = [*(request.get("ProductionVariants") or ()), *(request.get("ShadowProductionVariants") or ())]
    if models := [variant["ModelName"] for variant in variants if variant.get("ModelName")]:
        context["sagemaker:modelarn"] = [_arn(request, "model", name) for name in models]
    if instances := [variant["InstanceType"] for variant in variants if variant.get("InstanceType")]:
        context["sagemaker:instancetypes"] = instances
    if request.get("EnableNetworkIsolation") is not None:
        context["sagemaker:networkisolation"] = str(request.get("EnableNetworkIsolation")).lower()
    return context


def _arn(request: ApiRequest, kind: str, name: str) -> str:
    return name if name.startswith("arn:") else request.arn("sagemaker", f"{kind}/{name}")


OPERATIONS: Final[dict[str, Requires]] = {
    **same_for(
        _on("endpoint", "EndpointName"),
        "DescribeEndpoint",
        "DeleteEndpoint",
        "InvokeEndpoint",
        "InvokeEndpointAsync",
        "UpdateEndpointWeightsAndCapacities",
    ),
    **same_for(_on("endpoint-config", "EndpointConfigName"), "DescribeEndpointConfig", "DeleteEndpointConfig"),
    **same_for(_on("model", "ModelName"), "DescribeModel", "DeleteModel"),
    **same_for(_on("model-package", "ModelPackageName"), "DescribeModelPackage", "DeleteModelPackage"),
    **same_for(
        _on("model-package-group", "ModelPackageGroupName"),
        "DescribeModelPackageGroup",
        "DeleteModelPackageGroup",
        "GetModelPackageGroupPolicy",
        "PutModelPackageGroupPolicy",
        "DeleteModelPackageGroupPolicy",
    ),
    **same_for(_create("model-package-group", "ModelPackageGroupName"), "CreateModelPackageGroup"),
    **same_for(_create("model", "ModelName"), "CreateModel"),
    **same_for(_create("endpoint-config", "EndpointConfigName"), "CreateEndpointConfig"),
    **same_for(_endpoint_and_config, "CreateEndpoint", "UpdateEndpoint"),
    **same_for(_model_package, "CreateModelPackage", "UpdateModelPackage"),
    **same_for(_batch_describe_model_package, "BatchDescribeModelPackage"),
    **same_for(_tags, "AddTags", "DeleteTags", "ListTags"),
}
