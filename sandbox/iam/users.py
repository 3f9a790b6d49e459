"""The IAM users with which an account starts: a data scientist, a reviewer, a contributor, and three without policies.

The first two may register and approve model packages, as in most teams. The contributor may only register them, and
sets no approval status but PendingManualApproval at the registration. The on-call engineer, the viewer and the auditor
may do what an app's policies allow them, and nothing else.
"""

import json
from typing import Any, Final

from moto.iam.models import iam_backends

REGISTRY_POLICY: Final = "registry"
"""The inline policy that says who may register and approve. An app may replace it by its own policies."""
_MAY_APPROVE: Final = {"data-scientist": True, "reviewer": True, "contributor": False}
_BESIDES: Final = [
    "sagemaker:Describe*",
    "sagemaker:List*",
    "sagemaker:Search",
    "sagemaker:CreateModelPackageGroup",
    "sagemaker:DeleteModelPackage*",
    "sagemaker:AddTags",
    "sagemaker:DeleteTags",
    "sagemaker:InvokeEndpoint*",
    "s3:*",
    "cloudwatch:Describe*",
    "cloudwatch:Get*",
    "cloudwatch:List*",
    "sts:GetCallerIdentity",
]
_WITHOUT_POLICIES: Final = ("on-call", "viewer", "auditor")
_WRITE: Final = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
_STATUS: Final = {"Null": {"sagemaker:ModelApprovalStatus": "false"}}
_NOT_PENDING: Final = {"StringNotEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
_NO_STATUS: Final = {"Null": {"sagemaker:ModelApprovalStatus": "true"}}


def create(account: str) -> dict[str, dict[str, str]]:
    """Create the users. Return each user's AccessKeyId and SecretAccessKey."""
    iam = iam_backends[account]["aws"]
    keys = {}
    for name, may_approve in _MAY_APPROVE.items():
        iam.create_user(region_name="us-east-1", user_name=name)
        besides = [_statement("Allow", _BESIDES)]
        if name == "data-scientist":
            besides += [_statement("Allow", _WRITE[:1]), _statement("Allow", _WRITE[1:], Condition=_NO_STATUS)]
        iam.put_user_policy(name, "besides", _document(*besides))
        registry = [_statement("Allow", _WRITE)]
        if not may_approve:
            registry.append(_statement("Deny", _WRITE[:1], Condition=_STATUS | _NOT_PENDING))
            registry.append(_statement("Deny", _WRITE[1:], Condition=_STATUS))
            registry.append(_statement("Deny", ["sagemaker:DeleteModelPackage*"]))
        iam.put_user_policy(name, REGISTRY_POLICY, _document(*registry))
        keys[name] = _key(iam, name)
    for name in _WITHOUT_POLICIES:
        iam.create_user(region_name="us-east-1", user_name=name)
        keys[name] = _key(iam, name)
    return keys


def _key(iam: Any, user: str) -> dict[str, str]:
    key = iam.create_access_key(user)
    return {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _statement(effect: str, actions: list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": "*", **more}
