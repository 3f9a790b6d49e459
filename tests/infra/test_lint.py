"""cfn-lint and cdk-nag find nothing; what is acknowledged stands with its reason beside the construct."""

import json
from pathlib import Path

import cdk_nag
import pytest
from cfnlint.api import lint

from infra.asset.bundle import Asset
from infra.config.load import load
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Copy, Ledger
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Gate
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, synthesize

ACCEPTED = {
    "W3005": "CDK also writes the dependency on a role that GetAtt implies already.",
}


@pytest.mark.parametrize("stack", ["ApprovalGate", "ApprovalGate-fraud-detection", "ApprovalGate-churn"])
def test_cfn_lint_finds_nothing(templates: dict[str, Template], stack: str) -> None:
    assert lint_of(templates[stack]) == []


def lint_of(template: Template) -> list[str]:
    matches = lint(json.dumps(template), regions=["us-east-1"])
    return [str(match) for match in matches if match.rule.id not in ACCEPTED]


@pytest.mark.parametrize("governed", [False, True])
def test_cdk_nag_finds_nothing_that_is_not_explained(functions: Asset, tmp_path: Path, governed: bool) -> None:
    packs = (cdk_nag.AwsSolutionsChecks(), cdk_nag.ServerlessChecks())
    keys = (
        {"copy": Copy(mode="GOVERNANCE", retention_days=365), "annotate_registry": True, "seal": True}
        if governed
        else {}
    )
    ledger, janitor = Ledger.model_validate(keys), Janitor(mode="delete" if governed else "dry-run")
    endpoints = load(ROOT / "endpoints.yaml").endpoints
    floor = Floor(Gate(four_eyes=True), golden_requests=True) if governed else None
    template = synthesize(endpoints, functions, tmp_path, *packs, ledger=ledger, janitor=janitor, floor=floor)
    assert lint_of(template["ApprovalGate"]) == []
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert {each["pluginName"]: each["violations"] for each in report["pluginReports"]} == {
        "AwsSolutions": [],
        "Serverless": [],
    }
