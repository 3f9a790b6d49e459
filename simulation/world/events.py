"""The details of AWS's events: about endpoints, versions, and the calls that change versions."""

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
    # Events say IN_SERVICE for InService.
    status = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper()
    return {"EndpointName": endpoint.name, "EndpointStatus": status}


def deployment_state(endpoint: Endpoint, now: float) -> dict[str, Any]:
    """Return the detail while the new fleet bakes, with a part of the traffic or with all of it."""
    variant = {
        "CurrentInstanceCount": 2 if endpoint.has_all_traffic else 1,
        "DesiredInstanceCount": 2,
        "VariantStatus": [{"Status": "Baking", "StartTime": now * 1000}],
    }
    pending = {"EndpointConfigName": endpoint.pending, "ProductionVariants": [variant]}
    return endpoint_state(endpoint) | {"EndpointConfigName": endpoint.config, "PendingDeploymentSummary": pending}


def package_state(package: Package, updated: str | None, now: float) -> dict[str, Any]:
    """Return the detail of a changed version. `updated` is the changed field. It is None for a registration, whose
    event may lack UpdatedModelPackageFields."""
    changed = {} if updated is None else {"UpdatedModelPackageFields": [updated]}
    return changed | {
        "ModelPackageGroupName": package.group,
        "ModelPackageArn": package.arn,
        "ModelApprovalStatus": package.approval,
        "LastModifiedTime": iso(now),
    }


def call(package: Package, updated: str, now: float) -> dict[str, Any]:
    """Return what CloudTrail records about the call that changed a version.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
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
