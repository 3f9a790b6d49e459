"""What `doctor` expects of the gate and of an endpoint: each answer of AWS, what is seen, and the fix. The answers are
held against botocore's models. Real breakages: tests/e2e/test_doctor.py."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from lambdas.gate import names
from lambdas.gate.spec.serving import Capture, Serving
from lambdas.gate.spec.shadow import Comparer
from lambdas.gate.spec.spec import Golden, Size, SizeType, Spec, Strategy
from lambdas.gate.state.head import Head
from ops.account import Account
from ops.checks import outsiders
from ops.checks.endpoint import EndpointCheck
from ops.checks.expectation import Expectation, Verdict, ask_all
from ops.checks.gate import GateCheck
from ops.checks.outsiders import OutsidersCheck
from ops.errors import Refused
from tests.lambdas.builders import SPEC
from tests.ledger_table import ledger_table
from tests.ops.test_checks import AGREES, DIFFERS, NOT_SEEN
from tests.ops.test_checks import Account as Scripted
from tests.ops.test_cli import HEAD, World

NOT_READ = Verdict.NOT_READ
NOW = 1_800_000_000.0
TOPIC = f"arn:aws:sns:us-east-1:123456789012:{names.TOPIC}"
GET_TEMPLATE = "aws cloudformation get-template --stack-name ApprovalGate"
TEMPLATE = f"Make it again as the template of its stack has it: {GET_TEMPLATE}"

Says = tuple[str, str, dict[str, Any]]
Told = tuple[Verdict, str, str]
NAME = SPEC.endpoint


@pytest.fixture
def account() -> Iterator[Scripted]:
    with ExitStack() as running:
        yield Scripted(running)


def told(expectations: list[Expectation], beginning: str) -> Told:
    (found,) = ask_all(each for each in expectations if each.text.startswith(beginning))
    return found.answer.verdict, found.answer.seen, "" if found.fix is None else found.fix


def counts(visible: int, hidden: int = 0) -> list[Says]:
    found = {"ApproximateNumberOfMessages": str(visible), "ApproximateNumberOfMessagesNotVisible": str(hidden)}
    return [
        ("sqs", "get_queue_url", {"QueueUrl": "https://sqs/queue"}),
        ("sqs", "get_queue_attributes", {"Attributes": found}),
    ]


def source(arn: str, state: str = "Enabled") -> dict[str, str]:
    return {"UUID": "11111111-2222-3333-4444-555555555555", "EventSourceArn": arn, "State": state}


INBOX, ORDERS = (f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in (names.INBOX, names.ORDERS))
STREAM = f"arn:aws:dynamodb:us-east-1:123456789012:table/{names.LEDGER}/stream/2026-11-30T00:00:00.000"
LOG = "Read the deployer's log: aws logs tail /aws/lambda/approval-gate-deployer --since 1h"
DEPLOYERS, PUBLISHERS = (f"approval-gate-{name} gets" for name in ("deployer", "publisher"))
WAITS = f"no message waits too long in {names.INBOX}"


def mappings(*found: dict[str, str]) -> list[Says]:
    return [("lambda", "list_event_source_mappings", {"EventSourceMappings": list(found)})]


def age(seconds: float) -> Says:
    points = [{"Timestamp": datetime.fromtimestamp(NOW - 60, UTC), "Maximum": seconds}]
    return ("cloudwatch", "get_metric_statistics", {"Datapoints": points})


def outbox(*ages: int) -> list[Says]:
    items = [
        {"sk": {"S": f"churn#{number:010d}"}, "at": {"N": repr(NOW - each)}} for number, each in enumerate(ages, 1)
    ]
    return [("dynamodb", "query", {"Items": items})]


def alarm(name: str, **more: Any) -> dict[str, Any]:
    made = {"AlarmName": name, "StateValue": "OK", "ActionsEnabled": True, "AlarmActions": [TOPIC]}
    return made | more


def alarms(*found: dict[str, Any]) -> list[Says]:
    return [("cloudwatch", "describe_alarms", {"MetricAlarms": list(found)})]


def key(state: str) -> list[Says]:
    return [("kms", "describe_key", {"KeyMetadata": {"KeyId": "k", "KeyState": state}})]


SUBSCRIPTIONS = [{"SubscriptionArn": f"{TOPIC}:1"}, {"SubscriptionArn": "PendingConfirmation"}]
UNPUBLISHED = (
    "Fix what the publisher's log names, and the rest follows: aws logs filter-log-events --log-group-name "
    "/aws/lambda/approval-gate-publisher --filter-pattern '\"not published\"'"
)


@pytest.mark.parametrize(
    ("beginning", "answers", "expected"),
    [
        (
            "the deployer is not stopped",
            [("lambda", "get_function_concurrency", {"ReservedConcurrentExecutions": 7})],
            (AGREES, "reserved concurrency 7", ""),
        ),
        (
            "the deployer is not stopped",
            [("lambda", "get_function_concurrency", {"ReservedConcurrentExecutions": 0})],
            (
                DIFFERS,
                "its reserved concurrency is 0, as `aws lambda put-function-concurrency --function-name "
                "approval-gate-deployer --reserved-concurrent-executions 0` sets it",
                "To let it run: aws lambda delete-function-concurrency --function-name approval-gate-deployer",
            ),
        ),
        (
            DEPLOYERS,
            mappings(source(INBOX), source(ORDERS, "Disabled")),
            (
                DIFFERS,
                "approval-gate-inbox: Enabled; approval-gate-orders.fifo: Disabled",
                "aws lambda update-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555 --enabled",
            ),
        ),
        (
            DEPLOYERS,
            mappings(source(INBOX)),
            (DIFFERS, "approval-gate-inbox: Enabled; approval-gate-orders.fifo: not there", TEMPLATE),
        ),
        (PUBLISHERS, mappings(source(STREAM)), (AGREES, "the ledger's stream: Enabled", "")),
        (PUBLISHERS, mappings(), (DIFFERS, "the ledger's stream: not there", TEMPLATE)),
        (WAITS, counts(0), (AGREES, "no message waits", "")),
        (
            WAITS,
            [*counts(1), age(3_600)],
            (AGREES, "about 1 message waits, the oldest one for 1 h; at most 1 h", ""),
        ),
        (
            WAITS,
            [*counts(1, 1), age(3_661)],
            (DIFFERS, "about 2 messages wait, the oldest one for 1 h 1 min; at most 1 h", LOG),
        ),
        (
            WAITS,
            [*counts(1), ("cloudwatch", "get_metric_statistics", {"Datapoints": []})],
            (NOT_SEEN, "about 1 message waits; CloudWatch does not say for how long", ""),
        ),
        (f"{names.DEAD_LETTERS} is", counts(0), (AGREES, "no message waits", "")),
        (
            f"{names.ORDERS_DEAD_LETTERS} is",
            counts(2),
            (DIFFERS, "about 2 messages wait", "approval-gate dead-letters"),
        ),
        ("each row", outbox(900, 3), (AGREES, "2 rows in the outbox, none for long", "")),
        (
            "each row",
            outbox(901, 7_300, 3),
            (DIFFERS, "2 rows in the outbox, churn#0000000002 for 2 h 1 min", UNPUBLISHED),
        ),
        (
            "the schedule approval-gate-sweep.outbox",
            [("events", "describe_rule", {"State": "DISABLED", "ScheduleExpression": "rate(5 minutes)"})],
            (DIFFERS, "DISABLED", "aws events enable-rule --name approval-gate-sweep.outbox"),
        ),
        (
            "the schedule approval-gate-sweep.open-attempts",
            [("events", "describe_rule", {"State": "ENABLED"})],
            (DIFFERS, "ENABLED, without a schedule", TEMPLATE),
        ),
        (
            "the schedule approval-gate-sweep.garbage",
            [("events", "describe_rule", {"State": "ENABLED", "ScheduleExpression": "rate(1 day)"})],
            (AGREES, "ENABLED, rate(1 day)", ""),
        ),
        (
            "the alarm approval-gate-dead-letters",
            alarms(alarm("approval-gate-dead-letters", StateValue="ALARM")),
            (AGREES, "approval-gate-dead-letters ALARM", ""),
        ),
        (
            "the alarm approval-gate-orders-dead-letters",
            alarms(),
            (DIFFERS, "approval-gate-orders-dead-letters does not exist", TEMPLATE),
        ),
        (
            "the alarm approval-gate-ledger-changed",
            alarms(alarm(names.LEDGER_CHANGED, AlarmActions=[], ActionsEnabled=False)),
            (AGREES, "approval-gate-ledger-changed OK", ""),
        ),
        (
            "the alarm approval-gate-publisher-failing",
            alarms(alarm(names.PUBLISHER_FAILING, ActionsEnabled=False)),
            (
                DIFFERS,
                "the actions of approval-gate-publisher-failing are disabled",
                "aws cloudwatch enable-alarm-actions --alarm-names approval-gate-publisher-failing",
            ),
        ),
        (
            "the alarm approval-gate-publisher-failing",
            alarms(alarm(names.PUBLISHER_FAILING, AlarmActions=[])),
            (DIFFERS, f"approval-gate-publisher-failing does not notify {TOPIC}", TEMPLATE),
        ),
        (
            "the rule approval-gate-alarm.states",
            [("events", "describe_rule", {"State": "ENABLED"})],
            (AGREES, "ENABLED, without a schedule", ""),
        ),
        (
            "the rule approval-gate-alarm.states",
            [("events", "describe_rule", {"State": "DISABLED"})],
            (DIFFERS, "DISABLED", "aws events enable-rule --name approval-gate-alarm.states"),
        ),
        (
            "somebody gets",
            [("sns", "list_subscriptions_by_topic", {"Subscriptions": SUBSCRIPTIONS})],
            (AGREES, "1 confirmed subscription of approval-gate-notifications", ""),
        ),
        ("the key of the seals", key("Enabled"), (AGREES, "Enabled", "")),
        (
            "the key of the seals",
            key("PendingDeletion"),
            (DIFFERS, "PendingDeletion", "aws kms cancel-key-deletion --key-id alias/approval-gate-seal"),
        ),
        (
            "the key of the seals",
            key("Disabled"),
            (DIFFERS, "Disabled", "aws kms enable-key --key-id alias/approval-gate-seal"),
        ),
    ],
)
def test_the_gate(account: Scripted, beginning: str, answers: list[Says], expected: Told) -> None:
    for answer in answers:
        account.says(*answer)
    assert told(GateCheck(account.client, TOPIC, NOW).expectations(), beginning) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NotFoundException", (NOT_SEEN, "no row is sealed here", "")),
        ("AccessDeniedException", (NOT_SEEN, "you may not ask whether there is a key alias/approval-gate-seal", "")),
    ],
)
def test_a_gate_without_seals_is_no_problem(account: Scripted, code: str, expected: Told) -> None:
    account.refuses("kms", "describe_key", code)
    assert told(GateCheck(account.client, TOPIC, NOW).expectations(), "the key of the seals") == expected


def test_a_rule_that_is_not_there_is_to_be_made_again(account: Scripted) -> None:
    account.refuses("events", "describe_rule", "ResourceNotFoundException")
    found = told(GateCheck(account.client, TOPIC, NOW).expectations(), "the schedule approval-gate-sweep.outbox")
    assert found == (DIFFERS, "there is no such rule", TEMPLATE)
    account.refuses("events", "describe_rule", "ResourceNotFoundException")
    found = told(GateCheck(account.client, TOPIC, NOW).expectations(), "the schedule approval-gate-sweep.garbage")
    assert found == (NOT_SEEN, "there is no janitor here", "")


# -- an endpoint

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENCRYPTED = dataclasses.replace(SPEC, serving=Serving(kms_key=KEY))
GOLDEN = dataclasses.replace(SPEC, golden=Golden("0" * 64, 3))
ROLE = SPEC.execution_role_arn
TRUST = json.dumps({"Statement": [{"Principal": {"Service": "sagemaker.amazonaws.com"}}]})
RULE: Says = ("events", "describe_rule", {"State": "ENABLED", "ScheduleExpression": "rate(5 minutes)"})
CONFIG: Says = (
    "sagemaker",
    "describe_endpoint_config",
    {
        "EndpointConfigName": "gate-1",
        "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/gate-1",
        "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "gate-model"}],
        "CreationTime": datetime.fromtimestamp(NOW, UTC),
    },
)
ENDPOINT: Says = (
    "sagemaker",
    "describe_endpoint",
    {
        "EndpointName": NAME,
        "EndpointArn": f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{NAME}",
        "EndpointConfigName": "gate-1",
        "EndpointStatus": "InService",
        "CreationTime": datetime.fromtimestamp(NOW, UTC),
        "LastModifiedTime": datetime.fromtimestamp(NOW, UTC),
    },
)
MODEL: Says = (
    "sagemaker",
    "describe_model",
    {
        "ModelName": "gate-model",
        "ExecutionRoleArn": ROLE,
        "ModelArn": "arn:aws:sagemaker:us-east-1:123456789012:model/gate-model",
        "CreationTime": datetime.fromtimestamp(NOW, UTC),
    },
)
PATCH, QUOTA = "SageMaker can start its fleet again", "the quota is enough"
ANOTHER = "Approve another version: its rollout makes a new endpoint config."
MORE = "Ask for more in the console of Service Quotas, or use `rollout.strategy: rolling`, which needs less."
SCHEDULED = "it is reconciled"


def role(trust: str = TRUST) -> Says:
    made = {
        "Path": "/approval-gate/",
        "RoleName": "models",
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": ROLE,
        "CreateDate": datetime.fromtimestamp(NOW, UTC),
        "AssumeRolePolicyDocument": trust,
    }
    return ("iam", "get_role", {"Role": made})


def quota(value: float, name: str = "ml.m5.large for endpoint usage") -> list[Says]:
    return [("service-quotas", "list_service_quotas", {"Quotas": [{"QuotaName": name, "Value": value}]})]


def log(*lines: dict[str, Any]) -> list[Says]:
    events = [{"message": json.dumps(line), "timestamp": int((NOW - 60) * 1000)} for line in lines]
    return [RULE, ("logs", "filter_log_events", {"events": events})]


def check(account: Scripted, head: Head | None = HEAD, spec: Spec | None = SPEC, others: int = 1) -> EndpointCheck:
    return EndpointCheck(account.client, NAME, lambda: head, spec, [SPEC] * others, NOW)


@pytest.mark.parametrize(
    ("spec", "beginning", "answers", "expected"),
    [
        (SPEC, "its head fits", [], (AGREES, "0 rows; `verify` follows their chain", "")),
        (
            SPEC,
            SCHEDULED,
            log({"message": "reconciled", "endpoint": NAME}),
            (AGREES, "last at 2027-01-15T07:59:00Z", ""),
        ),
        (
            SPEC,
            SCHEDULED,
            log({"message": "fault", "endpoint": NAME}, {"message": "reconciled", "endpoint": "other"}, {}),
            (
                DIFFERS,
                "no reconcile is in the deployer's log since 2027-01-15T07:44:00Z",
                f"approval-gate reconcile {NAME} --reason WHY",
            ),
        ),
        (
            SPEC,
            "EventBridge delivers",
            [
                (
                    "cloudwatch",
                    "get_metric_statistics",
                    {"Datapoints": [{"Timestamp": datetime.fromtimestamp(NOW, UTC), "Sum": 2.0}]},
                )
            ],
            (DIFFERS, "2 events not delivered in the last day", "approval-gate dead-letters"),
        ),
        (
            GOLDEN,
            f"the rule {names.prober_rule(NAME)}",
            [("events", "describe_rule", {"State": "ENABLED"})],
            (AGREES, "ENABLED, without a schedule", ""),
        ),
        (
            GOLDEN,
            f"{names.prober(NAME)} gets",
            mappings(),
            (DIFFERS, f"{names.prober(NAME)}: not there", f"{TEMPLATE}-{NAME}"),
        ),
        (SPEC, "SageMaker may assume", [role()], (AGREES, ROLE, "")),
        (
            SPEC,
            "SageMaker may assume",
            [role("{}")],
            (DIFFERS, f"the trust policy of {ROLE} does not name sagemaker.amazonaws.com", f"{TEMPLATE}-{NAME}"),
        ),
        (
            ENCRYPTED,
            f"the key {KEY}",
            key("Disabled"),
            (DIFFERS, "Disabled", f"aws kms enable-key --key-id {KEY}"),
        ),
        (
            SPEC,
            QUOTA,
            quota(4),
            (AGREES, "quota 4; 1 managed endpoint of this type has 2, a rollout here needs 2 more", ""),
        ),
        (
            SPEC,
            QUOTA,
            quota(3),
            (DIFFERS, "quota 3; 1 managed endpoint of this type has 2, a rollout here needs 2 more", MORE),
        ),
        (
            SPEC,
            QUOTA,
            quota(3, "ml.m5.large for training job usage"),
            (NOT_SEEN, "Service Quotas does not list `ml.m5.large for endpoint usage`", ""),
        ),
        (
            SPEC,
            PATCH,
            [ENDPOINT, CONFIG, MODEL, role()],
            (AGREES, "gate-1, its models and their roles exist", ""),
        ),
        (SPEC, "what is live", [], (AGREES, "FraudDetectionGroup/1, as the deployer's last comparison found", "")),
        (SPEC, "a revert finds", [], (NOT_SEEN, "no version was live before the live one", "")),
        (
            None,
            "its spec can be read",
            [],
            (DIFFERS, "another release of Approval Gate wrote it", "make deploy"),
        ),
    ],
)
def test_an_endpoint(account: Scripted, spec: Spec | None, beginning: str, answers: list[Says], expected: Told) -> None:
    for answer in answers:
        account.says(*answer)
    assert told(check(account, spec=spec).expectations(), beginning) == expected


@pytest.mark.parametrize(
    ("answers", "missing", "expected"),
    [
        ([], ("sagemaker", "describe_endpoint"), (NOT_SEEN, "there is no endpoint yet", "")),
        (
            [ENDPOINT],
            ("sagemaker", "describe_endpoint_config"),
            (DIFFERS, "its endpoint config gate-1 was deleted", ANOTHER),
        ),
        (
            [ENDPOINT, CONFIG],
            ("sagemaker", "describe_model"),
            (DIFFERS, "the model gate-model of gate-1 was deleted", ANOTHER),
        ),
        (
            [ENDPOINT, CONFIG, MODEL],
            ("iam", "get_role"),
            (DIFFERS, f"the role {ROLE} of the model gate-model was deleted", ANOTHER),
        ),
    ],
)
def test_sagemaker_needs_config_models_and_roles(
    account: Scripted, answers: list[Says], missing: tuple[str, str], expected: Told
) -> None:
    for answer in answers:
        account.says(*answer)
    code = "ValidationException" if missing[0] == "sagemaker" else "NoSuchEntity"
    account.refuses(*missing, code, "Could not find it.")
    assert told(check(account).expectations(), PATCH) == expected


def test_a_rolling_rollout_needs_one_batch_more(account: Scripted) -> None:
    steps = dataclasses.replace(SPEC.rollout, strategy=Strategy.ROLLING, step=Size(SizeType.CAPACITY_PERCENT, 25))
    spec = dataclasses.replace(SPEC, rollout=steps, variant=dataclasses.replace(SPEC.variant, instance_count=4))
    for answer in quota(5):
        account.says(*answer)
    expectations = EndpointCheck(account.client, NAME, lambda: None, spec, [spec], NOW).expectations()
    assert told(expectations, QUOTA) == (
        AGREES,
        "quota 5; 1 managed endpoint of this type has 4, a rollout here needs 1 more",
        "",
    )


def test_what_the_deployer_found_about_content_is_told(account: Scripted) -> None:
    assert HEAD.live is not None
    lost = dataclasses.replace(HEAD, live=dataclasses.replace(HEAD.live, differs="s3://models/1.tar.gz was deleted"))
    assert told(check(account, lost).expectations(), "what is live") == (
        DIFFERS,
        "s3://models/1.tar.gz was deleted",
        "Restore the object or image that it names, or approve another version.",
    )
    former = dataclasses.replace(HEAD.live, until=NOW, differs="gone", settings=SPEC.settings)
    assert told(check(account, dataclasses.replace(HEAD, good=(former,))).expectations(), "a revert finds") == (
        DIFFERS,
        "a revert takes none of the former versions",
        f"approval-gate status {NAME} names what keeps each former version out.",
    )


def test_a_head_that_cannot_be_read_differs_and_hides_the_rest(account: Scripted) -> None:
    def unreadable() -> Head | None:
        raise Refused("The head cannot be read.")

    found = EndpointCheck(account.client, NAME, unreadable, SPEC, [], NOW).expectations()
    fix = f"approval-gate verify {NAME}, then `restore`"
    assert told(found, "its head fits") == (DIFFERS, "The head cannot be read.", fix)
    assert told(found, "what is live") == (NOT_READ, "The head cannot be read.", "")


# -- others


def principals(account: Scripted, users: int, *roles: tuple[str, str]) -> None:
    made = {"Path": "/", "UserId": "AIDAEXAMPLEEXAMPLE", "CreateDate": datetime.fromtimestamp(NOW, UTC)}
    named = [{"UserName": f"u{each}", "Arn": f"arn:aws:iam::1:user/u{each}"} for each in range(users)]
    account.says("iam", "list_users", {"Users": [made | each for each in named]})
    _, _, answer = role()
    listed = [
        answer["Role"] | {"RoleName": name, "Path": path, "Arn": f"arn:aws:iam::1:role{path}{name}"}
        for name, path in roles
    ]
    account.says("iam", "list_roles", {"Roles": listed})


def simulated(account: Scripted, *allowed: str) -> None:
    results = [
        {"EvalActionName": name, "EvalDecision": "allowed" if name in allowed else "implicitDeny"}
        for name in ("sagemaker:UpdateEndpoint", "cloudwatch:PutMetricData")
    ]
    account.says("iam", "simulate_principal_policy", {"EvaluationResults": results})


def test_who_else_may_interfere_is_named_without_the_gate_aws_and_the_cdk(account: Scripted) -> None:
    principals(
        account,
        1,
        (names.function_role("us-east-1", names.DEPLOYER), "/"),
        ("AWSServiceRoleForSageMaker", "/aws-service-role/sagemaker.amazonaws.com/"),
        ("cdk-hnb659fds-cfn-exec-role-1-us-east-1", "/"),
        ("pipelines", "/"),
    )
    simulated(account, "cloudwatch:PutMetricData")
    simulated(account, "sagemaker:UpdateEndpoint", "cloudwatch:PutMetricData")
    expectations = OutsidersCheck(account.client, ["arn:aws:sagemaker:us-east-1:1:endpoint/churn"]).expectations()
    assert told(expectations, "nobody else may change") == (
        DIFFERS,
        "1 of 2 principals: arn:aws:iam::1:role/pipelines",
        "Attach the policy to them, or to the account as a service control policy: approval-gate doctor --print-guard",
    )
    assert told(expectations, "nobody else may put metrics") == (
        DIFFERS,
        "2 of 2 principals: arn:aws:iam::1:role/pipelines, arn:aws:iam::1:user/u0",
        "Bound their permission by the condition key cloudwatch:namespace.",
    )


def test_only_so_many_are_asked_and_named(account: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outsiders, "MOST", 3)
    monkeypatch.setattr(outsiders, "SHOWN", 2)
    account.says("iam", "list_users", {"Users": []})
    _, _, answer = role()
    arns = (f"arn:aws:iam::1:role/r{each}" for each in range(5))
    named = [answer["Role"] | {"RoleName": arn[-2:], "Path": "/", "Arn": arn} for arn in arns]
    account.says("iam", "list_roles", {"Roles": named})
    for _ in range(3):
        simulated(account, "sagemaker:UpdateEndpoint")
    check = OutsidersCheck(account.client, ["arn:aws:sagemaker:us-east-1:1:endpoint/churn"])
    assert told(check.expectations(), "nobody else may change")[1] == (
        "3 of the first 3 principals: arn:aws:iam::1:role/r0, arn:aws:iam::1:role/r1 and 1 more"
    )
    assert told(OutsidersCheck(account.client, []).expectations(), "nobody else may put")[:2] == (
        NOT_SEEN,
        "there are no managed endpoints",
    )


# -- the command


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account in which nothing but the ledger's table and the orders' queue is deployed."""
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, monkeypatch)


