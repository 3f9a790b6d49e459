"""GateStack: what all endpoints share."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.asset.bundle import Asset
from infra.config.sections.functions import Functions
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Ledger
from infra.constructs.capacity import RESERVED
from infra.constructs.orders import RECEIVES
from lambdas.gate import names, timing
from lambdas.gate.aws.orders import AGAIN_SECONDS
from lambdas.gate.settings import ROLE_ID, Settings, bucket_marks, role_id
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Gate
from lambdas.gate.state.orders import OrderKind
from lambdas.gate.version import VERSION
from lambdas.janitor.policy import Mode, Policy
from tests.infra.synthesized import Template, endpoints_named, of_type, one, resolved, synthesize


def queue(gate: Template, name: str) -> dict[str, Any]:
    return one(gate, "AWS::SQS::Queue", QueueName=name)


def policy_of(gate: Template, name: str) -> list[dict[str, Any]]:
    """A queue's policy, resolved."""
    (found,) = [
        policy["PolicyDocument"]["Statement"]
        for policy in resolved(gate, of_type(gate, "AWS::SQS::QueuePolicy"))
        if policy["Queues"][0].endswith(f"/{name}")
    ]
    statements: list[dict[str, Any]] = found
    return statements


def function(gate: Template, name: str) -> dict[str, Any]:
    return one(gate, "AWS::Lambda::Function", FunctionName=name)


def test_the_inbox_is_encrypted_and_gives_up_after_five_deliveries_into_the_dead_letters(gate: Template) -> None:
    assert resolved(gate, queue(gate, names.INBOX)) == {
        "QueueName": "approval-gate-inbox",
        "SqsManagedSseEnabled": True,
        "VisibilityTimeout": timing.VISIBILITY_TIMEOUT,
        "RedrivePolicy": {
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters",
            "maxReceiveCount": 5,
        },
    }
    assert queue(gate, names.DEAD_LETTERS) == {
        "QueueName": "approval-gate-dead-letters",
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": 14 * 24 * 3600,
    }


def test_only_rules_and_functions_of_this_gate_may_send_and_only_over_tls(gate: Template) -> None:
    for name in (names.INBOX, names.DEAD_LETTERS):
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        assert policy_of(gate, name) == [
            {
                "Action": "sqs:*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Resource": arn,
            },
            {
                "Action": "sqs:SendMessage",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/approval-gate-*"},
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                },
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Resource": arn,
                "Sid": "RulesOfThisGate",
            },
            {
                "Action": "sqs:SendMessage",
                "Condition": {
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    "ArnNotLike": {
                        "aws:PrincipalArn": [
                            f"arn:aws:iam::123456789012:role/approval-gate-us-east-1.{function}"
                            for function in ("deployer", "publisher", "janitor", "prober-*", "comparer-*")
                        ]
                    },
                },
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Resource": arn,
                "Sid": "OnlyFunctionsOfThisGate",
            },
        ]


def alarm_named(gate: Template, name: str) -> dict[str, Any]:
    (alarm,) = (each for each in resolved(gate, of_type(gate, "AWS::CloudWatch::Alarm")) if each["AlarmName"] == name)
    return dict(alarm)


def test_orders_have_queues_of_their_own_and_come_again_until_they_expire(gate: Template) -> None:
    assert resolved(gate, queue(gate, names.ORDERS)) == {
        "QueueName": "approval-gate-orders.fifo",
        "FifoQueue": True,
        "SqsManagedSseEnabled": True,
        "VisibilityTimeout": timing.ORDERS_VISIBILITY_TIMEOUT,
        "RedrivePolicy": {
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-orders-dead-letters.fifo",
            "maxReceiveCount": RECEIVES,
        },
    }
    assert queue(gate, names.ORDERS_DEAD_LETTERS) == {
        "QueueName": "approval-gate-orders-dead-letters.fifo",
        "FifoQueue": True,
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": 14 * 24 * 3600,
    }
    assert max(kind.lifetime for kind in OrderKind) / AGAIN_SECONDS < RECEIVES
    assert min(kind.lifetime for kind in OrderKind) > 2 * timing.ORDERS_VISIBILITY_TIMEOUT


