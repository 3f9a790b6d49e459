"""EndpointStack: what one endpoint has."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.asset.bundle import Asset
from infra.config.requirements import minutes_between_reconciles
from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from lambdas.gate.version import VERSION
from tests.infra.synthesized import Template, endpoints_named, of_type, one, resolved, synthesize

TOPIC = "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications"
ROLE = "arn:aws:iam::123456789012:role/approval-gate/approval-gate-us-east-1-fraud-detection"


def test_the_rule_hears_exactly_this_endpoint(fraud: Template) -> None:
    rule = resolved(fraud, one(fraud, "AWS::Events::Rule", Name="approval-gate-fraud-detection"))
    assert {key: rule[key] for key in ("Name", "ScheduleExpression", "State")} == {
        "Name": "approval-gate-fraud-detection",
        "ScheduleExpression": "rate(5 minutes)",
        "State": "ENABLED",
    }
    assert rule["EventPattern"] == {
        "account": ["123456789012"],
        "$or": [
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Package State Change"],
                "detail": {"ModelPackageGroupName": ["FraudDetectionGroup"]},
            },
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"],
                "detail": {"EndpointName": ["fraud-detection"]},
            },
            {
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "detail": {"alarmName": [{"prefix": "approval-gate/fraud-detection/"}]},
            },
            {
                "source": ["aws.ssm"],
                "detail-type": ["Parameter Store Change"],
                "detail": {"name": ["/approval-gate/endpoints/fraud-detection"]},
            },
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventSource": ["sagemaker.amazonaws.com"],
                    "eventName": ["UpdateModelPackage"],
                    "requestParameters": {
                        "modelPackageArn": [
                            {
                                "prefix": {
                                    "equals-ignore-case": (
                                        "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
                                    )
                                }
                            }
                        ]
                    },
                },
            },
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventSource": ["sagemaker.amazonaws.com"],
                    "eventName": ["DeleteModelPackage"],
                    "requestParameters": {
                        "modelPackageName": [
                            {
                                "prefix": {
                                    "equals-ignore-case": (
                                        "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
                                    )
                                }
                            }
                        ]
                    },
                },
            },
            {
                "source": ["aws.sagemaker"],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventSource": ["sagemaker.amazonaws.com"],
                    "eventName": ["CreateModelPackage"],
                    "requestParameters": {"modelPackageGroupName": ["FraudDetectionGroup"]},
                },
            },
        ],
    }


def test_the_rule_hands_the_whole_event_to_the_inbox(fraud: Template) -> None:
    (target,) = resolved(fraud, one(fraud, "AWS::Events::Rule", Name="approval-gate-fraud-detection"))["Targets"]
    template = target["InputTransformer"]["InputTemplate"]
    assert target == {
        "Arn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-inbox",
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"},
        "Id": "inbox",
        "InputTransformer": {"InputPathsMap": {"event": "$"}, "InputTemplate": template},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185},
    }
    event = {"id": "1", "detail": {"EndpointName": "fraud-detection"}}
    assert json.loads(template.replace("<event>", json.dumps(event))) == {"endpoint": "fraud-detection", "event": event}


def test_the_users_own_alarms_are_heard_by_their_exact_names(functions: Asset, tmp_path: Path) -> None:
    endpoints = endpoints_named("churn", rollback_on="{alarms: [kpi, 'a \"b\"']}")
    template = synthesize(endpoints, functions, tmp_path)["ApprovalGate-churn"]
    pattern = one(template, "AWS::Events::Rule")["EventPattern"]
    assert pattern["$or"][2]["detail"] == {"alarmName": [{"prefix": "approval-gate/churn/"}, "kpi", 'a "b"']}
    assert spec_of(template).rollback_on.alarms == ("kpi", 'a "b"')


@pytest.mark.parametrize(
    ("endpoints", "minutes"), [(1, 5), (74, 5), (75, 6), (300, 21), (899, 60), (1000, 67), (3000, 201)]
)
def test_settled_endpoints_cost_less_than_one_call_a_second(endpoints: int, minutes: int) -> None:
    assert minutes_between_reconciles(endpoints) == minutes
    assert 2 * endpoints / (60 * minutes) < 1


def spec_of(template: Template) -> Spec:
    return Spec.from_json(resolved(template, one(template, "AWS::SSM::Parameter")["Value"]))


def test_the_spec_is_a_parameter_that_the_deployer_reads_back(fraud: Template) -> None:
    parameter = one(fraud, "AWS::SSM::Parameter")
    assert {key: parameter[key] for key in ("Name", "Tier", "Type")} == {
        "Name": "/approval-gate/endpoints/fraud-detection",
        "Tier": "Intelligent-Tiering",
        "Type": "String",
    }
    spec = spec_of(fraud)
    assert (spec.endpoint, spec.execution_role_arn, spec.gate.four_eyes) == ("fraud-detection", ROLE, True)


def test_the_parameter_is_made_after_the_rule_that_hears_of_it_and_the_role_that_reads_for_it(
    templates: dict[str, Template],
) -> None:
    churn = templates["ApprovalGate-churn"]
    (parameter,) = [body for body in churn["Resources"].values() if body["Type"] == "AWS::SSM::Parameter"]
    (rule,) = [key for key, body in churn["Resources"].items() if body["Type"] == "AWS::Events::Rule"]
    reader = [key for key in churn["Resources"] if key.startswith("Reader")]
    assert sorted(parameter["DependsOn"]) == sorted([rule, *reader])


def test_the_execution_role_outlives_the_stack_under_a_fixed_name(fraud: Template) -> None:
    (role,) = [
        body
        for body in fraud["Resources"].values()
        if body["Type"] == "AWS::IAM::Role" and body["Properties"].get("Path") == names.ROLE_PATH
    ]
    assert (role["DeletionPolicy"], role["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = resolved(fraud, role["Properties"])
    assert (properties["Path"], properties["RoleName"]) == (names.ROLE_PATH, "approval-gate-us-east-1-fraud-detection")
    assert properties["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
        }
    ]


def test_a_model_may_read_its_artifacts_pull_its_image_and_report(fraud: Template) -> None:
    role = resolved(fraud, one(fraud, "AWS::IAM::Role", Path=names.ROLE_PATH))
    allowed = {each["Sid"]: each for each in role["Policies"][0]["PolicyDocument"]["Statement"]}
    assert {sid: (each["Action"], each["Resource"], each.get("Condition")) for sid, each in allowed.items()} == {
        "ReadArtifacts": ("s3:GetObject", "arn:aws:s3:::example-models/fraud/*", None),
        "ListArtifacts": (
            "s3:ListBucket",
            "arn:aws:s3:::example-models",
            {"StringLike": {"s3:prefix": "fraud/*"}},
        ),
        "PullImages": (
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "arn:aws:ecr:*:*:repository/*",
            None,
        ),
        "WriteLogs": (
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/*",
            None,
        ),
        "PublishMetrics": (
            "cloudwatch:PutMetricData",
            "*",
            {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}},
        ),
        "WithoutResource": (["cloudwatch:DescribeAlarms", "ecr:GetAuthorizationToken"], "*", None),
        "NeverJudgeItself": (
            "cloudwatch:PutMetricData",
            "*",
            {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "ApprovalGate*", "approval-gate*"]}},
        ),
    }
    assert [sid for sid, each in allowed.items() if each["Effect"] == "Deny"] == ["NeverJudgeItself"]


def query(name: str, metric_name: str, statistic: str) -> dict[str, Any]:
    dimensions = [
        {"Name": "EndpointName", "Value": "fraud-detection"},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": metric_name, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}, "ReturnData": False}


def alarm(signal: str, threshold: float, expression: str, *queries: dict[str, Any]) -> dict[str, Any]:
    return {
        "AlarmName": f"approval-gate/fraud-detection/standing/{signal}",
        "AlarmDescription": f"{signal} of the SageMaker endpoint fraud-detection.",
        "Metrics": [*queries, {"Id": "value", "Expression": expression, "ReturnData": True}],
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 2,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def test_standing_alarms_watch_error_rate_and_latency_in_microseconds(fraud: Template) -> None:
    requests, failures = query("requests", "Invocations", "Sum"), query("failures", "InvocationModelErrors", "Sum")
    p99, p90 = (query(f"p{share}", "ModelLatency", f"p{share}") for share in (99, 90))
    assert resolved(fraud, of_type(fraud, "AWS::CloudWatch::Alarm")) == [
        alarm("model-errors", 8, "IF(failures >= 3, 100 * failures / requests, 0)", failures, requests),
        alarm("p99-latency", 500_000, "IF(requests >= 300, p99, IF(requests >= 30, p90, 0))", p99, p90, requests),
    ]


def test_only_an_entry_that_asks_for_a_dashboard_has_one(templates: dict[str, Template]) -> None:
    assert of_type(templates["ApprovalGate-fraud-detection"], "AWS::CloudWatch::Dashboard") == []
    churn = templates["ApprovalGate-churn"]
    dashboard = resolved(churn, one(churn, "AWS::CloudWatch::Dashboard"))
    assert dashboard["DashboardName"] == "approval-gate-us-east-1-churn"
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    assert [widget["properties"]["title"] for widget in widgets] == [
        "Requests a minute",
        "Errors (1 is every request)",
        "Model latency (microseconds)",
        "Standing alarms",
    ]
    assert widgets[3]["properties"]["alarms"][0] == (
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:approval-gate/churn/standing/model-errors"
    )


def test_a_dashboard_of_an_entry_with_a_shadow_shows_the_shadows(functions: Asset, tmp_path: Path) -> None:
    entries = endpoints_named("churn", dashboard="true", shadow="{percent: 20, hours: 24, min_requests: 1000}")
    churn = synthesize(entries, functions, tmp_path)["ApprovalGate-churn"]
    widgets = json.loads(resolved(churn, one(churn, "AWS::CloudWatch::Dashboard"))["DashboardBody"])["widgets"]
    found = '{AWS/SageMaker,EndpointName,VariantName} EndpointName="churn" VariantName=shadow'
    assert [(each["properties"]["title"], each["properties"]["metrics"]) for each in widgets[4:]] == [
        ("Copies a minute", [[{"expression": f"SEARCH('{found} MetricName=\"Invocations\"', 'Sum', 60)"}]]),
        (
            "Errors of the shadow (1 is every copy)",
            [[{"expression": f"SEARCH('{found} MetricName=\"InvocationModelErrors\"', 'Average', 60)"}]],
        ),
        (
            "Latency of the shadow (microseconds)",
            [[{"expression": f"SEARCH('{found} MetricName=\"ModelLatency\"', 'p50', 60)"}]],
        ),
    ]


def test_the_longest_name_fits_where_aws_allows_64_characters(functions: Asset, tmp_path: Path) -> None:
    name = "a" * 63
    template = synthesize(endpoints_named(name), functions, tmp_path)[f"ApprovalGate-{name}"]
    (rule,) = resolved(template, of_type(template, "AWS::Events::Rule"))
    roles = [role["RoleName"] for role in resolved(template, of_type(template, "AWS::IAM::Role"))]
    assert len(rule["Name"]) == 64
    assert [len(role.replace("us-east-1", "ap-northeast-99x")) for role in sorted(roles)] == [64, 64]


def test_the_outputs_are_what_an_operator_needs(fraud: Template) -> None:
    assert {key: resolved(fraud, output["Value"]) for key, output in fraud["Outputs"].items()} == {
        "Version": VERSION,
        "EndpointName": "fraud-detection",
        "SpecParameter": "/approval-gate/endpoints/fraud-detection",
        "ExecutionRoleArn": ROLE,
    }


def test_no_stack_exports_or_imports_and_nothing_is_bound_to_an_account(templates: dict[str, Template]) -> None:
    for template in templates.values():
        text = json.dumps(template)
        assert "Export" not in text
        assert "Fn::ImportValue" not in text
        assert "123456789012" not in text