def deny(monkeypatch: pytest.MonkeyPatch, name: str, operation: str) -> None:
    def denied(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, operation)

    monkeypatch.setattr(Account, name, property(denied) if name.startswith("_") else denied)


def test_without_the_specs_the_rest_is_examined_anyway(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch, "_specs", "GetParametersByPath")
    has = (
        "You do not have the permission ssm:GetParametersByPath. The managed policy approval-gate-viewer-REGION has it."
    )
    for arguments, text in (((), "it has endpoints"), ((NAME,), "its spec can be read")):
        code, lines = world.run("doctor", *arguments)
        assert code == 1
        at = lines.index(f"not read  {text}")
        assert lines[at + 1].startswith(f"  seen        {has}")
        assert "differs   approval-gate-deployer gets the messages of its sources" in lines


def test_without_the_rows_the_assumptions_about_the_deployment_are_examined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny(monkeypatch, "rows", "Query")
    code, lines = world.run("doctor", NAME)
    assert code == 1
    assert "not read  its rows can be read" in lines
    assert "differs   the ledger's table has its keys, its stream and deletion protection" in lines


def test_on_a_narrow_terminal_it_is_wrapped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console.Console", lambda: Console(force_terminal=True, width=60))
    _, lines = world.run("doctor", NAME)
    # A word such as an ARN is never cut.
    assert [line for line in lines if len(line) > 60 and len(line.split()[-1]) < 30] == []