def test_only_principals_of_this_account_send_orders_and_no_service(gate: Template) -> None:
    for name in (names.ORDERS, names.ORDERS_DEAD_LETTERS):
        (_, own) = policy_of(gate, name)
        assert own == {
            "Action": "sqs:SendMessage",
            "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": f"arn:aws:sqs:us-east-1:123456789012:{name}",
            "Sid": "PrincipalsOfThisAccountOnly",
        }


def test_orders_do_not_wait_for_the_inbox(gate: Template) -> None:
    mappings = {
        each["EventSourceArn"].rpartition(":")[2]: each
        for each in resolved(gate, of_type(gate, "AWS::Lambda::EventSourceMapping"))
    }
    assert {
        name: each["ScalingConfig"]["MaximumConcurrency"]
        for name, each in mappings.items()
        if "sqs" in each["EventSourceArn"]
    } == {
        names.INBOX: 5,
        names.ORDERS: 2,
    }
    assert mappings[names.ORDERS]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_one_order_in_the_dead_letters_is_an_alarm(gate: Template) -> None:
    alarm = resolved(gate, one(gate, "AWS::CloudWatch::Alarm", AlarmName="approval-gate-orders-dead-letters"))
    assert (alarm["Threshold"], alarm["Dimensions"]) == (
        1,
        [{"Name": "QueueName", "Value": names.ORDERS_DEAD_LETTERS}],
    )
    assert "AlarmActions" not in alarm


def test_one_dead_letter_is_an_alarm(gate: Template) -> None:
    alarm = alarm_named(gate, names.DEAD_LETTERS)
    assert alarm == {
        "AlarmName": "approval-gate-dead-letters",
        "AlarmDescription": "Approval Gate could not handle a message. To see it: approval-gate dead-letters",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "approval-gate-dead-letters"}],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }


def test_the_ledger_is_kept_protected_and_streamed(gate: Template) -> None:
    (table,) = [body for body in gate["Resources"].values() if body["Type"] == "AWS::DynamoDB::Table"]
    assert {key: table[key] for key in ("DeletionPolicy", "UpdateReplacePolicy")} == {
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }
    assert table["Properties"] == {
        "TableName": "approval-gate-ledger",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "ResourcePolicy": table["Properties"]["ResourcePolicy"],
    }


def test_the_ledger_s_table_is_changed_by_deployments_only(gate: Template) -> None:
    table = resolved(gate, one(gate, "AWS::DynamoDB::Table"))
    (changes,) = (
        each for each in table["ResourcePolicy"]["PolicyDocument"]["Statement"] if each["Sid"] == "OnlyDeployments"
    )
    assert changes == {
        "Sid": "OnlyDeployments",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": [
            "dynamodb:DeleteResourcePolicy",
            "dynamodb:DeleteTable",
            "dynamodb:PutResourcePolicy",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ],
        "Resource": "*",
        "Condition": {
            "ArnNotLike": {
                "aws:PrincipalArn": [
                    "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-us-east-1"
                ]
            }
        },
    }


def test_items_of_the_ledger_are_written_by_the_functions_only(gate: Template) -> None:
    table = resolved(gate, one(gate, "AWS::DynamoDB::Table"))
    (writes,) = (
        each for each in table["ResourcePolicy"]["PolicyDocument"]["Statement"] if each["Sid"] == "OnlyTheFunctions"
    )
    role = "arn:aws:iam::123456789012:role/approval-gate-us-east-1."
    assert (writes["Effect"], writes["Principal"], writes["Resource"]) == ("Deny", {"AWS": "*"}, "*")
    assert writes["Action"] == [
        f"dynamodb:{action}"
        for action in (
            "BatchWriteItem",
            "DeleteItem",
            "PartiQLDelete",
            "PartiQLInsert",
            "PartiQLUpdate",
            "PutItem",
            "UpdateItem",
        )
    ]
    assert writes["Condition"] == {
        "ArnNotLike": {"aws:PrincipalArn": [f"{role}{name}" for name in ("deployer", "publisher", "janitor")]}
    }


def test_an_alarm_tells_that_an_endpoint_is_stopped_because_its_ledger_was_changed(gate: Template) -> None:
    alarm = alarm_named(gate, "approval-gate-ledger-changed")
    metric = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions", "Statistic", "Period", "Threshold")}
    assert metric == {
        "Namespace": "ApprovalGate",
        "MetricName": "EndpointsStopped",
        "Dimensions": [{"Name": "service", "Value": "approval-gate-deployer"}],
        "Statistic": "Sum",
        "Period": 3600,
        "Threshold": 1,
    }


