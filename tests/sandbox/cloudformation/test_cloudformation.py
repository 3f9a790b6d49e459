"""CloudFormation as the CDK CLI uses it: a template's resources exist, or the stack fails with the reason."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.cloudformation.dependencies import CircularError, in_order
from sandbox.cloudformation.types import TYPES
from tests.sandbox.cloudformation.cdk import Cdk, Resources

ACCOUNT, REGION = "123456789012", "us-east-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "inbox"}}


def role(name: str = "role", **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": name, "AssumeRolePolicyDocument": TRUST, **properties},
    }


def alarm(threshold: float, **properties: Any) -> dict[str, Any]:
    asked = {
        "AlarmName": "gate/5xx",
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        **properties,
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": asked}


def table(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TableName": "ledger",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            **properties,
        },
    }


def test_a_template_may_be_yaml(cdk: Cdk) -> None:
    cdk.api.create_stack(StackName="app", TemplateBody="Resources:\n  Inbox:\n    Type: AWS::SQS::Queue\n")
    assert cdk.status() == "CREATE_COMPLETE"


def test_a_button_in_a_chat_that_the_sandbox_does_not_have_is_nothing(cdk: Cdk) -> None:
    action = {"ActionName": "explain", "Definition": {"CommandText": "sts get-caller-identity"}}
    button: Resources = {"Button": {"Type": "AWS::Chatbot::CustomAction", "Properties": action}}
    assert cdk.deploy(button) == "CREATE_COMPLETE"


def test_a_stack_creates_its_resources_in_order_and_has_its_outputs(cdk: Cdk) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}
    resources: Resources = {
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Inbox"}], "PolicyDocument": policy},
        },
        "Inbox": {
            "Type": "AWS::SQS::Queue",
            "DependsOn": "First",
            "Properties": {
                "QueueName": {"Fn::Sub": "inbox-${AWS::Region}"},
                "VisibilityTimeout": 360,
                "SqsManagedSseEnabled": True,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5},
            },
        },
        "Dead": {"Type": "AWS::SQS::Queue"},
        "First": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 90}},
    }
    outputs = {"Outputs": {"Url": {"Value": {"Ref": "Inbox"}}, "Arn": {"Value": {"Fn::GetAtt": ["Inbox", "Arn"]}}}}
    assert cdk.deploy(resources, template=outputs) == "CREATE_COMPLETE"
    url = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/inbox-us-east-1"
    assert cdk.outputs() == {"Url": url, "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox-us-east-1"}
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "360"
    assert attributes["SqsManagedSseEnabled"] == "true"
    assert json.loads(attributes["Policy"]) == policy
    dead = cdk.physical("Dead").rsplit("/", 1)[-1]
    assert dead.startswith("app-Dead-")
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{dead}", "maxReceiveCount": 5}
    assert json.loads(attributes["RedrivePolicy"]) == redrive
    assert [e[0] for e in cdk.events("Inbox")] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_an_unchanged_stack_answers_with_the_sentence_that_the_cli_recognises(cdk: Cdk) -> None:
    cdk.deploy({"Q": QUEUE})
    change_set = cdk.propose({"Q": QUEUE}, "UPDATE")
    assert (change_set["Status"], change_set["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert change_set["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        cdk.api.execute_change_set(StackName="app", ChangeSetName="cdk-deploy-change-set")


def test_stacks_share_the_name_of_their_change_sets(cdk: Cdk) -> None:
    cdk.propose({"Q": QUEUE}, "CREATE", stack="one")
    two = cdk.propose({"T": {"Type": "AWS::SNS::Topic"}}, "CREATE", stack="two")
    assert [change["ResourceChange"]["LogicalResourceId"] for change in two["Changes"]] == ["T"]
    cdk.api.delete_change_set(StackName="one", ChangeSetName="cdk-deploy-change-set")
    with pytest.raises(cdk.api.exceptions.ChangeSetNotFoundException):
        cdk.api.describe_change_set(StackName="one", ChangeSetName="cdk-deploy-change-set")
    cdk.api.delete_change_set(StackName="one", ChangeSetName="cdk-deploy-change-set")
    assert cdk.api.describe_change_set(StackName="two", ChangeSetName="cdk-deploy-change-set")["StackName"] == "two"


def test_a_type_that_is_not_known_is_refused_before_anything_is_made(cdk: Cdk) -> None:
    with pytest.raises(ClientError, match=r'Unrecognized resource types: \["AWS::EC2::Instance"\]'):
        cdk.propose({"Q": QUEUE, "I": {"Type": "AWS::EC2::Instance"}}, "CREATE")


def test_a_property_that_is_not_known_fails_the_stack_and_rolls_it_back(cdk: Cdk) -> None:
    odd = {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}
    assert cdk.deploy({"Q": QUEUE, "Odd": odd}) == "ROLLBACK_COMPLETE"
    assert cdk.events("Odd")[-1] == ("CREATE_FAILED", "The sandbox does not model the properties Colour.")
    assert [e[0] for e in cdk.events("Q")][-2:] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert "QueueUrls" not in boto3.client("sqs").list_queues()


def test_a_refusal_by_a_service_fails_the_stack_with_its_message(cdk: Cdk) -> None:
    boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    assert cdk.deploy({"R": role()}) == "ROLLBACK_COMPLETE"
    status, reason = cdk.events("R")[-1]
    assert status == "CREATE_FAILED"
    assert reason is not None
    assert "Role with name role already exists" in reason


def test_a_failed_update_is_rolled_back(cdk: Cdk) -> None:
    cdk.deploy({"A": alarm(0.1), "Q": QUEUE})
    odd = {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}
    assert cdk.deploy({"A": alarm(0.5), "N": {"Type": "AWS::SNS::Topic"}, "Odd": odd}) == "UPDATE_ROLLBACK_COMPLETE"
    alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [a["Threshold"] for a in alarms] == [0.1]
    assert boto3.client("sns").list_topics()["Topics"] == []
    assert cdk.deploy({"A": alarm(0.2), "Q": QUEUE}) == "UPDATE_COMPLETE"


def test_an_update_changes_in_place_adds_and_removes(cdk: Cdk) -> None:
    unnamed = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}}
    cdk.deploy({"A": alarm(0.1), "U": unnamed, "Q": QUEUE})
    before = cdk.physical("U")
    boto3.client("cloudwatch").set_alarm_state(AlarmName="gate/5xx", StateValue="ALARM", StateReason="test")
    changed = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}}
    assert cdk.deploy({"A": alarm(0.5), "U": changed, "R": role()}) == "UPDATE_COMPLETE"
    assert cdk.physical("U") == before
    [found] = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (found["Threshold"], found["StateValue"]) == (0.5, "ALARM")
    assert boto3.client("sqs").list_queues()["QueueUrls"] == [before]
    assert boto3.client("iam").get_role(RoleName="role")["Role"]["RoleName"] == "role"


def test_a_change_reaches_those_who_refer_to_it(cdk: Cdk) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": {"Ref": "T"}}}
    cdk.deploy({"P": parameter, "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "one"}}})
    cdk.deploy({"P": parameter, "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "two"}}})
    found = boto3.client("ssm").get_parameter(Name="/p")["Parameter"]
    assert (found["Value"], found["Version"]) == (f"arn:aws:sns:{REGION}:{ACCOUNT}:two", 2)
    assert [t["TopicArn"] for t in boto3.client("sns").list_topics()["Topics"]] == [found["Value"]]


def test_a_named_resource_cannot_be_replaced(cdk: Cdk) -> None:
    cdk.deploy({"R": role(Path="/a/")})
    assert cdk.deploy({"R": role(Path="/b/")}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Rename role and update the stack again" in str(cdk.events("R")[-1][1])


def test_deletion_keeps_what_is_to_be_retained(cdk: Cdk) -> None:
    cdk.deploy({"L": table(DeletionProtectionEnabled=True), "A": alarm(0.1), "Q": QUEUE})
    cdk.api.delete_stack(StackName="app")
    assert cdk.status() == ""
    assert boto3.client("dynamodb").list_tables()["TableNames"] == ["ledger"]
    assert boto3.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert "QueueUrls" not in boto3.client("sqs").list_queues()


def test_a_retained_resource_is_found_again_only_where_import_is_asked_for(cdk: Cdk) -> None:
    cdk.deploy({"L": table()})
    boto3.client("dynamodb").put_item(TableName="ledger", Item={"pk": {"S": "row"}})
    cdk.api.delete_stack(StackName="app")
    assert cdk.deploy({"L": table()}) == "ROLLBACK_COMPLETE"
    cdk.api.delete_stack(StackName="app")

    assert cdk.deploy({"L": table(), "Q": QUEUE}, ImportExistingResources=True) == "CREATE_COMPLETE"
    assert [status for status, _ in cdk.events("L")] == ["CREATE_IN_PROGRESS", "IMPORT_COMPLETE"]
    assert boto3.client("dynamodb").scan(TableName="ledger")["Count"] == 1


def test_a_stack_that_could_not_be_made_leaves_what_it_imported(cdk: Cdk) -> None:
    kept = table() | {"DeletionPolicy": "RetainExceptOnCreate"}
    cdk.deploy({"L": kept})
    cdk.api.delete_stack(StackName="app")
    odd = {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}
    assert cdk.deploy({"L": kept, "Odd": odd}, ImportExistingResources=True) == "ROLLBACK_COMPLETE"
    assert boto3.client("dynamodb").list_tables()["TableNames"] == ["ledger"]


def test_a_failed_stack_deletes_its_new_resources_unless_they_are_to_be_retained_even_then(cdk: Cdk) -> None:
    odd = {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}
    assert cdk.deploy({"L": table() | {"DeletionPolicy": "RetainExceptOnCreate"}, "Odd": odd}) == "ROLLBACK_COMPLETE"
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []
    cdk.api.delete_stack(StackName="app")
    assert cdk.deploy({"L": table(), "Odd": odd}) == "ROLLBACK_COMPLETE"
    assert boto3.client("dynamodb").list_tables()["TableNames"] == ["ledger"]


def test_a_stack_under_termination_protection_is_not_deleted(cdk: Cdk) -> None:
    cdk.deploy({"Q": QUEUE})
    cdk.api.update_termination_protection(StackName="app", EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cdk.api.delete_stack(StackName="app")
    assert cdk.status() == "CREATE_COMPLETE"


def test_parameters_keep_their_previous_values(cdk: Cdk) -> None:
    boto3.client("ssm").put_parameter(Name="/version", Value="7", Type="String")
    template = {
        "Parameters": {
            "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"},
            "Seconds": {"Type": "Number", "Default": "30"},
        }
    }

    def queue(delay: int) -> Resources:
        timeout = {"VisibilityTimeout": {"Ref": "Seconds"}, "DelaySeconds": delay}
        return {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "q${Version}"}, **timeout}}}

    cdk.deploy(queue(1), template=template, Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "45"}])
    previous = [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Seconds", "Version")]
    assert cdk.deploy(queue(2), template=template, Parameters=previous) == "UPDATE_COMPLETE"
    url = boto3.client("sqs").get_queue_url(QueueName="q7")["QueueUrl"]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("45", "2")


def test_a_template_in_s3_is_read_wherever_s3_is(cdk: Cdk) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="cdk-assets")
    s3.put_object(Bucket="cdk-assets", Key="t.json", Body=json.dumps({"Resources": {"Q": QUEUE}}))
    for number, host in enumerate(
        ("http://127.0.0.1:4566", "http://localhost:4566", "https://s3.us-east-1.amazonaws.com")
    ):
        url = f"{host}/cdk-assets/t.json"
        cdk.api.create_change_set(StackName=f"s{number}", ChangeSetName="c", ChangeSetType="CREATE", TemplateURL=url)


def test_stacks_are_made_and_updated_without_change_sets_too(cdk: Cdk) -> None:
    cdk.api.create_stack(StackName="app", TemplateBody=json.dumps({"Resources": {"Q": QUEUE}}))
    cdk.api.update_stack(StackName="app", TemplateBody=json.dumps({"Resources": {"A": alarm(0.1)}}))
    assert cdk.status() == "UPDATE_COMPLETE"
    assert "QueueUrls" not in boto3.client("sqs").list_queues()
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cdk.api.update_stack(StackName="app", TemplateBody=json.dumps({"Resources": {"A": alarm(0.1)}}))


def test_a_condition_that_does_not_hold_makes_nothing(cdk: Cdk) -> None:
    conditional = {**QUEUE, "Condition": "Wanted"}
    cdk.deploy({"Q": conditional, "A": alarm(1)}, template={"Conditions": {"Wanted": {"Fn::Equals": ["a", "b"]}}})
    found = cdk.api.list_stack_resources(StackName="app")["StackResourceSummaries"]
    assert [resource["LogicalResourceId"] for resource in found] == ["A"]


def test_a_table_has_its_recovery_protection_and_stream(cdk: Cdk) -> None:
    asked = {
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "DeletionProtectionEnabled": True,
    }
    parameter: dict[str, Any] = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/stream", "Type": "String", "Value": {"Fn::GetAtt": ["L", "StreamArn"]}},
    }
    cdk.deploy({"L": table(**asked), "P": parameter})
    dynamodb = boto3.client("dynamodb")
    found = dynamodb.describe_table(TableName="ledger")["Table"]
    assert found["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert found["DeletionProtectionEnabled"] is True
    assert boto3.client("ssm").get_parameter(Name="/stream")["Parameter"]["Value"] == found["LatestStreamArn"]
    backups = dynamodb.describe_continuous_backups(TableName="ledger")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    cdk.deploy({"L": table(), "P": {**parameter, "Properties": {**parameter["Properties"], "Value": "x"}}})
    found = dynamodb.describe_table(TableName="ledger")["Table"]
    assert found["DeletionProtectionEnabled"] is False
    backups = dynamodb.describe_continuous_backups(TableName="ledger")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_function_has_its_settings_mapping_and_permission(cdk: Cdk) -> None:
    function: dict[str, Any] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "f",
            "Architectures": ["arm64"],
            "Code": {"ZipFile": "def handler(event, context): return 1"},
            "Environment": {"Variables": {"URL": {"Ref": "Q"}}},
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["R", "Arn"]},
            "Runtime": "python3.13",
            "Timeout": 60,
            "TracingConfig": {"Mode": "Active"},
        },
    }
    mapping: dict[str, Any] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "BatchSize": 5,
            "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]},
            "FunctionName": {"Ref": "F"},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
        },
    }
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": ["F", "Arn"]},
            "Principal": "events.amazonaws.com",
            "SourceArn": "arn:aws:events:us-east-1:123456789012:rule/r",
        },
    }
    cdk.deploy({"Q": QUEUE, "R": role(Path="/gate/"), "F": function, "M": mapping, "P": permission})
    api = boto3.client("lambda")
    found = api.get_function_configuration(FunctionName="f")
    assert found["Architectures"] == ["arm64"]
    assert (found["Timeout"], found["TracingConfig"]["Mode"]) == (60, "Active")
    assert found["Role"] == f"arn:aws:iam::{ACCOUNT}:role/gate/role"
    assert found["Environment"]["Variables"] == {"URL": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/inbox"}
    [mapped] = api.list_event_source_mappings(FunctionName="f")["EventSourceMappings"]
    assert (mapped["BatchSize"], mapped["FunctionResponseTypes"]) == (5, ["ReportBatchItemFailures"])
    [statement] = json.loads(api.get_policy(FunctionName="f")["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}

    function["Properties"]["Timeout"] = 30
    mapping["Properties"]["BatchSize"] = 1
    cdk.deploy({"Q": QUEUE, "R": role(Path="/gate/"), "F": function, "M": mapping, "P": permission})
    assert api.get_function_configuration(FunctionName="f")["Timeout"] == 30
    [changed] = api.list_event_source_mappings(FunctionName="f")["EventSourceMappings"]
    assert (changed["UUID"], changed["BatchSize"]) == (mapped["UUID"], 1)


def test_a_rule_has_its_pattern_schedule_and_targets(cdk: Cdk) -> None:
    target = {
        "Id": "inbox",
        "Arn": {"Fn::GetAtt": ["Q", "Arn"]},
        "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Q", "Arn"]}},
        "InputTransformer": {"InputPathsMap": {"event": "$"}, "InputTemplate": '{"event":<event>}'},
    }
    rule: dict[str, Any] = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": "gate",
            "EventPattern": {"source": ["aws.sagemaker"]},
            "ScheduleExpression": "rate(5 minutes)",
            "State": "ENABLED",
            "Targets": [target],
        },
    }
    cdk.deploy({"Q": QUEUE, "E": rule})
    api, queue = boto3.client("events"), f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox"
    found = api.describe_rule(Name="gate")
    assert json.loads(found["EventPattern"]) == {"source": ["aws.sagemaker"]}
    assert found["ScheduleExpression"] == "rate(5 minutes)"
    made = {**target, "Arn": queue, "DeadLetterConfig": {"Arn": queue}}
    assert api.list_targets_by_rule(Rule="gate")["Targets"] == [made]
    rule["Properties"]["Targets"] = [{"Id": "other", "Arn": queue}]
    cdk.deploy({"Q": QUEUE, "E": rule})
    assert api.list_targets_by_rule(Rule="gate")["Targets"] == [{"Id": "other", "Arn": queue}]
    cdk.api.delete_stack(StackName="app")
    assert api.list_rules()["Rules"] == []


def test_roles_have_their_inline_and_managed_policies(cdk: Cdk) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    inline = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "default", "PolicyDocument": document, "Roles": [{"Ref": "R"}]},
    }
    managed = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": "deny", "PolicyDocument": document, "Roles": [{"Ref": "R"}]},
    }
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    own = [{"PolicyName": "own", "PolicyDocument": document}]
    cdk.deploy({"R": role(ManagedPolicyArns=[basic], Policies=own), "I": inline, "M": managed})
    iam = boto3.client("iam")
    assert iam.list_role_policies(RoleName="role")["PolicyNames"] == ["own", "default"]
    attached = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == {basic, f"arn:aws:iam::{ACCOUNT}:policy/deny"}
    assert cdk.deploy({"R": role(), "M": managed}) == "UPDATE_COMPLETE"
    assert iam.list_role_policies(RoleName="role")["PolicyNames"] == []
    attached = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["deny"]
    cdk.api.delete_stack(StackName="app")
    assert iam.list_roles()["Roles"] == []


def test_an_encrypted_topic_keeps_its_key_and_policy(cdk: Cdk) -> None:
    everyone = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}]}
    resources = {
        "K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": everyone, "EnableKeyRotation": True}},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/gate", "TargetKeyId": {"Ref": "K"}},
        },
        "T": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"TopicName": "t", "KmsMasterKeyId": {"Fn::GetAtt": ["K", "Arn"]}},
        },
        "P": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "T"}], "PolicyDocument": everyone}},
        "Q": QUEUE,
        "S": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "T"},
                "Protocol": "sqs",
                "Endpoint": {"Fn::GetAtt": ["Q", "Arn"]},
                "RawMessageDelivery": True,
            },
        },
    }
    assert cdk.deploy(resources) == "CREATE_COMPLETE"
    sns, kms = boto3.client("sns"), boto3.client("kms")
    attributes = sns.get_topic_attributes(TopicArn=cdk.physical("T"))["Attributes"]
    assert json.loads(attributes["Policy"]) == everyone
    key = kms.describe_key(KeyId="alias/gate")["KeyMetadata"]
    assert attributes["KmsMasterKeyId"] == key["Arn"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    subscription = sns.get_subscription_attributes(SubscriptionArn=cdk.physical("S"))["Attributes"]
    assert subscription["RawMessageDelivery"] == "true"


def test_exports_reach_other_stacks(cdk: Cdk) -> None:
    export = {"Outputs": {"Url": {"Value": {"Ref": "Q"}, "Export": {"Name": "inbox-url"}}}}
    cdk.deploy({"Q": QUEUE}, stack="one", template=export)
    parameter = {"Name": "/p", "Type": "String", "Value": {"Fn::ImportValue": "inbox-url"}}
    cdk.deploy({"P": {"Type": "AWS::SSM::Parameter", "Properties": parameter}}, stack="two")
    url = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/inbox"
    assert boto3.client("ssm").get_parameter(Name="/p")["Parameter"]["Value"] == url


def test_resources_come_after_those_they_name() -> None:
    resources: Resources = {
        "a": {"Properties": {"x": {"Fn::Sub": "${b.Arn}-${AWS::Region}-${!Literal}"}}},
        "b": {"Properties": {"x": [{"Fn::GetAtt": ["c", "Arn"]}]}},
        "c": {"DependsOn": ["d"]},
        "d": {"Properties": {"x": {"Ref": "AWS::Region"}}},
    }
    assert in_order(resources) == ["d", "c", "b", "a"]
    resources["d"]["DependsOn"] = "a"
    with pytest.raises(CircularError):
        in_order(resources)


def test_every_type_that_the_cdk_bootstraps_with_is_known() -> None:
    assert TYPES.keys() >= {
        "AWS::ECR::Repository",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SSM::Parameter",
    }


FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "f",
        "Code": {"ZipFile": "x = 1"},
        "Handler": "index.x",
        "Role": {"Fn::GetAtt": ["R", "Arn"]},
        "Runtime": "python3.13",
    },
}

UNTAGGED = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}
LIFECYCLE = json.dumps({"rules": [{"rulePriority": 1, "selection": UNTAGGED, "action": {"type": "expire"}}]})


@pytest.mark.parametrize(
    ("type_", "properties", "changed"),
    [
        ("AWS::CloudWatch::Dashboard", {"DashboardName": "d", "DashboardBody": "{}"}, {"DashboardBody": '{"a": 1}'}),
        ("AWS::Logs::LogGroup", {"LogGroupName": "g", "RetentionInDays": 90}, {"RetentionInDays": 30}),
        (
            "AWS::ECR::Repository",
            {"RepositoryName": "repo"},
            {"LifecyclePolicy": {"LifecyclePolicyText": LIFECYCLE}},
        ),
        (
            "AWS::S3::Bucket",
            {"BucketName": "bucket", "Tags": [{"Key": "a", "Value": "1"}]},
            {
                "VersioningConfiguration": {"Status": "Enabled"},
                "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
                "LifecycleConfiguration": {"Rules": [{"Id": "x", "Status": "Enabled", "ExpirationInDays": 1}]},
            },
        ),
        (
            "AWS::DynamoDB::GlobalTable",
            {
                "TableName": "t",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "Replicas": [{"Region": REGION}],
            },
            {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": "true"}},
        ),
        (
            "AWS::Lambda::EventInvokeConfig",
            {"FunctionName": {"Ref": "F"}, "Qualifier": "$LATEST"},
            {"MaximumRetryAttempts": 0},
        ),
        ("AWS::SageMaker::ModelPackageGroup", {"ModelPackageGroupName": "g"}, {"Tags": [{"Key": "a", "Value": "1"}]}),
        ("AWS::CDK::Metadata", {"Analytics": "v2"}, {"Analytics": "v3"}),
    ],
)
def test_every_other_type_is_created_updated_and_deleted(
    cdk: Cdk, type_: str, properties: dict[str, Any], changed: dict[str, Any]
) -> None:
    def resources(asked: dict[str, Any]) -> Resources:
        return {"R": role(), "F": FUNCTION, "X": {"Type": type_, "Properties": asked}}

    assert (cdk.deploy(resources(properties)), cdk.events("X")[-1]) == ("CREATE_COMPLETE", ("CREATE_COMPLETE", None))
    before = cdk.physical("X")
    assert cdk.deploy(resources(properties | changed)) == "UPDATE_COMPLETE"
    assert (cdk.events("X")[-1], cdk.physical("X")) == (("UPDATE_COMPLETE", None), before)
    cdk.api.delete_stack(StackName="app")
    assert cdk.status() == ""
    assert cdk.deploy(resources(properties)) == "CREATE_COMPLETE"


def test_a_stack_whose_resource_cannot_be_deleted_stays(cdk: Cdk) -> None:
    cdk.deploy({"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}}, "Q": QUEUE})
    boto3.client("s3").put_object(Bucket="full", Key="k", Body="x")
    cdk.api.delete_stack(StackName="app")
    assert cdk.status() == "DELETE_FAILED"
    assert "BucketNotEmpty" in str(cdk.events("B")[-1][1])
    boto3.client("s3").delete_object(Bucket="full", Key="k")
    cdk.api.delete_stack(StackName="app")
    assert cdk.status() == ""
