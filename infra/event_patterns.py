"""The events that make the deployer look at an endpoint. All are hints; the schedule repairs what is lost."""

import json
from typing import Any

from lambdas.gate import names


def event_pattern(account: str, versions: str, endpoint: str, group: str, alarms: list[str]) -> dict[str, Any]:
    """An EventBridge pattern: this account, this group, this endpoint, its alarms and its spec, all exact but the
    product's own alarms, whose prefix ends in a character that no endpoint's name holds. `versions` begins the ARNs of
    model packages, up to the group's name.

    The approval status is not matched, so that a version moved back to PendingManualApproval is seen too. The calls
    come where the account has a trail, and say once more who approved.
    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/logging-using-cloudtrail.html
    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
    """
    endpoint_changes = ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"]
    # A version's ARN may hold its group in lower case, and CloudTrail has it as the caller wrote it.
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
            _call("CreateModelPackage", "modelPackageGroupName", group),
        ],
    }


def prober_pattern(account: str, endpoint: str) -> dict[str, Any]:
    """What makes the prober play: the phases of a rollout, an endpoint that has come into service, and another spec,
    whose golden requests may be other ones.
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
    """An API call of SageMaker's by what it is about."""
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
    """In characters, as EventBridge counts them."""
    return len(json.dumps(pattern, separators=(",", ":"), ensure_ascii=False))
