"""Names that AWS holds for all Regions: each carries the Region, or the app could not be deployed to a second one."""

import re
from typing import Any

import pytest

from infra.asset.bundle import Asset
from infra.config.load import load
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Ledger
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, resolved, synthesize

ACCOUNT = "123456789012"
ANOTHER = "eu-central-1"
IN_ACCOUNT = {
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""Types whose names are one account's in all its Regions, and the property of the name."""
IN_THE_WORLD = {"AWS::S3::Bucket": "BucketName"}
"""Types whose names are everybody's."""
REGIONAL = {
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",  # Inline: it is named within its role.
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
}


@pytest.fixture(scope="module")
def everything(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """The endpoints.yaml that ships, with all that is optional for an account."""
    ledger = Ledger.model_validate({"copy": {"mode": "GOVERNANCE", "retention_days": 30}, "annotate_registry": True})
    janitor = Janitor.model_validate({"mode": "delete"})
    outdir = tmp_path_factory.mktemp("everything")
    return synthesize(load(ROOT / "endpoints.yaml").endpoints, functions, outdir, ledger=ledger, janitor=janitor)


def resources(templates: dict[str, Template]) -> list[tuple[str, str, dict[str, Any]]]:
    """Where, type, properties."""
    return [
        (f"{stack}.{id}", body["Type"], body.get("Properties", {}))
        for stack, template in templates.items()
        for id, body in template["Resources"].items()
    ]


def global_names(templates: dict[str, Template], region: str) -> dict[str, str]:
    """Where → the name of each resource that has one and is not a Region's own."""
    named = IN_ACCOUNT | IN_THE_WORLD
    return {
        where: resolved({}, properties[named[kind]], region)
        for where, kind, properties in resources(templates)
        if kind in named and named[kind] in properties
    }


def test_of_each_type_it_is_known_whether_its_names_are_global(everything: dict[str, Template]) -> None:
    known = {*REGIONAL, *IN_ACCOUNT, *IN_THE_WORLD}
    assert {kind for _, kind, _ in resources(everything)} - known == set()


def test_a_global_name_carries_the_region(everything: dict[str, Template]) -> None:
    here, there = (global_names(everything, region) for region in ("us-east-1", ANOTHER))
    assert {kind for where, kind, _ in resources(everything) if where in here} == {
        "AWS::CloudWatch::Dashboard",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::S3::Bucket",
    }
    assert {where: name for where, name in there.items() if ANOTHER not in name} == {}
    assert set(here.values()) & set(there.values()) == set()
    each = [(kind, here[where]) for where, kind, _ in resources(everything) if where in here]
    assert len(set(each)) == len(each)


def test_a_name_of_the_whole_world_carries_the_account(everything: dict[str, Template]) -> None:
    found = global_names(everything, ANOTHER)
    buckets = [found[where] for where, kind, _ in resources(everything) if kind in IN_THE_WORLD and where in found]
    assert buckets == [f"approval-gate-ledger-copy-{ACCOUNT}-{ANOTHER}"]


def test_dashboards_have_names_that_cloudwatch_takes(everything: dict[str, Template]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"""
    found = global_names(everything, "ap-southeast-99")
    dashboards = [found[where] for where, kind, _ in resources(everything) if kind == "AWS::CloudWatch::Dashboard"]
    assert dashboards == ["approval-gate-ap-southeast-99", "approval-gate-ap-southeast-99-churn"]
    assert [name for name in dashboards if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name)] == []