def test_the_topic_is_under_a_rotated_key_that_alarms_can_use(gate: Template) -> None:
    assert resolved(gate, one(gate, "AWS::SNS::Topic")) == {
        "TopicName": "approval-gate-notifications",
        "KmsMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }
    key = resolved(gate, one(gate, "AWS::KMS::Key"))
    assert key["EnableKeyRotation"] is True
    assert key["KeyPolicy"]["Statement"] == [
        {
            "Action": "kms:*",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Resource": "*",
        },
        {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:approval-gate-publisher-failing"
                },
                "StringEquals": {"aws:SourceAccount": "123456789012"},
            },
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Resource": "*",
            "Sid": "AlarmsPublishEncrypted",
        },
    ]


def test_only_this_gates_alarms_may_publish_and_only_over_tls(gate: Template) -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications"
    assert resolved(gate, one(gate, "AWS::SNS::TopicPolicy"))["PolicyDocument"]["Statement"] == [
        {
            "Action": "sns:Publish",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            "Effect": "Deny",
            "Principal": "*",
            "Resource": arn,
            "Sid": "AllowPublishThroughSSLOnly",
        },
        {
            "Action": "sns:Publish",
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:approval-gate-publisher-failing"
                },
                "StringEquals": {"aws:SourceAccount": "123456789012"},
            },
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Resource": arn,
            "Sid": "AlarmAboutThePublisher",
        },
    ]


TIMEOUTS = {
    "deployer": timing.FUNCTION_TIMEOUT,
    "publisher": timing.FUNCTION_TIMEOUT,
    "janitor": timing.JANITOR_TIMEOUT,
}
"""Of each function, by its folder."""


def test_the_functions_are_configured_alike(gate: Template) -> None:
    functions = {each["FunctionName"]: each for each in of_type(gate, "AWS::Lambda::Function")}
    assert set(functions) == {f"approval-gate-{folder}" for folder in TIMEOUTS}
    for folder, timeout in TIMEOUTS.items():
        name = f"approval-gate-{folder}"
        made = functions[name]
        assert {key: made[key] for key in ("Architectures", "Handler", "MemorySize", "Runtime", "Timeout")} == {
            "Architectures": ["arm64"],
            "Handler": f"lambdas.start.{folder}",
            "MemorySize": 512,
            "Runtime": "python3.14",
            "Timeout": timeout,
        }
        assert made["TracingConfig"] == {"Mode": "Active"}
        assert resolved(gate, made["LoggingConfig"]) == {"LogGroup": f"/aws/lambda/{name}"}
        assert one(gate, "AWS::Logs::LogGroup", LogGroupName=f"/aws/lambda/{name}")["RetentionInDays"] == 90


def test_a_function_reads_back_the_settings_that_the_stack_wrote(gate: Template, functions: Asset) -> None:
    for name in (names.DEPLOYER, names.PUBLISHER):
        environment = resolved(gate, function(gate, name))["Environment"]["Variables"]
        assert Settings.from_env(environment) == Settings(
            ledger_table="approval-gate-ledger",
            inbox_url="https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-inbox",
            topic_arn="arn:aws:sns:us-east-1:123456789012:approval-gate-notifications",
            orders_url="https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-orders.fifo",
            orders_arn="arn:aws:sqs:us-east-1:123456789012:approval-gate-orders.fifo",
            buckets=bucket_marks(["example-models"]),
            registries="*",
            readers="arn:aws:iam::123456789012:role/approval-gate-us-east-1.reader-",
            asset=functions.digest,
            notification_format="email",
        )
        own = {ROLE_ID: role_id(environment)} if name == names.DEPLOYER else {}
        assert environment == Settings.from_env(environment).to_env() | own


def test_the_deployer_knows_the_id_of_its_own_role(gate: Template) -> None:
    (role,) = [name for name, body in gate["Resources"].items() if is_role_of(body, names.DEPLOYER)]
    assert function(gate, names.DEPLOYER)["Environment"]["Variables"][ROLE_ID] == {"Fn::GetAtt": [role, "RoleId"]}


def is_role_of(body: Any, name: str) -> bool:
    return body["Type"] == "AWS::IAM::Role" and f".{name.removeprefix('approval-gate-')}" in str(body["Properties"])


