"""What events tell, as AWS puts it: of endpoints, of versions, and of the calls that change them."""

import re
from typing import Any

from simulation.world.endpoint import Endpoint
from simulation.world.registry import Package, principal
from simulation.world.timestamps import iso

ENDPOINT_EVENT = "SageMaker Endpoint State Change"
DEPLOYMENT_EVENT = "SageMaker Endpoint Deployment State Change"
PACKAGE_EVENT = "SageMaker Model Package State Change"
TRAIL_EVENT = "AWS API Call via CloudTrail"


def endpoint_state(endpoint: Endpoint) -> dict[str, Any]:
    # InService is IN_SERVICE in events.
    status = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper()
    return {"EndpointName": endpoint.name, "EndpointStatus": status}


def deployment_state(endpoint: Endpoint, now: float) -> dict[str, Any]:
    """While the new fleet bakes with a part of the traffic, or with all of it."""
    variant = {
        "CurrentInstanceCount": 2 if endpoint.has_all_traffic else 1,
        "DesiredInstanceCount": 2,
        "VariantStatus": [{"Status": "Baking", "StartTime": now * 1000}],
    }
    pending = {"EndpointConfigName": endpoint.pending, "ProductionVariants": [variant]}
    return endpoint_state(endpoint) | {"EndpointConfigName": endpoint.config, "PendingDeploymentSummary": pending}


def package_state(package: Package, updated: str | None, now: float) -> dict[str, Any]:
    """`updated`: the field that was changed; None of a registration, whose event may lack UpdatedModelPackageFields."""
    changed = {} if updated is None else {"UpdatedModelPackageFields": [updated]}
    return changed | {
        "ModelPackageGroupName": package.group,
        "ModelPackageArn": package.arn,
        "ModelApprovalStatus": package.approval,
        "LastModifiedTime": iso(now),
    }


def call(package: Package, updated: str, now: float) -> dict[str, Any]:
    """What CloudTrail says of the call that changed a version.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""
    given: dict[str, Any] = {"modelPackageArn": package.arn}
    if updated == "ModelApprovalStatus":
        given["modelApprovalStatus"] = package.approval
    elif updated == "ModelLifeCycle" and package.stage:
        given["modelLifeCycle"] = dict(zip(("stage", "stageStatus"), package.stage, strict=True))
    return {
        "eventName": "UpdateModelPackage",
        "eventTime": iso(now),
        "userIdentity": {"arn": package.by, "principalId": principal(package.by)},
        "requestParameters": given,
        "responseElements": {"modelPackageArn": package.arn},
    }
