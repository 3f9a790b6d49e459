"""Attach the app's managed policies to the sandbox's users, in place of the users' own inline policies.

The data scientist gets the policy that allows approvals, as the reviewer does. The gate's four-eyes check must tell the
two apart, not IAM.
"""

from typing import Any, Final

from lambdas.gate import names
from sandbox.iam.users import REGISTRY_POLICY

_MANAGED: Final = {
    "data-scientist": ("may-approve",),
    "reviewer": ("may-approve",),
    "contributor": ("may-register",),
    "on-call": ("operator", "stop"),
    "viewer": ("viewer",),
    "auditor": ("auditor",),
}
"""The managed policies of each user, from the names `approval-gate-…-REGION`."""


def attach(iam: Any, region: str) -> None:
    """Attach each user's managed policies, if the app has deployed it, and delete the inline policy that it replaces.

    `iam` is a boto3 client.
    """
    pages = iam.get_paginator("list_policies").paginate(Scope="Local")
    offered = {policy["PolicyName"]: policy["Arn"] for page in pages for policy in page["Policies"]}
    for name, policies in _MANAGED.items():
        arns = [offered[full] for each in policies if (full := f"{names.PREFIX}-{each}-{region}") in offered]
        for arn in arns:
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        if arns and REGISTRY_POLICY in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=REGISTRY_POLICY)
