"""The policy that keeps everybody but Approval Gate from changing a managed endpoint. docs/security.md explains it."""

from typing import Any

from lambdas.gate import names

CHANGES = (
    "sagemaker:UpdateEndpoint",
    "sagemaker:UpdateEndpointWeightsAndCapacities",
    "sagemaker:DeleteEndpoint",
)
"""The actions that change an endpoint."""
COMPONENTS = (
    "sagemaker:CreateInferenceComponent",
    "sagemaker:UpdateInferenceComponent",
    "sagemaker:UpdateInferenceComponentRuntimeConfig",
    "sagemaker:DeleteInferenceComponent",
)
"""The actions that change what is served on an endpoint."""


def guard(partition: str, account: str, region: str) -> dict[str, Any]:
    """Return the policy's document."""

    def role(function: str) -> str:
        return f"arn:{partition}:iam::{account}:role/{names.function_role(region, function)}"

    deployer, tag = role(names.DEPLOYER), names.TAG_KEY
    but_ours = {"ArnNotEquals": {"aws:PrincipalArn": [deployer, role(names.JANITOR)]}}
    managed = {"StringEquals": {f"aws:ResourceTag/{tag}": names.TAG_VALUE}}
    own = [f"arn:{partition}:sagemaker:*:*:{kind}/{names.OWNED}*" for kind in ("model", "endpoint-config")]
    made = [f"sagemaker:{verb}{kind}" for kind in ("Model", "EndpointConfig") for verb in ("Create", "Delete")]
    statements = [
        _denial("ManagedEndpoints", [*CHANGES, *COMPONENTS], "*", managed | but_ours),
        _denial(
            "NewManagedEndpoints",
            "sagemaker:CreateEndpoint",
            "*",
            {
                "StringEquals": {f"aws:RequestTag/{tag}": names.TAG_VALUE},
                "ArnNotEquals": {"aws:PrincipalArn": deployer},
            },
        ),
        _denial(
            "TheTagOfManagedEndpoints",
            ["sagemaker:AddTags", "sagemaker:DeleteTags"],
            f"arn:{partition}:sagemaker:*:*:endpoint/*",
            managed | {"ForAnyValue:StringEquals": {"aws:TagKeys": tag}},
        ),
        _denial("OwnModelsAndConfigs", made, own, but_ours),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _denial(sid: str, action: Any, resource: Any, condition: dict[str, Any]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": resource, "Condition": condition}
