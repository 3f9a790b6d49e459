"""The comparer of an endpoint: made where answers of shadows are compared, and what it may do."""

from pathlib import Path

import pytest

from infra.asset.bundle import Asset
from lambdas.comparer.settings import ComparerSettings
from lambdas.gate import timing
from lambdas.gate.spec.shadow import Comparer, Differ
from lambdas.gate.spec.spec import Spec
from tests.infra.conftest import ROOT
from tests.infra.permissions.test_permissions import NEVER_APPROVE, told
from tests.infra.synthesized import (
    Template,
    endpoints_named,
    of_type,
    one,
    resolved,
    synthesize,
    synthesized_under_nag,
)

NAME = "approval-gate-comparer-churn"
QUEUE, INBOX = f"arn:aws:sqs:us-east-1:123456789012:{NAME}", "arn:aws:sqs:us-east-1:123456789012:approval-gate-inbox"
ROLE = "approval-gate-us-east-1.comparer-churn"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0f8b0f8b-0f8b-0f8b-0f8b-0f8b0f8b0f8b"


def made(functions: Asset, folder: Path, capture: str) -> Template:
    entries = endpoints_named(
        "churn",
        shadow="{percent: 20, hours: 24, min_requests: 1000, differ: {at: score, max_percent: 1}}",
        serving=f"{{data_capture: {{{capture}}}}}",
    )
    return synthesize(entries, functions, folder)["ApprovalGate-churn"]


@pytest.fixture(scope="module")
def churn(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> Template:
    capture = f"percent: 0, destination: s3://captured/models/, kms_key: {KEY}"
    return made(functions, tmp_path_factory.mktemp("cdk.out"), capture)


def test_it_is_made_with_its_queue_and_settings(churn: Template) -> None:
    function = resolved(churn, one(churn, "AWS::Lambda::Function", FunctionName=NAME))
    assert (function["Handler"], function["Timeout"]) == ("lambdas.start.comparer", timing.FUNCTION_TIMEOUT)
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-inbox"
    expected = ComparerSettings("churn", "s3://captured/models/", url)
    assert ComparerSettings.from_env(function["Environment"]["Variables"]) == expected
    assert resolved(churn, one(churn, "AWS::Lambda::EventSourceMapping")) == {
        "BatchSize": 1,
        "EventSourceArn": QUEUE,
        "FunctionName": NAME,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def test_only_the_deployer_may_ask_it(churn: Template) -> None:
    policy = resolved(churn, one(churn, "AWS::SQS::QueuePolicy"))["PolicyDocument"]["Statement"]
    deployer = "arn:aws:iam::123456789012:role/approval-gate-us-east-1.deployer"
    assert [(each["Effect"], each["Action"], each["Condition"]) for each in policy] == [
        ("Deny", "sqs:*", {"Bool": {"aws:SecureTransport": "false"}}),
        (
            "Deny",
            "sqs:SendMessage",
            {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, "ArnNotLike": {"aws:PrincipalArn": [deployer]}},
        ),
    ]


def test_it_may_read_the_captures_of_its_endpoint_and_do_nothing_else(churn: Template) -> None:
    allowed = told(churn, ROLE)
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    own = {
        "ReadCaptures": ("Allow", "s3:GetObject", "arn:aws:s3:::captured/models/churn/*", None),
        "ListCaptures": (
            "Allow",
            "s3:ListBucket",
            "arn:aws:s3:::captured",
            {"StringLike": {"s3:prefix": "models/churn/*"}},
        ),
        "DecryptCaptures": ("Allow", "kms:Decrypt", KEY, through_s3),
        "TellTheDeployer": ("Allow", "sqs:SendMessage", INBOX, None),
        **{each["Sid"]: ("Deny", each["Action"], "*", each["Condition"]) for each in NEVER_APPROVE},
    }
    assert {sid: each for sid, each in allowed.items() if sid in own} == own
    others = {action.partition(":")[0] for sid in allowed if sid not in own for action in sid.split()}
    assert others == {"logs", "sqs", "xray"}


def test_the_spec_names_it_and_changes_after_it(churn: Template) -> None:
    spec = Spec.from_json(resolved(churn, one(churn, "AWS::SSM::Parameter")["Value"]))
    assert spec.shadow is not None
    assert spec.shadow.differ == Differ(1, "score")
    (role,) = [
        name for name, body in churn["Resources"].items() if ".comparer-" in str(body["Properties"].get("RoleName"))
    ]
    assert {"Fn::GetAtt": [role, "RoleId"]} in one(churn, "AWS::SSM::Parameter")["Value"]["Fn::Join"][1]
    assert isinstance(spec.comparer, Comparer)
    assert spec.comparer.queue_url == f"https://sqs.us-east-1.amazonaws.com/123456789012/{NAME}"
    (parameter,) = [body for body in churn["Resources"].values() if body["Type"] == "AWS::SSM::Parameter"]
    kinds = {churn["Resources"][name]["Type"] for name in parameter["DependsOn"]}
    assert "AWS::Lambda::EventSourceMapping" in kinds


def test_captures_may_lie_at_the_top_of_a_bucket(functions: Asset, tmp_path: Path) -> None:
    template = made(functions, tmp_path, "percent: 5, destination: s3://captured/")
    assert told(template, ROLE)["ReadCaptures"][2] == "arn:aws:s3:::captured/churn/*"
    assert "DecryptCaptures" not in told(template, ROLE)


def test_cdk_nag_finds_nothing_that_is_not_explained(functions: Asset, tmp_path: Path) -> None:
    templates = synthesized_under_nag(ROOT / "docs" / "examples" / "shadow.yaml", functions, tmp_path)
    assert of_type(templates["ApprovalGate-fraud-detection"], "AWS::Lambda::Function")


def test_an_endpoint_without_comparisons_has_none(templates: dict[str, Template]) -> None:
    for template in templates.values():
        assert all("comparer" not in each["FunctionName"] for each in of_type(template, "AWS::Lambda::Function"))
