"""What docs/deploy.md says about the CDK's context: runtime, architecture, qualifier and permissions boundary."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.asset.bundle import Asset
from infra.config.problem import ConfigError
from tests.infra.synthesized import Template, endpoints_named, of_type, resolved, synthesize

QUALIFIER = {"@aws-cdk/core:bootstrapQualifier": "mlplatform"}
BOUNDARY = "@aws-cdk/core:permissionsBoundary"
ARN = "arn:aws:iam::123456789012:policy/ml/boundary"
FUNCTIONS = 4
"""Deployer, publisher, janitor and prober."""


def everything(asset: Asset, outdir: Path, context: dict[str, Any]) -> dict[str, Template]:
    """Two endpoints, one of which has a prober."""
    endpoints = (*endpoints_named("churn", golden_requests="golden/fraud-detection.jsonl"), *endpoints_named("fraud"))
    return synthesize(endpoints, asset, outdir, context=context)


def all_of_type(templates: dict[str, Template], kind: str) -> list[tuple[Template, dict[str, Any]]]:
    return [(template, each) for template in templates.values() for each in of_type(template, kind)]


@pytest.mark.parametrize(
    ("context", "runtime", "architecture"),
    [
        ({}, "python3.14", "arm64"),
        ({"approval-gate:runtime": "python3.12", "approval-gate:architecture": "x86_64"}, "python3.12", "x86_64"),
    ],
)
def test_every_function_has_the_runtime_and_the_architecture(
    context: dict[str, Any], runtime: str, architecture: str, functions: Asset, tmp_path: Path
) -> None:
    made = all_of_type(everything(functions, tmp_path, context), "AWS::Lambda::Function")
    assert [(each["Runtime"], each["Architectures"]) for _, each in made] == [(runtime, [architecture])] * FUNCTIONS


def test_a_stack_is_not_made_with_a_runtime_that_lambda_lacks(functions: Asset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"approval-gate:runtime\n  found    \"python3.9\""):
        synthesize(endpoints_named("churn"), functions, tmp_path, context={"approval-gate:runtime": "python3.9"})


@pytest.mark.parametrize(
    ("boundary", "arn"),
    [
        ({"name": "cdk-${Qualifier}-boundary"}, "arn:aws:iam::123456789012:policy/cdk-mlplatform-boundary"),
        ({"name": "ml/boundary"}, ARN),
        ({"arn": ARN}, ARN),
    ],
)
def test_every_role_of_every_stack_has_the_permissions_boundary(
    boundary: dict[str, str], arn: str, functions: Asset, tmp_path: Path
) -> None:
    roles = all_of_type(everything(functions, tmp_path, QUALIFIER | {BOUNDARY: boundary}), "AWS::IAM::Role")
    boundaries = [resolved(template, role.get("PermissionsBoundary")) for template, role in roles]
    assert boundaries == [arn] * (FUNCTIONS + 4)  # And an execution role and a reader for each endpoint.


def test_no_role_has_a_permissions_boundary_if_none_is_given(functions: Asset, tmp_path: Path) -> None:
    roles = all_of_type(everything(functions, tmp_path, {}), "AWS::IAM::Role")
    assert [role["PermissionsBoundary"] for _, role in roles if "PermissionsBoundary" in role] == []


def test_every_stack_is_deployed_by_the_roles_of_the_qualifier(functions: Asset, tmp_path: Path) -> None:
    synthesize(endpoints_named("churn"), functions, tmp_path, context=QUALIFIER)
    artifacts = json.loads((tmp_path / "manifest.json").read_text())["artifacts"].values()
    roles = [each["properties"]["assumeRoleArn"] for each in artifacts if each["type"] == "aws:cloudformation:stack"]
    assert len(roles) == 2
    assert [each for each in roles if "role/cdk-mlplatform-deploy-role-" not in each] == []