def test_the_janitor_only_says_what_it_would_delete_unless_the_file_says_more(
    gate: Template, functions: Asset, tmp_path: Path
) -> None:
    environment = resolved(gate, function(gate, names.JANITOR))["Environment"]["Variables"]
    assert Policy.from_env(environment) == Policy(Mode.DRY_RUN, retention_days=30, keep_good=3, failed_endpoint_days=7)
    assert environment.items() >= Settings.from_env(environment).to_env().items()
    keys = Janitor(mode="delete", retention_days=45, keep_good=5, failed_endpoint_days=14)
    told = synthesize((), functions, tmp_path, janitor=keys)["ApprovalGate"]
    assert Policy.from_env(function(told, names.JANITOR)["Environment"]["Variables"]) == Policy(
        Mode.DELETE, retention_days=45, keep_good=5, failed_endpoint_days=14
    )


def test_switched_off_there_is_no_janitor(gate: Template, functions: Asset, tmp_path: Path) -> None:
    without = synthesize((), functions, tmp_path, janitor=Janitor(mode="off"))["ApprovalGate"]
    assert "anitor" in json.dumps(gate)
    assert "anitor" not in json.dumps(without)
    assert names.GARBAGE not in json.dumps(of_type(without, "AWS::Events::Rule"))


def test_the_inbox_invokes_the_deployer_a_few_at_a_time_and_takes_back_what_failed(gate: Template) -> None:
    mappings = resolved(gate, of_type(gate, "AWS::Lambda::EventSourceMapping"))
    inbox, _ = [each for each in mappings if each["FunctionName"] == names.DEPLOYER]
    assert inbox == {
        "BatchSize": 10,
        "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-inbox",
        "FunctionName": "approval-gate-deployer",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 5},
    }


def test_the_ledgers_stream_invokes_the_publisher_for_new_rows_and_sets_a_bad_one_aside(gate: Template) -> None:
    mappings = resolved(gate, of_type(gate, "AWS::Lambda::EventSourceMapping"))
    (stream,) = [each for each in mappings if each["FunctionName"] == names.PUBLISHER]
    pattern = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "row#"}]}}}}
    assert json.loads(stream.pop("FilterCriteria")["Filters"][0]["Pattern"]) == pattern
    assert stream == {
        "BatchSize": 10,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {
            "OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"}
        },
        "EventSourceArn": ("arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger/stream/LABEL"),
        "FunctionName": "approval-gate-publisher",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRecordAgeInSeconds": 21600,
        "MaximumRetryAttempts": 5,
        "StartingPosition": "TRIM_HORIZON",
    }


def test_changes_of_alarms_go_to_the_publisher_and_only_its_own_alarm_goes_to_the_topic(gate: Template) -> None:
    (rule,) = resolved(gate, [one(gate, "AWS::Events::Rule", Name="approval-gate-alarm.states")])
    assert rule == {
        "Name": "approval-gate-alarm.states",
        "Description": "Sends a notification when an alarm of Approval Gate fires, and when it is OK again.",
        "EventPattern": {
            "account": ["123456789012"],
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {
                "alarmName": [
                    "approval-gate-dead-letters",
                    "approval-gate-orders-dead-letters",
                    "approval-gate-ledger-changed",
                    {"wildcard": "approval-gate/*/standing/*"},
                ],
                "state": {"value": ["ALARM", "OK"]},
            },
        },
        "State": "ENABLED",
        "Targets": [
            {
                "Arn": "arn:aws:lambda:us-east-1:123456789012:function:approval-gate-publisher",
                "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"},
                "Id": "Target0",
                "RetryPolicy": {"MaximumEventAgeInSeconds": 3600},
            }
        ],
    }
    alarms = resolved(gate, of_type(gate, "AWS::CloudWatch::Alarm"))
    topic = ["arn:aws:sns:us-east-1:123456789012:approval-gate-notifications"]
    assert {alarm["AlarmName"]: alarm["AlarmActions"] for alarm in alarms if "AlarmActions" in alarm} == {
        "approval-gate-publisher-failing": topic
    }


