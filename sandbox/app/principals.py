"""The people of a sandbox, as IAM users with keys.

The data scientist registers and may approve as well, as in most teams: it is the gate that tells the two apart. The
contributor may register only. Until the app is deployed, inline policies say so; then its own managed policies do.
"""

import json
from typing import Any, Final

from moto.iam.models import iam_backends

from lambdas.gate import names

MANAGED: Final = {"data-scientist": "may-approve", "reviewer": "may-approve", "contributor": "may-register"}
"""Each one's policy of the app's, `approval-gate-…-REGION`."""
_REGISTRY: Final = "registry"
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
_WRITE: Final = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
_APPROVED: Final = {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}
_NO_STATUS: Final = {"Null": {"sagemaker:ModelApprovalStatus": "true"}}


def create(account: str) -> dict[str, dict[str, str]]:
    """Each user's AccessKeyId and SecretAccessKey."""
    iam = iam_backends[account]["aws"]
    keys = {}
    for name, policy in MANAGED.items():
        iam.create_user(region_name="us-east-1", user_name=name)
        besides = [_statement("Allow", _BESIDES)]
        if name == "data-scientist":
            besides += [_statement("Allow", _WRITE[:1]), _statement("Allow", _WRITE[1:], Condition=_NO_STATUS)]
        iam.put_user_policy(name, "besides", _document(*besides))
        registry = [_statement("Allow", _WRITE)]
        if policy == "may-register":
            registry.append(_statement("Deny", _WRITE, Condition=_APPROVED))
        iam.put_user_policy(name, _REGISTRY, _document(*registry))
        key = iam.create_access_key(name)
        keys[name] = {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}
    return keys


def attach(iam: Any, region: str) -> None:
    """Let the app's managed policies, where deployed, say who may register and approve. `iam`: a boto3 client."""
    pages = iam.get_paginator("list_policies").paginate(Scope="Local")
    offered = {policy["PolicyName"]: policy["Arn"] for page in pages for policy in page["Policies"]}
    for name, policy in MANAGED.items():
        if arn := offered.get(f"{names.PREFIX}-{policy}-{region}"):
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        if arn and _REGISTRY in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=_REGISTRY)


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _statement(effect: str, actions: list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": "*", **more}
