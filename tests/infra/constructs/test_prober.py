"""The prober of an endpoint: made where there are golden requests, and what it is made of."""

import dataclasses
import json
from pathlib import Path

from infra.asset import bundle
from infra.asset.bundle import Asset
from infra.config.golden_file import GoldenFile
from infra.config.load import load
from lambdas.gate import names, timing
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.prober.settings import GOLDEN_FILE, ProberSettings
from sandbox.events.pattern import Pattern
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, endpoints_named, of_type, one, resolved, synthesize

NAME = "approval-gate-prober-fraud-detection"
QUEUE = f"arn:aws:sqs:us-east-1:123456789012:{NAME}"
DEAD_LETTERS = "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"


def test_only_an_endpoint_with_golden_requests_has_a_prober(templates: dict[str, Template]) -> None:
    made = {
        stack: [each["FunctionName"] for each in of_type(template, "AWS::Lambda::Function")]
        for stack, template in templates.items()
    }
    assert made == {
        "ApprovalGate": [names.DEPLOYER, names.PUBLISHER, names.JANITOR],
        "ApprovalGate-fraud-detection": [NAME],
        "ApprovalGate-churn": [],
    }


def test_it_is_configured_as_the_other_functions_are(fraud: Template) -> None:
    made = one(fraud, "AWS::Lambda::Function", FunctionName=NAME)
    assert {key: made[key] for key in ("Architectures", "Handler", "MemorySize", "Runtime", "Timeout")} == {
        "Architectures": ["arm64"],
        "Handler": "lambdas.start.prober",
        "MemorySize": 512,
        "Runtime": "python3.14",
        "Timeout": timing.FUNCTION_TIMEOUT,
    }
    assert one(fraud, "AWS::Logs::LogGroup", LogGroupName=f"/aws/lambda/{NAME}")["RetentionInDays"] == 90


def test_it_reads_back_the_settings_that_the_stack_wrote(fraud: Template) -> None:
    environment = resolved(fraud, one(fraud, "AWS::Lambda::Function"))["Environment"]["Variables"]
    spec = Spec.from_json(resolved(fraud, one(fraud, "AWS::SSM::Parameter")["Value"]))
    assert spec.golden is not None
    assert ProberSettings.from_env(environment) == ProberSettings(
        endpoint="fraud-detection",
        queue_url=f"https://sqs.us-east-1.amazonaws.com/123456789012/{NAME}",
        inbox_url="https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-inbox",
        digest=spec.golden.digest,
        namespace="ApprovalGate/fraud-detection",
        wait_seconds=300,
        bake_seconds=300,
    )


def test_its_queue_takes_its_own_rule_s_events_and_gives_up_into_the_gate_s_dead_letters(fraud: Template) -> None:
    assert resolved(fraud, one(fraud, "AWS::SQS::Queue")) == {
        "QueueName": NAME,
        "SqsManagedSseEnabled": True,
        "VisibilityTimeout": timing.VISIBILITY_TIMEOUT,
        "RedrivePolicy": {"deadLetterTargetArn": DEAD_LETTERS, "maxReceiveCount": 5},
    }
    role = "arn:aws:iam::123456789012:role/approval-gate-us-east-1.prober-fraud-detection"
    policy = resolved(fraud, one(fraud, "AWS::SQS::QueuePolicy"))["PolicyDocument"]["Statement"]
    assert [(each["Effect"], each["Action"], each["Condition"]) for each in policy] == [
        ("Deny", "sqs:*", {"Bool": {"aws:SecureTransport": "false"}}),
        (
            "Deny",
            "sqs:SendMessage",
            {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, "ArnNotLike": {"aws:PrincipalArn": [role]}},
        ),
        (
            "Allow",
            "sqs:SendMessage",
            {
                "ArnEquals": {
                    "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/approval-gate-prober.fraud-detection"
                },
                "StringEquals": {"aws:SourceAccount": "123456789012"},
            },
        ),
    ]
    mapping = resolved(fraud, one(fraud, "AWS::Lambda::EventSourceMapping"))
    assert mapping == {
        "BatchSize": 1,
        "EventSourceArn": QUEUE,
        "FunctionName": NAME,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def heard(fraud: Template, kind: str, source: str = "aws.sagemaker", **detail: str) -> bool:
    pattern = resolved(fraud, one(fraud, "AWS::Events::Rule", Name="approval-gate-prober.fraud-detection"))[
        "EventPattern"
    ]
    event = {"account": "123456789012", "source": source, "detail-type": kind, "detail": detail}
    return Pattern.parse(json.dumps(pattern)).matches(event)


def test_its_rule_hears_what_it_plays_for(fraud: Template) -> None:
    deployment, change = "SageMaker Endpoint Deployment State Change", "SageMaker Endpoint State Change"
    of_spec = {"name": "/approval-gate/endpoints/fraud-detection", "operation": "Update"}
    assert heard(fraud, deployment, EndpointName="fraud-detection", EndpointStatus="UPDATING")
    assert heard(fraud, change, EndpointName="fraud-detection", EndpointStatus="IN_SERVICE")
    assert heard(fraud, "Parameter Store Change", "aws.ssm", **of_spec)
    assert not heard(fraud, change, EndpointName="fraud-detection", EndpointStatus="UPDATING")
    assert not heard(fraud, change, EndpointName="fraud", EndpointStatus="IN_SERVICE")
    assert not heard(fraud, "Parameter Store Change", "aws.ssm", **of_spec | {"operation": "Delete"})


def test_its_rule_hands_the_event_over_as_it_is(fraud: Template) -> None:
    (target,) = resolved(fraud, one(fraud, "AWS::Events::Rule", Name="approval-gate-prober.fraud-detection"))["Targets"]
    assert target == {
        "Id": "prober",
        "Arn": QUEUE,
        "DeadLetterConfig": {"Arn": DEAD_LETTERS},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185},
    }