def policy(*statements: dict[str, Any]) -> Says:
    return ("kms", "get_key_policy", {"Policy": json.dumps({"Statement": list(statements)})})


def grants(*found: dict[str, Any]) -> Says:
    return ("kms", "list_grants", {"Grants": list(found), "Truncated": False})


BUCKET = "s3://captured/"
CAPTURING = dataclasses.replace(SPEC, serving=Serving(data_capture=Capture(10, BUCKET, ("Input",), KEY)))
COMPARING = dataclasses.replace(CAPTURING, comparer=Comparer("AROACOMPARER", "https://sqs/queue"))
COMPARER = "arn:aws:iam::123456789012:role/approval-gate-us-east-1.comparer-fraud-detection"
DEPLOYER = "arn:aws:iam::123456789012:role/approval-gate-us-east-1.deployer"
ROOT = "arn:aws:iam::123456789012:root"
ANYTHING = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
SHOW = f"To see the policy: aws kms get-key-policy --key-id {KEY} --query Policy --output text"
VOLUMES = f"the deployer, for which SageMaker makes a grant, may use the key {KEY}"
CAPTURES = "the execution role may use"


@pytest.mark.parametrize(
    ("spec", "beginning", "answers", "expected"),
    [
        (
            ENCRYPTED,
            VOLUMES,
            [policy(ANYTHING | {"Principal": {"AWS": ROOT}}), grants()],
            (AGREES, "its policy leaves it to IAM, and the role's stack gives it what it needs", ""),
        ),
        (
            ENCRYPTED,
            VOLUMES,
            [policy(ANYTHING | {"Principal": {"AWS": DEPLOYER}}), grants()],
            (AGREES, "its policy or a grant allows it", ""),
        ),
        (
            CAPTURING,
            CAPTURES,
            [policy(), grants({"GranteePrincipal": ROLE, "Operations": ["Decrypt", "GenerateDataKey"]})],
            (AGREES, "its policy or a grant allows it", ""),
        ),
        (
            CAPTURING,
            CAPTURES,
            [policy(), grants()],
            (
                DIFFERS,
                f"neither its policy nor a grant allows kms:Decrypt to {ROLE}",
                'Add this statement to the key\'s policy: {"Effect": "Allow", "Principal": {"AWS": "' + ROLE + '"}, '
                '"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", "Condition": {"StringEquals": '
                '{"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}. ' + SHOW,
            ),
        ),
        (
            CAPTURING,
            CAPTURES,
            [policy(ANYTHING | {"Principal": "*", "Effect": "Deny", "Sid": "Stop"}), grants()],
            (
                DIFFERS,
                f"its policy denies kms:Decrypt (statement Stop) to {ROLE}",
                f"Take {ROLE} out of that denial. {SHOW}",
            ),
        ),
        (
            CAPTURING,
            CAPTURES,
            [
                policy(ANYTHING | {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
                grants(),
            ],
            (
                NOT_SEEN,
                "whether its policy or a grant allows kms:Decrypt depends on conditions that only a request shows",
                "",
            ),
        ),
        (
            COMPARING,
            "the comparer may use",
            [policy(ANYTHING | {"Principal": {"AWS": ROLE}}), grants()],
            (
                DIFFERS,
                f"neither its policy nor a grant allows kms:Decrypt to {COMPARER}",
                'Add this statement to the key\'s policy: {"Effect": "Allow", "Principal": {"AWS": "'
                + COMPARER
                + '"}, '
                '"Action": ["kms:Decrypt"], "Resource": "*", "Condition": {"StringEquals": '
                '{"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}. ' + SHOW,
            ),
        ),
    ],
    ids=["left to IAM", "allowed", "granted", "not allowed", "denied", "open", "of the comparer"],
)
def test_a_key_s_policy_and_grants(
    account: Scripted, spec: Spec, beginning: str, answers: list[Says], expected: Told
) -> None:
    for answer in answers:
        account.says(*answer)
    assert told(check(account, spec=spec).expectations(), beginning) == expected


def test_a_policy_that_cannot_be_read_is_not_seen(account: Scripted) -> None:
    account.refuses("kms", "get_key_policy")
    expectations = check(account, spec=CAPTURING).expectations()
    assert told(expectations, CAPTURES) == (NOT_SEEN, "its policy cannot be read: AWS denies it", "")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ANYTHING | {"Principal": {"AWS": ROLE}}], (AGREES, "its policy or a grant allows it", "")),
        (
            [],
            (NOT_SEEN, "its policy does not allow kms:Decrypt, and its grants cannot be read: AWS denies it", ""),
        ),
    ],
)
def test_without_the_grants_a_policy_may_still_allow_it(
    account: Scripted, statements: list[dict[str, Any]], expected: Told
) -> None:
    account.says(*policy(*statements))
    account.refuses("kms", "list_grants")
    assert told(check(account, spec=CAPTURING).expectations(), CAPTURES) == expected