def test_two_schedules_repair_what_was_lost_and_one_clears_away_what_was_left(gate: Template) -> None:
    dead_letters = {"Arn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"}
    rules = {rule.pop("Name"): rule for rule in resolved(gate, of_type(gate, "AWS::Events::Rule"))}
    assert rules.pop("approval-gate-alarm.states")["EventPattern"]
    assert rules == {
        "approval-gate-sweep.outbox": {
            "Description": "Publishes the rows of the ledger that its stream lost.",
            "ScheduleExpression": "rate(5 minutes)",
            "State": "ENABLED",
            "Targets": [
                {
                    "Arn": "arn:aws:lambda:us-east-1:123456789012:function:approval-gate-publisher",
                    "DeadLetterConfig": dead_letters,
                    "Id": "Target0",
                    "Input": '{"sweep":"outbox"}',
                    "RetryPolicy": {"MaximumRetryAttempts": 0},
                }
            ],
        },
        "approval-gate-sweep.open-attempts": {
            "Description": "Closes attempts of endpoints whose own stack is gone.",
            "ScheduleExpression": "rate(15 minutes)",
            "State": "ENABLED",
            "Targets": [
                {
                    "Arn": "arn:aws:sqs:us-east-1:123456789012:approval-gate-inbox",
                    "DeadLetterConfig": dead_letters,
                    "Id": "Target0",
                    "Input": '{"sweep":"open-attempts"}',
                }
            ],
        },
        "approval-gate-sweep.garbage": {
            "Description": "Deletes what nothing needs any more, or says what it would delete.",
            "ScheduleExpression": "rate(1 day)",
            "State": "ENABLED",
            "Targets": [
                {
                    "Arn": "arn:aws:lambda:us-east-1:123456789012:function:approval-gate-janitor",
                    "DeadLetterConfig": dead_letters,
                    "Id": "Target0",
                    "Input": '{"sweep":"garbage"}',
                    "RetryPolicy": {"MaximumRetryAttempts": 0},
                }
            ],
        },
    }
    permissions = resolved(gate, of_type(gate, "AWS::Lambda::Permission"))
    invoked = [("publisher", "alarm.states"), ("janitor", "sweep.garbage"), ("publisher", "sweep.outbox")]
    assert sorted(permissions, key=lambda each: str(each["SourceArn"])) == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": f"arn:aws:lambda:us-east-1:123456789012:function:approval-gate-{function}",
            "Principal": "events.amazonaws.com",
            "SourceArn": f"arn:aws:events:us-east-1:123456789012:rule/approval-gate-{rule}",
        }
        for function, rule in invoked
    ]


def test_the_overview_searches_for_metrics_so_that_it_never_grows(gate: Template) -> None:
    dashboard = resolved(gate, one(gate, "AWS::CloudWatch::Dashboard"))
    assert dashboard["DashboardName"] == "approval-gate-us-east-1"
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    assert [widget["properties"]["title"] for widget in widgets] == [
        "What the gate did",
        "Errors and throttles of the functions",
        "Inbox: waiting, and the age of the oldest in seconds",
        "Dead letters",
    ]
    assert widgets[0]["properties"]["metrics"] == [[{"expression": "SEARCH('Namespace=\"ApprovalGate\"', 'Sum', 300)"}]]


