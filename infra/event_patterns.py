"""The events for which the deployer reconciles an endpoint, and its prober plays. Schedules make up for lost events."""

import json
from typing import Any

from lambdas.gate import names


def event_pattern(account: str, versions: str, endpoint: str, group: str, alarms: list[str]) -> dict[str, Any]:
    """Return the EventBridge pattern of an endpoint's rule: its account, group, endpoint, alarms and spec. `versions`:
    the beginning of the ARNs of model packages, up to the group's name.

    All names are matched exactly, except for the product's own alarms. Their prefix ends in a character that no
    endpoint's name has. The approval status is not matched, because a version may also go back to
    PendingManualApproval. The API calls arrive only if the account has a trail. They lead to a reconcile, which
    asks AWS.
    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/logging-using-cloudtrail.html
    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
    """
    endpoint_changes = ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"]
    # A version's ARN may have its group in lower case. CloudTrail has it as the caller wrote it.
    version = {"prefix": {"equals-ignore-case": f"{versions}{group}/"}}
    return {
        "account": [account],
        "$or": [
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Package State Change"],
                "detail": {"ModelPackageGroupName": [group]},
            },
            {"source": ["aws.sagemaker"], "detail-type": endpoint_changes, "detail": {"EndpointName": [endpoint]}},
            {
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "detail": {"alarmName": [{"prefix": names.alarm_prefix(endpoint)}, *alarms]},
            },
            {
                "source": ["aws.ssm"],
                "detail-type": ["Parameter Store Change"],
                "detail": {"name": [names.spec_parameter(endpoint)]},
            },
            _call("UpdateModelPackage", "modelPackageArn", version),
            _call("DeleteModelPackage", "modelPackageName", version),
            _call("CreateModelPackage", "modelPackageGroupName", group),
        ],
    }


def prober_pattern(account: str, endpoint: str) -> dict[str, Any]:
    """Return the EventBridge pattern of a prober's rule: the phases of a rollout, an endpoint that is in service again,
    and a changed spec, which may have other golden requests.
    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html"""
    return {
        "account": [account],
        "$or": [
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Endpoint Deployment State Change"],
                "detail": {"EndpointName": [endpoint]},
            },
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Endpoint State Change"],
                "detail": {"EndpointName": [endpoint], "EndpointStatus": ["IN_SERVICE"]},
            },
            {
                "source": ["aws.ssm"],
                "detail-type": ["Parameter Store Change"],
                "detail": {"name": [names.spec_parameter(endpoint)], "operation": ["Create", "Update"]},
            },
        ],
    }


def _call(operation: str, parameter: str, value: Any) -> dict[str, Any]:
    """Return the pattern of a call of SageMaker's API with this value of a parameter."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["sagemaker.amazonaws.com"],
            "eventName": [operation],
            "requestParameters": {parameter: [value]},
        },
    }


def length(pattern: dict[str, Any]) -> int:
    """Return the number of characters, as EventBridge counts them."""
    return len(json.dumps(pattern, separators=(",", ":"), ensure_ascii=False))
