"""Synthesizes endpoints in this process, without CDK's own validator: cfn-lint and cdk-nag take its place here."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag

from infra.asset.bundle import Asset
from infra.config.load import Configuration, Endpoint, load, parse_configuration
from infra.config.sections.functions import Functions
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Ledger
from infra.config.sections.notifications import Notifications
from infra.stacks import add_stacks
from lambdas.gate.spec.floor import Floor

Template = dict[str, Any]


def synthesize(
    endpoints: Sequence[Endpoint],
    asset: Asset,
    outdir: Path,
    *plugins: Any,
    ledger: Ledger | None = None,
    janitor: Janitor | None = None,
    floor: Floor | None = None,
    settings: Functions | None = None,
    notifications: Notifications | None = None,
    context: dict[str, Any] | None = None,
) -> dict[str, Template]:
    """Stack name → template. `context`: as in cdk.json. Raises where a validation plugin finds an error."""
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        context=context,
        outdir=str(outdir),
        stack_traces=False,
    )
    sections = ledger or Ledger(), janitor or Janitor(), floor
    functions, told = settings or Functions(), notifications or Notifications()
    configuration = Configuration(tuple(endpoints), *sections, functions=functions, notifications=told)
    add_stacks(app, configuration, asset)
    if plugins:
        cdk.Validations.of(app).add_plugins(*plugins)
    stacks = app.synth().stacks
    return {stack.stack_name: json.loads(Path(stack.template_full_path).read_text()) for stack in stacks}


def synthesized_under_nag(file: Path, asset: Asset, outdir: Path) -> dict[str, Template]:
    """A file's endpoints, in which cdk-nag finds nothing that is not explained."""
    templates = synthesize(load(file).endpoints, asset, outdir, cdk_nag.AwsSolutionsChecks())
    report = json.loads((outdir / "validation-report.json").read_text())
    assert [each["violations"] for each in report["pluginReports"]] == [[]]
    return templates


def endpoints_named(*names: str, **sections: str) -> tuple[Endpoint, ...]:
    """Endpoints with what is required, and `sections` as YAML."""
    entry = "".join(f"    {key}: {value}\n" for key, value in sections.items())
    required = (
        "    model_package_group: Group\n    variant: {instance_type: ml.m5.large}\n    model_artifacts: s3://models/\n"
    )
    return parse_configuration(
        "endpoints.yaml", "endpoints:\n" + "".join(f"  {name}:\n{required}{entry}" for name in names)
    ).endpoints


def of_type(template: Template, kind: str) -> list[dict[str, Any]]:
    """The properties of the resources of a type."""
    return [body.get("Properties", {}) for body in template["Resources"].values() if body["Type"] == kind]


def one(template: Template, kind: str, **properties: Any) -> dict[str, Any]:
    """The properties of the only resource of a type with these properties."""
    found = [each for each in of_type(template, kind) if properties.items() <= each.items()]
    assert len(found) == 1, f"{len(found)} {kind} with {properties}"
    return found[0]


def watched(alarm: dict[str, Any]) -> list[tuple[str, str]]:
    """The metrics of an alarm with metric math, each with its statistic."""
    stats = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
    return [(each["Metric"]["MetricName"], each["Stat"]) for each in stats]


def resolved(template: Template, node: Any, region: str = "us-east-1") -> Any:
    """`node` as it is once deployed to account 123456789012; only what has no ARN can be asked for in another Region
    than us-east-1."""
    pseudo = {
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::AccountId": "123456789012",
        "AWS::URLSuffix": "amazonaws.com",
    }
    match node:
        case {"Ref": name}:
            return pseudo.get(name) or _named(template, name)
        case {"Fn::GetAtt": [name, "Arn" | "StreamArn" | "QueueName" as attribute]}:
            arn = _arn(template, name)
            return {"Arn": arn, "StreamArn": f"{arn}/stream/LABEL"}.get(attribute, arn.split(":")[-1])
        case {"Fn::GetAtt": [name, "RoleId"]}:
            return f"AROA{name}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(resolved(template, part, region) for part in parts)
        case dict():
            return {key: resolved(template, value, region) for key, value in node.items()}
        case list():
            return [resolved(template, item, region) for item in node]
    return node


def _named(template: Template, logical_id: str) -> str:
    """What Ref gives."""
    resource = template["Resources"][logical_id]
    arn = _arn(template, logical_id)
    match resource["Type"]:
        case "AWS::SNS::Topic":
            return arn
        case "AWS::SQS::Queue":
            return f"https://sqs.us-east-1.amazonaws.com/123456789012/{resource['Properties']['QueueName']}"
        case "AWS::SSM::Parameter":
            return str(resource["Properties"]["Name"])
        case "AWS::IAM::ManagedPolicy":
            return arn
        case "AWS::S3::Bucket":
            return str(resolved(template, resource["Properties"]["BucketName"]))
        case "AWS::Logs::LogGroup":
            return str(resource["Properties"]["LogGroupName"])
    return arn.rpartition("/")[2] if "/" in arn else arn.rpartition(":")[2]


def _arn(template: Template, logical_id: str) -> str:
    resource = template["Resources"][logical_id]
    properties = resource["Properties"]
    where = "us-east-1:123456789012"
    match resource["Type"]:
        case "AWS::SNS::Topic":
            return f"arn:aws:sns:{where}:{properties['TopicName']}"
        case "AWS::SQS::Queue":
            return f"arn:aws:sqs:{where}:{properties['QueueName']}"
        case "AWS::DynamoDB::Table":
            return f"arn:aws:dynamodb:{where}:table/{properties['TableName']}"
        case "AWS::Lambda::Function":
            return f"arn:aws:lambda:{where}:function:{properties['FunctionName']}"
        case "AWS::Logs::LogGroup":
            return f"arn:aws:logs:{where}:log-group:{properties['LogGroupName']}:*"
        case "AWS::KMS::Key":
            return f"arn:aws:kms:{where}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        case "AWS::IAM::Role":
            name = resolved(template, properties.get("RoleName", logical_id))
            return f"arn:aws:iam::123456789012:role{properties.get('Path', '/')}{name}"
        case "AWS::IAM::ManagedPolicy":
            return f"arn:aws:iam::123456789012:policy/{resolved(template, properties['ManagedPolicyName'])}"
        case "AWS::S3::Bucket":
            return f"arn:aws:s3:::{resolved(template, properties['BucketName'])}"
        case "AWS::Events::Rule":
            return f"arn:aws:events:{where}:rule/{properties['Name']}"
        case "AWS::SSM::Parameter":
            return f"arn:aws:ssm:{where}:parameter{properties['Name']}"
        case "AWS::CloudWatch::Dashboard":
            return f"arn:aws:cloudwatch::123456789012:dashboard/{resolved(template, properties['DashboardName'])}"
    raise AssertionError(f"No ARN is known for {resource['Type']}")
