"""Which actions on which resources a request needs, and the condition keys that the request sets.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Mapping

from sandbox.iam.permissions import autoscaling, data, notifications, sagemaker
from sandbox.iam.permissions.permission import ApiRequest, Permission, Requires

_SERVICES: Mapping[str, Mapping[str, Requires]] = {
    "sagemaker": sagemaker.OPERATIONS,
    "dynamodb": data.DYNAMODB,
    "ssm": data.SSM,
    "logs": data.LOGS,
    "lambda": data.LAMBDA,
    "sts": data.STS,
    "iam": data.IAM,
    "ecr": data.ECR,
    "kms": data.KMS,
    "sqs": notifications.SQS,
    "sns": notifications.SNS,
    "events": notifications.EVENTS,
    "cloudwatch": notifications.CLOUDWATCH,
    "application-autoscaling": autoscaling.OPERATIONS,
}


def required_permissions(service: str, request: ApiRequest) -> list[Permission]:
    """Return the permissions that a request needs, all of them. An unknown operation needs its own action on `*`."""
    if service == "s3":
        return list(data.s3(request))
    permissions = _SERVICES.get(service, {}).get(request.operation)
    return list(permissions(request)) if permissions else [Permission(f"{service}:{request.operation}")]
