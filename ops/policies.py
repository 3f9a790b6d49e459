"""Which managed policy allows an action, for the sentence to somebody whom AWS denies it. The policies are made in
`infra/constructs/access.py` and `people.py`; a test compares them with this table."""

import re

from botocore.exceptions import ClientError

from lambdas.gate import names

_LOOKING = (
    *("dynamodb:GetItem", "dynamodb:Query", "kms:DescribeKey", "kms:VerifyMac"),
    *("ssm:GetParameter", "ssm:GetParametersByPath"),
    *("sagemaker:DescribeEndpoint", "sagemaker:DescribeModelPackage"),
    *("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"),
)
_DEPLOYMENT = (
    *("lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:ListEventSourceMappings"),
    *("dynamodb:DescribeTable", "iam:GetRole", "servicequotas:ListServiceQuotas"),
    *("kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"),
    *("sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel", "sns:ListSubscriptionsByTopic"),
    *("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "events:DescribeRule"),
    *("logs:DescribeLogGroups", "logs:FilterLogEvents"),
    *("cloudtrail:LookupEvents", "cloudwatch:ListMetrics"),
)
ALLOWS = {
    "viewer": _LOOKING,
    "operator": (
        *(*_LOOKING, *_DEPLOYMENT),
        *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"),
    ),
    "auditor": (
        *(*_LOOKING, *_DEPLOYMENT, "s3:GetObjectVersion", "s3:ListBucketVersions"),
        *("iam:ListRoles", "iam:ListUsers", "iam:SimulatePrincipalPolicy"),
    ),
    "may-approve": ("sagemaker:UpdateModelPackage",),
}
"""The actions that the commands need, by the policy that allows them. The first policy that allows an action is named.
Its whole name is `approval-gate-NAME-REGION`."""
_DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError")
_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)")
_OTHER_NAMES = {"ListObjectVersions": "ListBucketVersions", "GetObject": "GetObjectVersion"}
"""Operations whose action has another name."""


def is_denial(error: ClientError) -> bool:
    """True if AWS denies the caller the request."""
    return error.response["Error"].get("Code") in _DENIED


def denied_action(error: ClientError) -> str:
    """Return the action that AWS denied, as its message or the operation names it."""
    if found := _ACTION.search(error.response["Error"].get("Message", "")):
        return found[1]
    name = _OTHER_NAMES.get(error.operation_name, error.operation_name)
    actions = (action for actions in ALLOWS.values() for action in actions)
    return next((action for action in actions if action.endswith(f":{name}")), name)


def explain_denial(error: ClientError) -> str:
    """Return which permission the caller lacks, and which policy has it."""
    action = denied_action(error)
    if "explicit deny" in error.response["Error"].get("Message", ""):
        return f"A policy denies you {action}, whatever else allows it. ({error})"
    policy = next((name for name, actions in ALLOWS.items() if action in actions), None)
    has = f" The managed policy {names.PREFIX}-{policy}-REGION has it." if policy else ""
    return f"You do not have the permission {action}.{has} ({error})"
