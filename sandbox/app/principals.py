"""The app's managed policies, attached to the sandbox's users in place of their own inline policies.

The data scientist gets the policy that lets people approve, like the reviewer: the gate itself must tell the two apart.
"""

from typing import Any, Final

from lambdas.gate import names
from sandbox.iam.users import REGISTRY_POLICY

_MANAGED: Final = {"data-scientist": "may-approve", "reviewer": "may-approve", "contributor": "may-register"}
"""Each user's managed policy, `approval-gate-…-REGION`."""


def attach(iam: Any, region: str) -> None:
    """Let the app's managed policies, where deployed, say who may register and approve. `iam`: a boto3 client."""
    pages = iam.get_paginator("list_policies").paginate(Scope="Local")
    offered = {policy["PolicyName"]: policy["Arn"] for page in pages for policy in page["Policies"]}
    for name, policy in _MANAGED.items():
        if arn := offered.get(f"{names.PREFIX}-{policy}-{region}"):
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        if arn and REGISTRY_POLICY in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=REGISTRY_POLICY)
