"""Which actions on which resources a request needs, with the condition keys that it sets.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Mapping

from sandbox.iam import data_permissions, notification_permissions, sagemaker_permissions, scaling_permissions
from sandbox.iam.need import Asked, Need, Row

_SERVICES: Mapping[str, Mapping[str, Row]] = {
    "sagemaker": sagemaker_permissions.OPERATIONS,
    "dynamodb": data_permissions.DYNAMODB,
    "ssm": data_permissions.SSM,
    "logs": data_permissions.LOGS,
    "lambda": data_permissions.LAMBDA,
    "sts": data_permissions.STS,
    "ecr": data_permissions.ECR,
    "sqs": notification_permissions.SQS,
    "sns": notification_permissions.SNS,
    "events": notification_permissions.EVENTS,
    "cloudwatch": notification_permissions.CLOUDWATCH,
    "application-autoscaling": scaling_permissions.OPERATIONS,
}


def needs(service: str, asked: Asked) -> list[Need]:
    """All of them must be allowed. An operation without a row needs its own action on `*`."""
    if service == "s3":
        return list(data_permissions.s3(asked))
    row = _SERVICES.get(service, {}).get(asked.operation)
    return list(row(asked)) if row else [Need(f"{service}:{asked.operation}")]
