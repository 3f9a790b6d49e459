"""Each assumption, as an account that agrees shows it and as one that does not. The answers are held against botocore's
models."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from lambdas.gate.state.fact import Fact, Kind, Row
from ops.checks.approvals import ApprovalCheck
from ops.checks.deployment import DeploymentCheck
from ops.checks.expectation import Answer, Expectation, Finding, Verdict, Weight, ask_all, compared, not_seen
from ops.checks.judge import JudgeCheck
from ops.checks.rollback import RollbackCheck
from ops.render import findings as render
from tests.lambdas.stubbed import stubbed

T = 1_763_900_000.0
NOW = T + 86400
NAME = "fraud-detection"
VERSION = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/2"
CONFIG = "gate-fraud-2"
ALARM = f"approval-gate/{NAME}/{CONFIG}/5xx"
ARN = "arn:aws:iam::123456789012:user/alice"
AGREES, DIFFERS, NOT_SEEN = Verdict.AGREES, Verdict.DIFFERS, Verdict.NOT_SEEN


class Account:
    """Clients that answer from a script, each made when it is first scripted."""

    def __init__(self, running: ExitStack) -> None:
        self._running = running
        self._stubs: dict[str, Stubber] = {}

    def says(self, service: str, operation: str, answer: dict[str, Any]) -> None:
        if service not in self._stubs:
            self._stubs[service] = self._running.enter_context(stubbed(service))
        self._stubs[service].add_response(operation, answer)

    def refuses(
        self, service: str, operation: str, code: str = "AccessDeniedException", message: str = "You may not."
    ) -> None:
        if service not in self._stubs:
            self._stubs[service] = self._running.enter_context(stubbed(service))
        self._stubs[service].add_client_error(operation, code, message)

    def client(self, service: str) -> Any:
        return self._stubs[service].client


@pytest.fixture
def account() -> Iterator[Account]:
    with ExitStack() as running:
        yield Account(running)


def asked(assumptions: list[Expectation], beginning: str) -> tuple[Verdict, str]:
    (answer,) = [one.ask() for one in assumptions if one.text.startswith(beginning)]
    return answer.verdict, answer.seen


# -- what the stack is like

TABLE = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    "DeletionProtectionEnabled": True,
}
POINT = {"Timestamp": datetime.fromtimestamp(T, UTC), "Maximum": 60_004.0}
FUNCTION = ("lambda", "get_function_configuration")
URL = ("sqs", "get_queue_url", {"QueueUrl": "https://sqs/inbox"})
MANAGED = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": "arn:aws:lambda:us-east-1:1:cp/a"}}


@pytest.mark.parametrize(
    ("beginning", "answers", "expected"),
    [
        (
            "the deployer's timeout",
            [(*FUNCTION, {"Timeout": 60})],
            (AGREES, "timeout 60 s (expected 60 s), lock 90 s from the intent on"),
        ),
        (
            "the deployer's timeout",
            [(*FUNCTION, {"Timeout": 90})],
            (DIFFERS, "timeout 90 s (expected 60 s), lock 90 s from the intent on"),
        ),
        (
            "Lambda ends",
            [("cloudwatch", "get_metric_statistics", {"Datapoints": [POINT, POINT | {"Maximum": 800.0}]})],
            (AGREES, "the longest run in the last 14 days took 60.0 s"),
        ),
        (
            "Lambda ends",
            [("cloudwatch", "get_metric_statistics", {"Datapoints": [POINT | {"Maximum": 91_000.0}]})],
            (DIFFERS, "the longest run in the last 14 days took 91.0 s"),
        ),
        (
            "Lambda ends",
            [("cloudwatch", "get_metric_statistics", {"Datapoints": []})],
            (NOT_SEEN, "the deployer did not run in the last 14 days"),
        ),
        ("the deployer runs", [(*FUNCTION, {"Timeout": 60})], (AGREES, "it runs on Lambda")),
        (
            "the deployer runs",
            [(*FUNCTION, {"CapacityProviderConfig": MANAGED})],
            (DIFFERS, "it runs on Lambda Managed Instances"),
        ),
        (
            "the inbox hides",
            [
                URL,
                ("sqs", "get_queue_attributes", {"Attributes": {"VisibilityTimeout": "360"}}),
                (*FUNCTION, {"Timeout": 60}),
            ],
            (AGREES, "VisibilityTimeout 360 s, timeout 60 s"),
        ),
        (
            "the inbox hides",
            [
                URL,
                ("sqs", "get_queue_attributes", {"Attributes": {"VisibilityTimeout": "300"}}),
                (*FUNCTION, {"Timeout": 60}),
            ],
            (DIFFERS, "VisibilityTimeout 300 s, timeout 60 s"),
        ),
        (
            "only the messages that failed",
            [
                (
                    "lambda",
                    "list_event_source_mappings",
                    {"EventSourceMappings": [{"FunctionResponseTypes": ["ReportBatchItemFailures"]}]},
                )
            ],
            (AGREES, "FunctionResponseTypes: ReportBatchItemFailures"),
        ),
        (
            "only the messages that failed",
            [("lambda", "list_event_source_mappings", {"EventSourceMappings": [{}]})],
            (DIFFERS, "FunctionResponseTypes: none"),
        ),
        (
            "only the messages that failed",
            [("lambda", "list_event_source_mappings", {"EventSourceMappings": []})],
            (NOT_SEEN, "no event source is mapped to the deployer"),
        ),
        (
            "the ledger's table",
            [("dynamodb", "describe_table", {"Table": TABLE})],
            (AGREES, "keys pk, sk; stream NEW_IMAGE; deletion protection on"),
        ),
        (
            "the ledger's table",
            [("dynamodb", "describe_table", {"Table": {"KeySchema": TABLE["KeySchema"]}})],
            (DIFFERS, "keys pk, sk; stream none; deletion protection off"),
        ),
    ],
)
def test_the_deployed_stack(
    account: Account, beginning: str, answers: list[tuple[str, str, dict[str, Any]]], expected: tuple[Verdict, str]
) -> None:
    for answer in answers:
        account.says(*answer)
    assert asked(DeploymentCheck(account.client, NOW).assumptions(), beginning) == expected


# -- what a rollback showed


def row(number: int, kind: Kind, at: float, **detail: Any) -> Row:
    return Row(NAME, number, Fact(kind, at, "", ARN, VERSION, detail), "", "")


def attempt(
    number: int, outcome: str = "rolled_back", reason: str | None = "an alarm", *, fired: bool = True
) -> tuple[Row, ...]:
    evidence = [{"name": ALARM, "at": T + 100, "reason": "5xx"}] if fired else []
    return (
        row(2 * number, Kind.ATTEMPT_OPENED, T, attempt=number, previous_endpoint_config="gate-fraud-1"),
        row(
            2 * number + 1,
            Kind.ATTEMPT_CLOSED,
            T + 160,
            attempt=number,
            outcome=outcome,
            accepted=True,
            fired=evidence,
            failure_reason=reason,
            endpoint_config=CONFIG,
        ),
    )


NONE = (NOT_SEEN, f"no alarm has rolled back a rollout of {NAME} yet")
SHOWN: dict[str, Any] = {
    "EndpointName": NAME,
    "EndpointArn": f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{NAME}",
    "EndpointConfigName": "gate-fraud-1",
    "EndpointStatus": "InService",
    "CreationTime": datetime.fromtimestamp(T - 9000, UTC),
    "LastModifiedTime": datetime.fromtimestamp(T + 130, UTC),
}


def guarded(alarm: str) -> dict[str, Any]:
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    policy = {"TrafficRoutingConfiguration": routing}
    rollback = {"Alarms": [{"AlarmName": alarm}]}
    return {"LastDeploymentConfig": {"BlueGreenUpdatePolicy": policy, "AutoRollbackConfiguration": rollback}}


def looked(*reasons: str, endpoint: str = NAME) -> dict[str, Any]:
    return {"events": [{"message": json.dumps({"endpoint": endpoint, "reason": reason})} for reason in reasons]}


def metric(*dimensions: str) -> dict[str, Any]:
    return {"MetricName": "Invocation5XXErrors", "Dimensions": [{"Name": name, "Value": "x"} for name in dimensions]}


def named(name: str) -> dict[str, Any]:
    return metric("EndpointName", "VariantName") | {"MetricName": name}


LAST, LOGS, METRICS = ("sagemaker", "describe_endpoint"), ("logs", "filter_log_events"), ("cloudwatch", "list_metrics")
SERVERLESS = row(2, Kind.ATTEMPT_OPENED, T, attempt=1, serverless={"memory_mb": 2048, "max_concurrency": 20})
ERRORS = "a serverless endpoint's errors"
MODIFIED, DEPLOYMENT, REASON = "a rollback moves LastModifiedTime", "LastDeploymentConfig", "FailureReason"
STATUS, DIMENSIONS = "the endpoint is RollingBack", "the metrics"
BEFORE = {"LastModifiedTime": datetime.fromtimestamp(T - 1, UTC)}
CHANGED = row(9, Kind.CHANGED_BY_HAND, T + 900)
ALERTED = row(9, Kind.ALERT, T + 900)
TAKEN = "SageMaker takes a rollout's alarms"
MATH = row(1, Kind.ATTEMPT_OPENED, T, attempt=1, alarms=[f"approval-gate/{NAME}/{CONFIG}/model-errors"])
PLAIN = row(1, Kind.ATTEMPT_OPENED, T, attempt=1, alarms=[f"approval-gate/{NAME}/{CONFIG}/model-errors-most"])
ACCEPTED = row(2, Kind.ATTEMPT_ACCEPTED, T, attempt=1)
NO_MATH = (NOT_SEEN, "no rollout with such an alarm was accepted yet")


@pytest.mark.parametrize(
    ("beginning", "rows", "answers", "expected"),
    [
        (REASON, (), [], NONE),
        (REASON, attempt(1, "failed", fired=False), [], NONE),
        (REASON, attempt(1), [], (AGREES, "1 of 1 rollback with a reason, the last one was 'an alarm'")),
        (
            REASON,
            (*attempt(1), *attempt(2, "aborted", None)),
            [],
            (DIFFERS, "1 of 2 rollbacks with a reason, the last one was 'an alarm'"),
        ),
        (REASON, attempt(1, reason=None), [], (DIFFERS, "0 of 1 rollback with a reason")),
        (
            MODIFIED,
            (*attempt(1), ALERTED),
            [(*LAST, SHOWN)],
            (AGREES, "2025-11-23T12:15:30Z, after the attempt began"),
        ),
        (
            MODIFIED,
            attempt(1),
            [(*LAST, SHOWN | BEFORE)],
            (DIFFERS, "2025-11-23T12:13:19Z, before the attempt began"),
        ),
        (MODIFIED, (*attempt(1), CHANGED), [], (NOT_SEEN, "the endpoint has changed since its last rollback")),
        (
            MODIFIED,
            (*attempt(1), *attempt(2, "succeeded", None, fired=False)),
            [],
            (NOT_SEEN, "the endpoint has changed since its last rollback"),
        ),
        (
            MODIFIED,
            attempt(1),
            [(*LAST, SHOWN | {"EndpointConfigName": "theirs"})],
            (NOT_SEEN, "the endpoint is InService on theirs"),
        ),
        (MODIFIED, (), [], NONE),
        (DEPLOYMENT, attempt(1), [(*LAST, SHOWN | guarded(ALARM))], (AGREES, f"its alarms are {ALARM}")),
        (DEPLOYMENT, attempt(1), [(*LAST, SHOWN | guarded("other"))], (DIFFERS, "its alarms are other")),
        (DEPLOYMENT, attempt(1), [(*LAST, SHOWN)], (DIFFERS, "it has no alarms")),
        (
            STATUS,
            attempt(1),
            [(*LOGS, looked("the endpoint is Updating", "the endpoint is RollingBack"))],
            (AGREES, "the last reconcile before the end saw RollingBack"),
        ),
        (
            STATUS,
            attempt(1),
            [(*LOGS, looked("the endpoint is Updating"))],
            (DIFFERS, "the last reconcile before the end saw Updating"),
        ),
        (
            STATUS,
            attempt(1),
            [(*LOGS, looked("the endpoint is RollingBack", endpoint="churn"))],
            (NOT_SEEN, "the deployer did not reconcile during a rollback, or its log has expired"),
        ),
        (STATUS, (), [], NONE),
        (TAKEN, (), [], NO_MATH),
        (TAKEN, (MATH,), [], NO_MATH),
        (TAKEN, (PLAIN, ACCEPTED), [], NO_MATH),
        (TAKEN, (MATH, ACCEPTED), [], (AGREES, "it took them all")),
        (
            TAKEN,
            (MATH, row(2, Kind.ATTEMPT_ACCEPTED, T, attempt=1, alarms_refused=["a", "b"])),
            [],
            (DIFFERS, "it refused a, b"),
        ),
        (
            DIMENSIONS,
            (),
            [
                (
                    *METRICS,
                    {
                        "Metrics": [
                            metric("EndpointName", "VariantName"),
                            metric("EndpointName", "VariantName", "EndpointConfigName"),
                        ]
                    },
                )
            ],
            (AGREES, "EndpointName + VariantName; EndpointName + VariantName + EndpointConfigName"),
        ),
        (
            DIMENSIONS,
            (),
            [(*METRICS, {"Metrics": [metric("EndpointName", "VariantName")]})],
            (DIFFERS, "EndpointName + VariantName"),
        ),
        (
            DIMENSIONS,
            (),
            [(*METRICS, {"Metrics": []})],
            (NOT_SEEN, "the endpoint had no requests in the last two weeks"),
        ),
        (
            ERRORS,
            (SERVERLESS,),
            [(*METRICS, {"Metrics": [metric("EndpointName", "VariantName"), named("Invocations")]})],
            (AGREES, "Invocation5XXErrors, Invocations"),
        ),
        (
            ERRORS,
            (SERVERLESS,),
            [(*METRICS, {"Metrics": [named("Invocations"), named("Invocations5XXErrors")]})],
            (DIFFERS, "Invocations, Invocations5XXErrors"),
        ),
        (
            ERRORS,
            (SERVERLESS,),
            [(*METRICS, {"Metrics": []})],
            (NOT_SEEN, "the endpoint had no requests in the last two weeks"),
        ),
    ],
)
def test_a_rollback(
    account: Account,
    beginning: str,
    rows: tuple[Row, ...],
    answers: list[tuple[str, str, dict[str, Any]]],
    expected: tuple[Verdict, str],
) -> None:
    for answer in answers:
        account.says(*answer)
    assert asked(RollbackCheck(account.client, NAME, rows).assumptions(), beginning) == expected


# -- what approvals showed


def approval(*, inferred: bool = False, uncertain: bool = False, who: str = ARN) -> Row:
    detail = {"inferred": inferred, "approver_uncertain": uncertain, "approved_at": T}
    return Row(NAME, 1, Fact(Kind.APPROVAL_SEEN, T + 1, "", who, VERSION, detail), "", "")


def called(arn: str, status: str = "Approved", **more: Any) -> dict[str, Any]:
    event = {
        "userIdentity": {"type": "IAMUser", "arn": arn, "sessionContext": {"sourceIdentity": "alice@example.com"}},
        "requestParameters": {"modelPackageArn": VERSION, "modelApprovalStatus": status},
    }
    return {"Events": [{"EventName": "UpdateModelPackage", "CloudTrailEvent": json.dumps(event | more)}]}


TRAIL = ("cloudtrail", "lookup_events")
NO_CALL = "CloudTrail shows no call that approved FraudDetectionGroup/2 at 2025-11-23T12:13:20Z"


@pytest.mark.parametrize(
    ("beginning", "rows", "answers", "expected"),
    [
        (
            "an approval's event",
            (),
            [],
            (NOT_SEEN, "events reported 0 of 0 approvals; listing found the others"),
        ),
        (
            "an approval's event",
            (approval(), approval(inferred=True)),
            [],
            (AGREES, "events reported 1 of 2 approvals; listing found the others"),
        ),
        (
            "an approval's event",
            (approval(inferred=True),) * 3,
            [],
            (DIFFERS, "events reported 0 of 3 approvals; listing found the others"),
        ),
        (
            "LastModifiedBy",
            (approval(uncertain=True),),
            [],
            (NOT_SEEN, "the ledger has no approval with a certain approver"),
        ),
        (
            "LastModifiedBy",
            (approval(),),
            [(*TRAIL, called(ARN))],
            (AGREES, f"FraudDetectionGroup/2: {ARN} made the call, the ledger has {ARN}"),
        ),
        (
            "LastModifiedBy",
            (approval(who="alice@example.com"),),
            [(*TRAIL, called(ARN))],
            (AGREES, f"FraudDetectionGroup/2: {ARN} made the call, the ledger has alice@example.com"),
        ),
        (
            "LastModifiedBy",
            (approval(who="alice-profile"),),
            [(*TRAIL, called(ARN))],
            (
                NOT_SEEN,
                f"FraudDetectionGroup/2: {ARN} made the call, the ledger has alice-profile, a Studio user profile. "
                "Compare them by hand",
            ),
        ),
        (
            "LastModifiedBy",
            (approval(),),
            [(*TRAIL, called("arn:aws:iam::123456789012:user/bob"))],
            (DIFFERS, f"FraudDetectionGroup/2: arn:aws:iam::123456789012:user/bob made the call, the ledger has {ARN}"),
        ),
        ("LastModifiedBy", (approval(),), [(*TRAIL, called(ARN, "Rejected"))], (NOT_SEEN, NO_CALL)),
        ("LastModifiedBy", (approval(),), [(*TRAIL, called(ARN, errorCode="AccessDenied"))], (NOT_SEEN, NO_CALL)),
        ("LastModifiedBy", (approval(),), [(*TRAIL, {"Events": []})], (NOT_SEEN, NO_CALL)),
    ],
)
def test_approvals(
    account: Account,
    beginning: str,
    rows: tuple[Row, ...],
    answers: list[tuple[str, str, dict[str, Any]]],
    expected: tuple[Verdict, str],
) -> None:
    for answer in answers:
        account.says(*answer)
    assert asked(ApprovalCheck(account.client, rows).assumptions(), beginning) == expected


# -- what is said of it


JUDGED = {"previous_endpoint_config": "gate-fraud-1", "minutes": [[T, 300, 3, 290, 2], [T + 60, 310, 2, 300, 4]]}
OLD_FLEET = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": []}


@pytest.mark.parametrize(
    ("rows", "answers", "expected"),
    [
        ((), [], (NOT_SEEN, "the judge has not compared two versions yet")),
        (({"minutes": []},), [], (NOT_SEEN, "the judge has not compared two versions yet")),
        (
            (JUDGED,),
            [("list_metrics", {"Metrics": []})],
            (DIFFERS, "0 datapoints of gate-fraud-1 in the 2 minutes of the verdict"),
        ),
        (
            ({"minutes": []}, JUDGED),
            [
                ("list_metrics", {"Metrics": [OLD_FLEET]}),
                (
                    "get_metric_statistics",
                    {"Datapoints": [{"Timestamp": datetime.fromtimestamp(T, UTC), "Sum": 300.0}]},
                ),
            ],
            (AGREES, "1 datapoint of gate-fraud-1 in the 2 minutes of the verdict"),
        ),
    ],
)
def test_what_the_judge_read(
    account: Account, rows: tuple[dict[str, Any], ...], answers: list[tuple[str, Any]], expected: tuple[Verdict, str]
) -> None:
    for operation, answer in answers:
        account.says("cloudwatch", operation, answer)
    given = tuple(
        Row(NAME, number, Fact(Kind.JUDGED, T, "", detail=each), "", "") for number, each in enumerate(rows, 1)
    )
    assert asked(JudgeCheck(account.client, NAME, given).assumptions(), "the old fleet's") == expected


TIMED = {"mode": "observe", "slower_than_ms": 200}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), (NOT_SEEN, "the judge has not compared two versions yet")),
        ((JUDGED | {"judge": {}},), (NOT_SEEN, "the judge did not compare latencies")),
        ((JUDGED | {"judge": {"latency": TIMED}},), (DIFFERS, "known in 0 of the verdict's 2 minutes")),
        (
            (JUDGED | {"judge": {"latency": TIMED}, "minutes": [[T, 300, 3, 290, 2], [T + 60, 310, 2, 300, 4, 6, 7]]},),
            (AGREES, "known in 1 of the verdict's 2 minutes"),
        ),
    ],
)
def test_whether_the_judge_could_read_latencies(
    account: Account, rows: tuple[dict[str, Any], ...], expected: tuple[Verdict, str]
) -> None:
    given = tuple(
        Row(NAME, number, Fact(Kind.JUDGED, T, "", detail=each), "", "") for number, each in enumerate(rows, 1)
    )
    assert asked(JudgeCheck(account.client, NAME, given).assumptions(), "CloudWatch answers") == expected


def test_what_the_caller_may_not_read_names_the_permission_and_the_rest_goes_on(account: Account) -> None:
    account.refuses("dynamodb", "describe_table")
    account.says(*FUNCTION, {"Timeout": 60})
    table, timeout = (
        next(one for one in DeploymentCheck(account.client, NOW).assumptions() if one.text.startswith(beginning))
        for beginning in ("the ledger's table", "the deployer's timeout")
    )
    said = (
        "You do not have the permission dynamodb:DescribeTable. The managed policy approval-gate-operator-REGION has "
        "it. (An error occurred (AccessDeniedException) when calling the DescribeTable operation: You may not.)"
    )
    seen = "timeout 60 s (expected 60 s), lock 90 s from the intent on"
    assert ask_all([table, timeout]) == [
        Finding(table.text, Weight.REQUIRED, Answer(Verdict.NOT_READ, said)),
        Finding(timeout.text, Weight.REQUIRED, compared(True, seen)),
    ]


def found(weight: Weight, answer: Answer, fix: str | None = None) -> Finding:
    return Finding("it is on", weight, answer, fix)


ENDS = found(Weight.REQUIRED, compared(False, "91 s"), "deploy")
HIDDEN = found(Weight.REQUIRED, Answer(Verdict.NOT_READ, "You may not."))
EITHER = found(Weight.EITHER, compared(False, "in 0 of 1"))
ADVISED = found(Weight.ADVISED, compared(False, "nobody"), "subscribe")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([found(Weight.REQUIRED, compared(True, "ok")), EITHER, ADVISED], (0, None)),
        ([found(Weight.REQUIRED, not_seen("nothing yet"))], (0, None)),
        ([HIDDEN, ADVISED], (9, "1 answer could not be read, see above. Nothing else is wrong.")),
        ([found(Weight.ADVISED, Answer(Verdict.NOT_READ, "You may not."))], (0, None)),
        ([HIDDEN, ENDS, ENDS], (1, "2 problems: see what differs above.")),
    ],
)
def test_only_what_is_required_fails(findings: list[Finding], expected: tuple[int, str | None]) -> None:
    assert render.failure(findings) == expected


def test_a_finding_is_a_block_with_what_is_seen_and_what_to_do() -> None:
    sections = {"The gate": [ENDS, EITHER]}
    assert [part if isinstance(part, str) else part.lines() for part in render.parts(sections)] == [
        "-- The gate",
        ["differs   it is on", "  seen        91 s", "  fix         deploy"],
        ["differs   it is on (either answer is fine)", "  seen        in 0 of 1"],
    ]
    assert list(render.values(sections)) == [
        {
            "section": "The gate",
            "expected": "it is on",
            "required": True,
            "verdict": "differs",
            "seen": "91 s",
            "fix": "deploy",
        },
        {
            "section": "The gate",
            "expected": "it is on",
            "required": False,
            "verdict": "differs",
            "seen": "in 0 of 1",
            "fix": None,
        },
    ]
    assert render.summary([ENDS, EITHER, HIDDEN]) == "2 differs, 1 not read"
