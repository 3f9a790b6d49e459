"""What docs/deploy.md says about the CDK's context: a qualifier and a permissions boundary."""

import json
from pathlib import Path

from infra.asset.bundle import Asset
from tests.infra.synthesized import endpoints_named, of_type, resolved, synthesize

QUALIFIER = {"@aws-cdk/core:bootstrapQualifier": "mlplatform"}
BOUNDARY = {"@aws-cdk/core:permissionsBoundary": {"name": "cdk-${Qualifier}-boundary"}}


def test_every_role_has_the_permissions_boundary(functions: Asset, tmp_path: Path) -> None:
    endpoints = endpoints_named("churn", golden_requests="golden/fraud-detection.jsonl")
    templates = synthesize(endpoints, functions, tmp_path, context=QUALIFIER | BOUNDARY)
    roles = [(template, role) for template in templates.values() for role in of_type(template, "AWS::IAM::Role")]
    boundaries = [resolved(template, role.get("PermissionsBoundary")) for template, role in roles]
    assert boundaries == ["arn:aws:iam::123456789012:policy/cdk-mlplatform-boundary"] * 5


def test_every_stack_is_deployed_by_the_roles_of_the_qualifier(functions: Asset, tmp_path: Path) -> None:
    synthesize(endpoints_named("churn"), functions, tmp_path, context=QUALIFIER)
    artifacts = json.loads((tmp_path / "manifest.json").read_text())["artifacts"].values()
    roles = [each["properties"]["assumeRoleArn"] for each in artifacts if each["type"] == "aws:cloudformation:stack"]
    assert len(roles) == 2
    assert [each for each in roles if "role/cdk-mlplatform-deploy-role-" not in each] == []