def test_the_outputs_are_what_an_operator_needs(gate: Template, functions: Asset) -> None:
    assert {key: resolved(gate, output["Value"]) for key, output in gate["Outputs"].items()} == {
        "Version": VERSION,
        "Asset": functions.digest,
        "InboxUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-inbox",
        "DeadLettersUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-dead-letters",
        "OrdersUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-orders.fifo",
        "LedgerTable": "approval-gate-ledger",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications",
        "DeployerFunction": "approval-gate-deployer",
        "PublisherFunction": "approval-gate-publisher",
        "JanitorFunction": "approval-gate-janitor",
        "Dashboard": "approval-gate-us-east-1",
        "DeployerRoleArn": "arn:aws:iam::123456789012:role/approval-gate-us-east-1.deployer",
        "MayApprovePolicy": "arn:aws:iam::123456789012:policy/approval-gate-may-approve-us-east-1",
        "MayRegisterPolicy": "arn:aws:iam::123456789012:policy/approval-gate-may-register-us-east-1",
        "ViewerPolicy": "arn:aws:iam::123456789012:policy/approval-gate-viewer-us-east-1",
        "OperatorPolicy": "arn:aws:iam::123456789012:policy/approval-gate-operator-us-east-1",
        "AuditorPolicy": "arn:aws:iam::123456789012:policy/approval-gate-auditor-us-east-1",
        "MayStopPolicy": "arn:aws:iam::123456789012:policy/approval-gate-stop-us-east-1",
    }


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_the_write_once_copy_is_a_locked_bucket_that_outlives_the_stack(
    functions: Asset, tmp_path: Path, gate: Template, mode: str
) -> None:
    assert of_type(gate, "AWS::S3::Bucket") == []
    ledger = Ledger.model_validate({"copy": {"mode": mode, "retention_days": 3650}, "annotate_registry": True})
    template = synthesize((), functions, tmp_path, ledger=ledger)["ApprovalGate"]
    name = "approval-gate-ledger-copy-123456789012-us-east-1"
    (bucket,) = [body for body in template["Resources"].values() if body["Type"] == "AWS::S3::Bucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert resolved(template, bucket["Properties"]) == {
        "BucketName": name,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Days": 3650, "Mode": mode}},
        },
        "ObjectLockEnabled": True,
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "VersioningConfiguration": {"Status": "Enabled"},
    }
    assert resolved(template, one(template, "AWS::S3::BucketPolicy"))["PolicyDocument"]["Statement"] == [
        {
            "Action": "s3:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        },
        {
            "Action": "s3:PutObject",
            "Condition": {"Null": {"s3:if-none-match": "true"}},
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": f"arn:aws:s3:::{name}/*",
            "Sid": "EachRowOnce",
        },
        {
            "Action": "s3:PutObject",
            "Condition": {
                "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/approval-gate-us-east-1.publisher"}
            },
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": f"arn:aws:s3:::{name}/*",
            "Sid": "OnlyThePublisher",
        },
    ]
    environment = resolved(template, function(template, names.PUBLISHER))["Environment"]["Variables"]
    settings = Settings.from_env(environment)
    assert (settings.copy_bucket, settings.annotate_registry) == (name, True)
    assert resolved(template, template["Outputs"]["LedgerCopyBucket"]["Value"]) == name


def test_the_floor_is_a_parameter_that_the_deployer_knows_of(functions: Asset, tmp_path: Path, gate: Template) -> None:
    assert of_type(gate, "AWS::SSM::Parameter") == []
    floor = Floor(Gate(four_eyes=True), golden_requests=True)
    template = synthesize((), functions, tmp_path, floor=floor)["ApprovalGate"]
    parameter = one(template, "AWS::SSM::Parameter")
    assert (parameter["Name"], parameter["Type"]) == ("/approval-gate/floor", "String")
    assert Floor.from_json(parameter["Value"]) == floor
    for found, expected in ((gate, False), (template, True)):
        environment = resolved(found, function(found, names.DEPLOYER))["Environment"]["Variables"]
        assert Settings.from_env(environment).floor is expected


def test_the_deployer_has_its_floor_before_it_asks_for_it(functions: Asset, tmp_path: Path) -> None:
    template = synthesize((), functions, tmp_path, floor=Floor(Gate()))["ApprovalGate"]
    (parameter,) = (name for name, body in template["Resources"].items() if body["Type"] == "AWS::SSM::Parameter")
    deployer = next(
        body
        for body in template["Resources"].values()
        if body["Type"] == "AWS::Lambda::Function" and body["Properties"]["FunctionName"] == names.DEPLOYER
    )
    assert parameter in deployer["DependsOn"]


@pytest.mark.parametrize("is_sealed", [True, False])
def test_the_key_of_the_seals_is_for_the_functions_that_write_rows(
    functions: Asset, tmp_path: Path, is_sealed: bool
) -> None:
    template = synthesize((), functions, tmp_path, ledger=Ledger(seal=is_sealed))["ApprovalGate"]
    found = [
        body
        for body in template["Resources"].values()
        if body["Type"] == "AWS::KMS::Key" and body["Properties"].get("KeyUsage")
    ]
    environments = [
        Settings.from_env(resolved(template, function(template, name))["Environment"]["Variables"])
        for name in (names.DEPLOYER, names.JANITOR)
    ]
    if not is_sealed:
        assert (found, {each.seal_key for each in environments}) == ([], {""})
        return
    ((key),) = found
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = resolved(template, key["Properties"])
    assert (properties["KeySpec"], properties["KeyUsage"]) == ("HMAC_256", "GENERATE_VERIFY_MAC")
    assert one(template, "AWS::KMS::Alias")["AliasName"] == names.SEAL_KEY
    denied = {
        each["Sid"]: (each["Action"], each["Condition"]["ArnNotLike"]["aws:PrincipalArn"])
        for each in properties["KeyPolicy"]["Statement"]
        if each["Effect"] == "Deny"
    }
    role = "arn:aws:iam::123456789012:role/"
    assert denied == {
        "OnlyTheFunctions": (
            "kms:GenerateMac",
            [f"{role}approval-gate-us-east-1.deployer", f"{role}approval-gate-us-east-1.janitor"],
        ),
        "OnlyDeployments": (
            [
                "kms:CreateGrant",
                "kms:DeleteAlias",
                "kms:DisableKey",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:UpdateAlias",
            ],
            [f"{role}cdk-hnb659fds-cfn-exec-role-123456789012-us-east-1"],
        ),
    }
    assert all(each.seal_key.startswith("arn:aws:kms:") for each in environments)


A_KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"


def test_a_key_of_the_user_s_encrypts_the_ledger_for_who_reads_and_writes_it(functions: Asset, tmp_path: Path) -> None:
    template = synthesize((), functions, tmp_path, ledger=Ledger(kms_key=A_KEY))["ApprovalGate"]
    (table,) = resolved(template, of_type(template, "AWS::DynamoDB::Table"))
    assert table["SSESpecification"] == {"KMSMasterKeyId": A_KEY, "SSEEnabled": True, "SSEType": "KMS"}
    policies = (*of_type(template, "AWS::IAM::Policy"), *of_type(template, "AWS::IAM::ManagedPolicy"))
    allowed = {
        policy.get("ManagedPolicyName") or policy["Roles"][0]: each["Condition"]
        for policy in resolved(template, list(policies))
        for each in policy["PolicyDocument"]["Statement"]
        if each.get("Sid") == "UseTheKeyOfTheLedger" and each["Resource"] == A_KEY
    }
    through = {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}
    roles = [f"approval-gate-us-east-1.{name}" for name in ("deployer", "janitor", "publisher")]
    people = [f"approval-gate-{name}-us-east-1" for name in ("viewer", "operator", "auditor")]
    assert allowed == dict.fromkeys((*roles, *people), through)


def test_a_key_of_the_user_s_encrypts_every_log_group_of_every_stack(functions: Asset, tmp_path: Path) -> None:
    endpoints = endpoints_named("churn", golden_requests="golden/fraud-detection.jsonl")
    stacks = synthesize(endpoints, functions, tmp_path, settings=Functions(logs_kms_key=A_KEY))
    groups = [group for template in stacks.values() for group in of_type(template, "AWS::Logs::LogGroup")]
    assert [group["KmsKeyId"] for group in groups] == [A_KEY] * len(groups)
    assert len(groups) == 4


def test_without_keys_of_the_user_s_aws_has_its_own(gate: Template) -> None:
    (table,) = of_type(gate, "AWS::DynamoDB::Table")
    assert "SSESpecification" not in table
    assert not [group for group in of_type(gate, "AWS::Logs::LogGroup") if "KmsKeyId" in group]


@pytest.mark.parametrize("is_reserved", [True, False])
def test_concurrency_is_reserved_only_if_the_file_says_so(functions: Asset, tmp_path: Path, is_reserved: bool) -> None:
    chosen = Functions(reserve_concurrency=is_reserved)
    template = synthesize((), functions, tmp_path, settings=chosen)["ApprovalGate"]
    reserved = {
        each["FunctionName"]: each["ReservedConcurrentExecutions"]
        for each in of_type(template, "AWS::Lambda::Function")
        if "ReservedConcurrentExecutions" in each
    }
    expected = {names.DEPLOYER: 7, names.PUBLISHER: 5, names.JANITOR: 1}
    assert reserved == (expected if is_reserved else {})


def test_the_deployer_has_room_for_all_that_its_queues_invoke_at_the_same_time(gate: Template) -> None:
    mappings = of_type(gate, "AWS::Lambda::EventSourceMapping")
    at_most = [each["ScalingConfig"]["MaximumConcurrency"] for each in mappings if "ScalingConfig" in each]
    assert sum(at_most) == RESERVED[names.DEPLOYER]