def test_the_spec_changes_after_the_prober_that_plays_when_it_hears_of_it(fraud: Template) -> None:
    (parameter,) = [body for body in fraud["Resources"].values() if body["Type"] == "AWS::SSM::Parameter"]
    kinds = {fraud["Resources"][name]["Type"] for name in parameter["DependsOn"]}
    assert {"AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::Events::Rule"} <= kinds


def test_the_spec_names_the_prober_s_role_by_its_id_and_the_settings_do_not(fraud: Template) -> None:
    value = one(fraud, "AWS::SSM::Parameter")["Value"]
    resources = fraud["Resources"].items()
    (role,) = [name for name, body in resources if ".prober-" in str(body["Properties"].get("RoleName"))]
    assert {"Fn::GetAtt": [role, "RoleId"]} in value["Fn::Join"][1]
    spec = Spec.from_json(resolved(fraud, value))
    assert spec.golden is not None
    assert (spec.golden.role_id, spec.golden.namespace) == (f"AROA{role}", "ApprovalGate/fraud-detection")
    unnamed = dataclasses.replace(spec, golden=dataclasses.replace(spec.golden, role_id=None, namespace=None))
    assert (unnamed.settings, unnamed == spec) == (spec.settings, False)


def test_it_may_put_no_metric_by_which_another_endpoint_or_an_abort_is_decided(fraud: Template) -> None:
    statements = [
        each
        for policy in of_type(fraud, "AWS::IAM::Policy")
        for each in policy["PolicyDocument"]["Statement"]
        if "cloudwatch:PutMetricData" in each["Action"]
    ]
    (bound,) = [each["Condition"]["StringEquals"]["cloudwatch:namespace"] for each in statements]
    others = [names.METRIC_NAMESPACE, alarms.NAMESPACE, *map(names.golden_namespace, ("fraud", "fraud-detection-eu"))]
    assert bound == names.golden_namespace("fraud-detection")
    assert bound not in others
    assert alarms.abort_metric("fraud-detection", "gate-c")["Namespace"] in others


def test_the_requests_are_in_its_asset_beside_the_code(functions: Asset) -> None:
    made = bundle.extended(functions, {GOLDEN_FILE: b"{}\n"})
    assert made.directory.parent == functions.directory.parent
    assert (made.directory / GOLDEN_FILE).read_bytes() == b"{}\n"
    assert (made.directory / "lambdas" / "prober" / "handler.py").is_file()
    assert bundle.extended(functions, {GOLDEN_FILE: b"{}\n"}) == made
    assert bundle.extended(functions, {GOLDEN_FILE: b"[]\n"}).digest != made.digest
    assert not (functions.directory / GOLDEN_FILE).exists()


def test_the_longest_name_fits(functions: Asset, tmp_path: Path) -> None:
    name = "a" * 63
    (endpoint,) = endpoints_named(name)
    probed = type(endpoint)(name, endpoint.entry, GoldenFile(b'{"body": "a", "expect": 1}\n', 1))
    template = synthesize([probed], functions, tmp_path)[f"ApprovalGate-{name}"]
    (role,) = [
        each["RoleName"]
        for each in resolved(template, of_type(template, "AWS::IAM::Role"))
        if ".prober-" in each["RoleName"]
    ]
    assert len(role.replace("us-east-1", "ap-northeast-99x")) <= 64
    assert len(names.prober_rule(name)) == 64
    assert len(template["Resources"]) < 50
    assert json.loads(json.dumps(of_type(template, "AWS::SQS::Queue")))[0]["QueueName"] == names.prober(name)


def test_an_endpoint_whose_name_has_capitals_may_be_invoked_by_either_spelling(
    functions: Asset, tmp_path: Path
) -> None:
    (endpoint,) = endpoints_named("Churn")
    probed = type(endpoint)("Churn", endpoint.entry, load(ROOT / "endpoints.yaml").endpoints[0].golden)
    template = synthesize([probed], functions, tmp_path)["ApprovalGate-Churn"]
    allowed = [
        each["Resource"]
        for policy in resolved(template, of_type(template, "AWS::IAM::Policy"))
        for each in policy["PolicyDocument"]["Statement"]
        if each.get("Sid") == "PlayToTheEndpoint"
    ]
    assert allowed == [[f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}" for name in ("Churn", "churn")]]
