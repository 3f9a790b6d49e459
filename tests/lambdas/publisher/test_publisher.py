import dataclasses
import io
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from aws_lambda_powertools.logging import Logger
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lambdas.gate import names
from lambdas.gate.aws.errors import Denied
from lambdas.gate.aws.ledger import Ledger, outbox_key, row_from_item, row_item
from lambdas.gate.settings import Settings
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.publisher import handler, notification
from lambdas.publisher.advice import advise
from lambdas.publisher.annotation import Unwritten
from lambdas.publisher.copy import CopyDiffers
from lambdas.publisher.event import detail_type, event
from lambdas.publisher.message import Circumstances, live_text
from lambdas.publisher.outbox import Outbox
from lambdas.publisher.publisher import Publisher, Result, Waiting
from tests.ledger_table import REGION, contents, ledger_table
from tests.paths import EVENTS, ROOT

TOPIC = f"arn:aws:sns:{REGION}:123456789012:{names.TOPIC}"
VERSION = "arn:aws:sagemaker:us-east-1:123456789012:model-package/frauddetectiongroup/"
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup"
CONSOLE = "https://us-east-1.console.aws.amazon.com"
QUOTED = "Lines that begin with > are quoted: people, models and AWS wrote parts of them."
CONTEXT = SimpleNamespace(
    function_name=names.PUBLISHER,
    memory_limit_in_mb=256,
    invoked_function_arn=f"arn:aws:lambda:{REGION}:123456789012:function:{names.PUBLISHER}",
    aws_request_id="52fdfc07-2182-454f-963f-5f0f9a621d72",
)
NUMBERS = itertools.count()
"""Loggers of one name share one stream."""
LONG_AGO, FAR_AHEAD = 1763900000.0, 4102444800.0


def stream(name: str) -> dict[str, Any]:
    """A batch as Lambda hands it over from the table's stream."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def images(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [record["dynamodb"]["NewImage"] for record in event["Records"]]


ROLLED_BACK = row_from_item(images(stream("ledger-stream"))[0])


def told(kind: Kind, **detail: Any) -> Row:
    return dataclasses.replace(ROLLED_BACK, fact=Fact(kind, LONG_AGO, "why", version=f"{VERSION}3", detail=detail))


# What is told, purely.


def test_a_row_is_an_event_with_everything_the_ledger_says() -> None:
    entry = event(ROLLED_BACK)
    detail = json.loads(entry.pop("Detail"))
    assert entry == {
        "Source": "approval-gate",
        "DetailType": "Approval Gate Attempt Closed",
        "Time": datetime(2025, 11, 23, 12, 13, 20, 250000, tzinfo=UTC),
        "Resources": [f"{VERSION}3"],
    }
    assert detail == {
        "endpoint": "fraud-detection",
        "number": 1,
        "kind": "attempt_closed",
        "at": "2025-11-23T12:13:20.250Z",
        "summary": ROLLED_BACK.fact.summary,
        "who": "Approval Gate",
        "version": f"{VERSION}3",
        "evidence": ROLLED_BACK.fact.detail,
        "previous": "",
        "hash": ROLLED_BACK.hash,
    }


def test_a_row_about_no_version_names_no_resource() -> None:
    row = dataclasses.replace(ROLLED_BACK, fact=Fact(Kind.HELD, LONG_AGO, "paused"))
    entry = event(row)
    assert entry["Resources"] == []
    assert json.loads(entry["Detail"])["version"] is None


def test_every_kind_has_its_own_detail_type() -> None:
    assert [detail_type(kind) for kind in Kind] == [
        "Approval Gate Baseline",
        "Approval Gate Approval Awaited",
        "Approval Gate Approval Overdue",
        "Approval Gate Approval Seen",
        "Approval Gate Approval Pinned",
        "Approval Gate Approver Witnessed",
        "Approval Gate Approver Disputed",
        "Approval Gate Approval Revoked",
        "Approval Gate Approval Refused",
        "Approval Gate Approval Overtaken",
        "Approval Gate Attempt Opened",
        "Approval Gate Attempt Accepted",
        "Approval Gate Abort Ordered",
        "Approval Gate Abort Requested",
        "Approval Gate Judged",
        "Approval Gate Answers Compared",
        "Approval Gate Promotion Ordered",
        "Approval Gate Shadow Ended",
        "Approval Gate Attempt Closed",
        "Approval Gate Held",
        "Approval Gate Alert",
        "Approval Gate Content Restored",
        "Approval Gate Changed By Hand",
        "Approval Gate Spec Changed",
        "Approval Gate Autoscaling Changed",
        "Approval Gate Resumed",
        "Approval Gate Retry Requested",
        "Approval Gate Rollback Ordered",
        "Approval Gate Overridden",
        "Approval Gate Reconcile Ordered",
        "Approval Gate Order Refused",
        "Approval Gate Order Expired",
        "Approval Gate Cleaning",
        "Approval Gate Cleaned",
        "Approval Gate Endpoint Deleted",
        "Approval Gate State Changed",
        "Approval Gate Restored",
    ]


def test_every_event_and_outcome_is_documented() -> None:
    page = (ROOT / "docs" / "events.md").read_text()
    told = [*(detail_type(kind) for kind in Kind), *Outcome]
    assert [name for name in told if f"`{name}`" not in page] == []


def test_evidence_too_large_for_an_event_loses_its_largest_parts_and_says_which() -> None:
    row = told(Kind.ATTEMPT_CLOSED, outcome="failed", log="é" * 120_000, trace="y" * 60_000, fired=[])
    detail = json.loads(event(row)["Detail"])
    assert detail["evidence"] == {"outcome": "failed", "trace": "y" * 60_000, "fired": []}
    assert detail["evidence_cut"] == ["log"]


def test_evidence_that_fits_is_whole() -> None:
    detail = json.loads(event(told(Kind.ALERT, log="x" * 200_000))["Detail"])
    assert detail["evidence"] == {"log": "x" * 200_000}
    assert "evidence_cut" not in detail


@pytest.mark.parametrize(
    ("row", "subject"),
    [
        (told(Kind.BASELINE), None),
        (told(Kind.APPROVAL_AWAITED), "fraud-detection: approval awaited frauddetectiongroup/3"),
        (told(Kind.APPROVAL_OVERDUE), "fraud-detection: approval overdue frauddetectiongroup/3"),
        (told(Kind.APPROVAL_SEEN), None),
        (told(Kind.APPROVAL_PINNED), None),
        (told(Kind.APPROVER_WITNESSED), None),
        (told(Kind.APPROVER_DISPUTED), "fraud-detection: approver disputed frauddetectiongroup/3"),
        (told(Kind.APPROVAL_SEEN, overtaken_by="4"), "fraud-detection: approval seen frauddetectiongroup/3"),
        (told(Kind.APPROVAL_REVOKED), None),
        (told(Kind.APPROVAL_REFUSED), "fraud-detection: approval refused frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_OPENED, purpose="create"), None),
        (told(Kind.ATTEMPT_OPENED, purpose="update"), None),
        (told(Kind.ATTEMPT_OPENED, purpose="resize"), None),
        (told(Kind.ATTEMPT_OPENED, purpose="revert"), "fraud-detection: going back to frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_ACCEPTED), None),
        (told(Kind.ABORT_ORDERED), "fraud-detection: abort ordered frauddetectiongroup/3"),
        (told(Kind.ABORT_REQUESTED), "fraud-detection: abort requested frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED, outcome="succeeded"), "fraud-detection: succeeded frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED, outcome="rolled_back"), "fraud-detection: rolled back frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED, outcome="failed"), "fraud-detection: failed frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED, outcome="aborted"), "fraud-detection: aborted frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED, outcome="shadowed"), "fraud-detection: shadowed frauddetectiongroup/3"),
        (told(Kind.SHADOW_ENDED, end="passed"), "fraud-detection: shadow ended frauddetectiongroup/3"),
        (told(Kind.PROMOTION_ORDERED), "fraud-detection: promotion ordered frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_OPENED, purpose="end_shadow"), None),
        (told(Kind.ATTEMPT_CLOSED, outcome="superseded"), "fraud-detection: superseded frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED, outcome="new to us"), "fraud-detection: new to us frauddetectiongroup/3"),
        (told(Kind.ATTEMPT_CLOSED), "fraud-detection: attempt closed frauddetectiongroup/3"),
        (told(Kind.HELD), "fraud-detection: held frauddetectiongroup/3"),
        (told(Kind.ALERT), "fraud-detection: alert frauddetectiongroup/3"),
        (told(Kind.CHANGED_BY_HAND), "fraud-detection: changed by hand frauddetectiongroup/3"),
        (told(Kind.RESUMED), "fraud-detection: resumed frauddetectiongroup/3"),
        (told(Kind.RETRY_REQUESTED), "fraud-detection: retry requested frauddetectiongroup/3"),
        (told(Kind.OVERRIDDEN), "fraud-detection: overridden frauddetectiongroup/3"),
    ],
    ids=lambda value: " ".join((value.fact.kind, *value.fact.detail.values())) if isinstance(value, Row) else "",
)
def test_people_are_told_of_what_concerns_them_and_of_nothing_else(row: Row, subject: str | None) -> None:
    message = notification.request(row, TOPIC)
    assert (message and message["Subject"]) == subject


def test_a_message_says_what_happened_what_is_live_what_to_do_and_then_the_details() -> None:
    alarm = "approval-gate/fraud-detection/gate-fraud-detection-3-0c7f5b1e22aa/5xx"
    live = Live("gate-2", LONG_AGO, version_since=1763802000.0, approval=Approval(1, f"{GROUP}/2", LONG_AGO, None))
    zone = ZoneInfo("Europe/Berlin")
    circumstances = Circumstances(live_text(live, zone), zone=zone)
    assert notification.request(ROLLED_BACK, TOPIC, circumstances) == {
        "TopicArn": TOPIC,
        "Subject": "fraud-detection: rolled back frauddetectiongroup/3",
        "Message": f"""\
frauddetectiongroup/3 was rolled back on the endpoint fraud-detection.
> the endpoint is back on gate-fraud-detection-2-5a41c20d7be9: {alarm} fired

Live now:  FraudDetectionGroup/2, since 2025-11-22 10:00:00 CET (2025-11-22T09:00:00Z)

What to do:
  The former version is live again, and this approval is not tried again. Read the evidence and the model's log \
group /aws/sagemaker/Endpoints/fraud-detection, then approve a corrected version. If the version was not at fault: \
approval-gate retry fraud-detection 3 --reason WHY

Links:
  Endpoint:  {CONSOLE}/sagemaker/home?region=us-east-1#/endpoints/fraud-detection
  Logs:      {CONSOLE}/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/\
$252Faws$252Fsagemaker$252FEndpoints$252Ffraud-detection
  Dashboard: {CONSOLE}/cloudwatch/home?region=us-east-1#dashboards:name=approval-gate-us-east-1
  Runbook:   docs/runbooks.md#rolled-back

When:      2025-11-23 13:13:20 CET (2025-11-23T12:13:20Z)
Where:     the endpoint fraud-detection (account 123456789012, us-east-1)
Which:     {VERSION}3
Who:
> Approval Gate
Why:
> accepted: yes
> attempt: 3
> endpoint config: gate-fraud-detection-3-0c7f5b1e22aa
> fired: at 2025-11-23T12:12:20Z, name {alarm}, reason Threshold Crossed
> outcome: rolled back
> purpose: update
> quarantined: yes

Row 1 of the endpoint's ledger. {QUOTED}""",
        "MessageAttributes": {
            "endpoint": {"DataType": "String", "StringValue": "fraud-detection"},
            "kind": {"DataType": "String", "StringValue": "attempt_closed"},
            "outcome": {"DataType": "String", "StringValue": "rolled_back"},
            "severity": {"DataType": "String", "StringValue": "warning"},
        },
    }


def check(name: str, result: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "result": result, "found": "f", "wanted": "w", "advisory": False, "overridden": None} | fields


def test_of_a_shut_gate_people_are_told_each_check_and_how_to_open_it() -> None:
    checks = [
        check("artifacts", "passed"),
        check("four_eyes", "failed", found="alice registered it too", wanted="another person"),
        check("require.f1", "failed", advisory=True),
        check("freeze", "failed", overridden="bob: hotfix"),
        check("soak", "unread"),
        check("pin", "unread"),
    ]
    message = notification.request(told(Kind.HELD, gate={"answer": "held", "checks": checks}), TOPIC)
    assert message is not None
    assert (
        message["Message"].partition("Why:\n")[2]
        == f"""\
> check artifacts: passed
> check four_eyes: failed, found alice registered it too, wanted another person
> check require.f1: failed, found f, wanted w (advisory)
> check freeze: failed, found f, wanted w (overridden: bob: hotfix)
> check soak: unread, found f, wanted w
> check pin: unread, found f, wanted w

Row 1 of the endpoint's ledger. {QUOTED}"""
    )
    assert """What to do:
  Fix what the text above names, and the rollout continues automatically. A check about people needs a new approval \
by another person. Or let this approval pass, which is recorded: approval-gate override fraud-detection 3 --check \
NAME --reason WHY, where NAME is four_eyes or soak
""" in message["Message"]


def test_of_a_check_that_nobody_can_override_people_are_told_that() -> None:
    row = told(Kind.HELD, gate={"answer": "held", "checks": [check("pin", "unread"), check("soak", "passed")]})
    assert advise(row) == (
        "Fix what the text above names. The approval continues automatically then. Nobody can override this check."
    )


def test_of_a_live_version_that_answers_wrong_people_are_told_what_they_may_do() -> None:
    fact = Fact(Kind.ALERT, 1_800_000_000.0, "FraudDetectionGroup/2 is live and answers wrong", version=VERSION)
    probed = dataclasses.replace(fact, detail={"golden_requests": {"digest": "ab", "failed": 1, "wrong": []}})
    told = [advise(Row("fraud-detection", 7, each, "", "")) for each in (fact, probed)]
    assert [str(each).split(".")[0] for each in told] == [
        "A person is needed: do what the text above says",
        "The version stays live",
    ]


def test_of_a_live_version_that_nobody_heard_of_people_are_told_where_to_look() -> None:
    fact = Fact(Kind.ALERT, LONG_AGO, "x", detail={"golden_requests": {"digest": "ab", "heard": False}})
    name = "a" * 63
    told = advise(Row(name, 7, fact, "", ""))
    assert told is not None
    assert f"the log group /aws/lambda/{names.prober(name)} says" in told


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Kind.ATTEMPT_CLOSED, "The version is not at fault, and gets its former settings back"),
        (Kind.ATTEMPT_OPENED, "The live version is being rolled out again with its former settings"),
    ],
)
def test_of_settings_that_are_worse_people_are_told_what_becomes_of_them(kind: Kind, says: str) -> None:
    text = advise(told(kind, outcome="succeeded", purpose="revert", restores_settings=True))
    assert text is not None
    assert text.split(". ")[1].rstrip(".") == says


def test_of_results_that_do_not_count_people_are_told_which_stack_to_deploy() -> None:
    fact = Fact(Kind.ALERT, LONG_AGO, "x", detail={"golden_requests": {"digest": "ab", "failed": 1, "counts": False}})
    told = advise(Row("churn", 7, fact, "", ""))
    assert told == "Deploy the stack ApprovalGate-churn: make deploy. Until then no result of golden requests counts."


def test_a_pause_of_all_endpoints_names_no_endpoint() -> None:
    row = Row(names.ALL, 1, Fact(Kind.HELD, LONG_AGO, "paused: freeze", "alice"), "", "")
    message = notification.request(row, TOPIC)
    assert message is not None
    assert message["Subject"] == "all endpoints: held"
    assert "Where:     all endpoints (account 123456789012, us-east-1)\n" in message["Message"]
    assert "  No rollout starts on any endpoint until: approval-gate resume --all\n" in message["Message"]


def test_a_message_shows_times_as_times_and_cuts_long_evidence() -> None:
    message = notification.request(told(Kind.ALERT, tried_again_at=1763900300.0, log="x" * 501), TOPIC)
    assert message is not None
    assert "> tried again at: 2025-11-23T12:18:20Z\n" in message["Message"]
    assert f"> log: {'x' * 500} ...\n" in message["Message"]


def test_a_subject_has_no_control_characters() -> None:
    row = dataclasses.replace(ROLLED_BACK, endpoint="a\x00b\x7f\u0085c\n\u2028d\ud83d")
    message = notification.request(row, TOPIC)
    assert message is not None
    assert message["Subject"].startswith("a b ?c ?d?: rolled back")


def test_a_subject_is_one_ascii_line_of_less_than_100_characters() -> None:
    row = dataclasses.replace(told(Kind.ALERT), endpoint="e" * 63)
    row = dataclasses.replace(row, fact=dataclasses.replace(row.fact, version=f"arn:a:b/{'g' * 60}é\n/3"))
    message = notification.request(row, TOPIC)
    assert message is not None
    assert message["Subject"] == f"{'e' * 63}: alert {'g' * 25}..."
    assert len(message["Subject"]) == 99


# The requests, checked by botocore's own models, and what becomes of refusals.


class Bench:
    """A publisher whose every client is stubbed, and what it logged."""

    def __init__(self) -> None:
        clients = {name: boto3.client(name, region_name=REGION) for name in ("dynamodb", "events", "sns")}
        self.stubs = {name: Stubber(client) for name, client in clients.items()}
        self.log = io.StringIO()
        self._clients = clients
        self.publisher = self.make()
        for stub in self.stubs.values():
            stub.activate()

    def make(self, **steps: Any) -> Publisher:
        return Publisher(
            outbox=Outbox(self._clients["dynamodb"], names.LEDGER),
            events=self._clients["events"],
            sns=self._clients["sns"],
            topic_arn=TOPIC,
            logger=Logger(service=f"bench-{next(NUMBERS)}", stream=self.log),
            **steps,
        )

    def expect_outbox(self, row: Row, *, held: bool = True, told: bool = False) -> None:
        mark = {"at": {"N": "1"}} | ({"told": {"BOOL": True}} if told else {})
        item = {"Item": mark} if held else {}
        key = {"pk": {"S": "outbox"}, "sk": {"S": outbox_key(row.endpoint, row.number)}}
        self.stubs["dynamodb"].add_response(
            "get_item", item, {"TableName": names.LEDGER, "Key": key, "ConsistentRead": True}
        )

    def expect_event(self, row: Row, answer: dict[str, Any] | None = None) -> None:
        taken = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
        self.stubs["events"].add_response("put_events", answer or taken, {"Entries": [event(row)]})

    def expect_message(self, row: Row) -> None:
        self.stubs["sns"].add_response("publish", {"MessageId": "1"}, notification.request(row, TOPIC))

    def expect_mark(self, row: Row) -> None:
        key = {"pk": {"S": "outbox"}, "sk": {"S": outbox_key(row.endpoint, row.number)}}
        item = key | {"at": {"N": repr(row.fact.at)}, "told": {"BOOL": True}}
        self.stubs["dynamodb"].add_response("put_item", {}, {"TableName": names.LEDGER, "Item": item})

    def expect_removal(self, row: Row) -> None:
        key = {"pk": {"S": "outbox"}, "sk": {"S": outbox_key(row.endpoint, row.number)}}
        self.stubs["dynamodb"].add_response("delete_item", {}, {"TableName": names.LEDGER, "Key": key})

    def publish(self, *rows: Row) -> Result:
        """Fails where a call was made that was not expected, or not made although it was."""
        result = self.publisher.publish_all(Waiting(str(row.number), lambda row=row: row) for row in rows)  # type: ignore[misc]
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()
        return result

    def lines(self) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.log.getvalue().splitlines()]
        ours = ("message", "endpoint", "number", "kind", "summary", "told_people", "identifier", "error")
        return [{name: line[name] for name in ours if name in line} for line in found]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_row_is_told_to_the_bus_and_to_people_then_leaves_the_outbox_in_one_logged_line(bench: Bench) -> None:
    bench.expect_outbox(ROLLED_BACK)
    bench.expect_event(ROLLED_BACK)
    bench.expect_message(ROLLED_BACK)
    bench.expect_removal(ROLLED_BACK)
    assert bench.publish(ROLLED_BACK) == Result(1, ())
    assert bench.lines() == [
        {
            "message": "published",
            "endpoint": "fraud-detection",
            "number": 1,
            "kind": "attempt_closed",
            "summary": ROLLED_BACK.fact.summary,
            "told_people": True,
        }
    ]


def test_a_row_that_left_the_outbox_is_not_told_again(bench: Bench) -> None:
    bench.expect_outbox(ROLLED_BACK, held=False)
    assert bench.publish(ROLLED_BACK) == Result(0, ())


def test_an_entry_the_bus_did_not_take_is_a_failure_although_the_answer_was_200(bench: Bench) -> None:
    other = dataclasses.replace(told(Kind.APPROVAL_SEEN), number=2)
    refusal = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}]}
    bench.expect_outbox(ROLLED_BACK)
    bench.expect_event(ROLLED_BACK, refusal)
    bench.expect_outbox(other)
    bench.expect_event(other)
    bench.expect_removal(other)
    assert bench.publish(ROLLED_BACK, other) == Result(1, ("1",))
    assert bench.lines()[0] == {"message": "not published", "identifier": "1", "error": "InternalFailure: try again"}


def test_a_row_whose_message_failed_stays_in_the_outbox(bench: Bench) -> None:
    bench.expect_outbox(ROLLED_BACK)
    bench.expect_event(ROLLED_BACK)
    bench.stubs["sns"].add_client_error("publish", "ThrottledException", "Rate exceeded")
    assert bench.publish(ROLLED_BACK) == Result(0, ("1",))


# What comes after telling, where it is wanted.


class Steps:
    """Copies and annotations in one, which only say in what order they are asked, or fail."""

    def __init__(self, bench: Bench, failing: Exception | None = None, unwritten: tuple[Unwritten, ...] = ()) -> None:
        self._failing = failing
        self._unwritten = unwritten
        self.taken: list[str] = []
        bench.publisher = bench.make(copies=self, annotations=self)

    def keep(self, row: Row) -> None:
        if self._failing:
            raise self._failing
        self.taken.append(f"copy {row.number}")

    def write(self, row: Row) -> tuple[Unwritten, ...]:
        self.taken.append(f"annotate {row.number}")
        return self._unwritten


def test_what_was_told_is_marked_then_copied_then_annotated_then_out_of_the_outbox(bench: Bench) -> None:
    steps = Steps(bench)
    bench.expect_outbox(ROLLED_BACK)
    bench.expect_event(ROLLED_BACK)
    bench.expect_message(ROLLED_BACK)
    bench.expect_mark(ROLLED_BACK)
    bench.expect_removal(ROLLED_BACK)
    assert bench.publish(ROLLED_BACK) == Result(1, ())
    assert steps.taken == ["copy 1", "annotate 1"]


@pytest.mark.parametrize(
    "error",
    [CopyDiffers("it is not row 1"), Denied("no"), ClientError({"Error": {"Code": "NoSuchBucket"}}, "PutObject")],
    ids=["another copy", "denied", "no bucket"],
)
def test_a_row_without_its_copy_was_told_and_stays_in_the_outbox(bench: Bench, error: Exception) -> None:
    Steps(bench, failing=error)
    bench.expect_outbox(ROLLED_BACK)
    bench.expect_event(ROLLED_BACK)
    bench.expect_message(ROLLED_BACK)
    bench.expect_mark(ROLLED_BACK)
    assert bench.publish(ROLLED_BACK) == Result(0, ("1",))
    assert bench.lines() == [{"message": "not published", "identifier": "1", "error": str(error)}]


def test_a_row_that_was_told_is_copied_without_being_told_again(bench: Bench) -> None:
    steps = Steps(bench)
    bench.expect_outbox(ROLLED_BACK, told=True)
    bench.expect_removal(ROLLED_BACK)
    assert bench.publish(ROLLED_BACK) == Result(1, ())
    assert steps.taken == ["copy 1", "annotate 1"]


def test_an_annotation_that_the_registry_does_not_take_is_logged_counted_and_no_obstacle(bench: Bench) -> None:
    Steps(bench, unwritten=(Unwritten("arn:v/1", "50 properties"),))
    bench.expect_outbox(ROLLED_BACK, told=True)
    bench.expect_removal(ROLLED_BACK)
    assert bench.publish(ROLLED_BACK) == Result(1, (), unwritten=1)
    assert bench.lines()[-1] == {"message": "not annotated", "error": "50 properties"}


def test_all_pages_of_the_outbox_are_read_and_young_rows_left_to_the_stream() -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    query = {
        "TableName": names.LEDGER,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "outbox"}},
        "ConsistentRead": True,
    }

    def item(key: str, at: str) -> dict[str, Any]:
        return {"pk": {"S": "outbox"}, "sk": {"S": key}, "at": {"N": at}}

    last = {"pk": {"S": "outbox"}, "sk": {"S": "churn#0000000008"}}
    with Stubber(client) as stub:
        first = [item("churn#0000000007", "100.5"), item("churn#0000000008", "940.1")]
        stub.add_response("query", {"Items": first, "LastEvaluatedKey": last}, query)
        rest = {"Items": [item("fraud-detection#0000000012", "940")]}
        stub.add_response("query", rest, query | {"ExclusiveStartKey": last})
        assert list(Outbox(client, names.LEDGER).waiting(since=940.0)) == [("churn", 7), ("fraud-detection", 12)]


# The function, called as Lambda calls it, against moto.


class World:
    """The ledger's table, a queue that gets all our events, and one that gets all messages."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self._sqs = boto3.client("sqs")
        self._bus, self._inbox = (self._sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("bus", "inbox"))
        events, sns = boto3.client("events"), boto3.client("sns")
        events.put_rule(Name="all", EventPattern=json.dumps({"source": ["approval-gate"]}))
        events.put_targets(Rule="all", Targets=[{"Id": "bus", "Arn": f"arn:aws:sqs:{REGION}:123456789012:bus"}])
        topic = sns.create_topic(Name=names.TOPIC)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:inbox")

    def store(self, *items: dict[str, Any]) -> None:
        """Rows as the ledger writes them, each with its place in the outbox."""
        for item in items:
            key = outbox_key(item["endpoint"]["S"], int(item["number"]["N"]))
            mark = {"pk": {"S": "outbox"}, "sk": {"S": key}, "at": item["at"]}
            for one in (item, mark):
                self.dynamodb.put_item(TableName=names.LEDGER, Item=one)

    def outbox(self) -> list[str]:
        return [sk for pk, sk in contents(self.dynamodb) if pk == "outbox"]

    def events(self) -> list[tuple[str, str, int]]:
        """Detail type, endpoint and number of each event, in order; the queue is empty after."""
        found = [json.loads(body) for body in self._drain(self._bus)]
        return [(e["detail-type"], e["detail"]["endpoint"], e["detail"]["number"]) for e in found]

    def chat(self) -> list[Any]:
        return [json.loads(json.loads(body)["Message"]) for body in self._drain(self._inbox)]

    def subjects(self) -> list[str]:
        return [json.loads(body)["Subject"] for body in self._drain(self._inbox)]

    def _drain(self, queue: str) -> Iterator[str]:
        while messages := self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            yield from (message["Body"] for message in messages)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    settings = Settings(names.LEDGER, "unused", TOPIC, "unused", "unused")
    for variable, value in settings.to_env().items():
        monkeypatch.setenv(variable, value)
    with ledger_table(monkeypatch) as dynamodb:
        handler.composed.cache_clear()
        yield World(dynamodb)
    handler.composed.cache_clear()


BATCH = [
    ("Approval Gate Approval Seen", "churn", 1),
    ("Approval Gate Held", "churn", 2),
    ("Approval Gate Attempt Opened", "fraud-detection", 1),
]


def test_a_batch_of_the_stream_is_told_in_order(world: World) -> None:
    batch = stream("ledger-stream-batch")
    world.store(*images(batch))
    assert handler.handler(batch, CONTEXT) == {"batchItemFailures": []}
    assert world.events() == BATCH
    assert world.subjects() == ["churn: held"]
    assert world.outbox() == []


def test_the_settings_choose_the_format_and_the_time_zone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVAL_GATE_NOTIFICATION_FORMAT", "chat")
    monkeypatch.setenv("APPROVAL_GATE_TIME_ZONE", "Europe/Berlin")
    batch = stream("ledger-stream-batch")
    world.store(*images(batch))
    handler.handler(batch, CONTEXT)
    ((title, when),) = [
        (each["content"]["title"], each["content"]["description"].split("\n")[2]) for each in world.chat()
    ]
    assert (title, when.split(" ")[0], " CET (" in when or " CEST (" in when) == ("churn: held", "When:", True)


def test_a_batch_that_comes_again_is_told_once(world: World) -> None:
    batch = stream("ledger-stream-batch")
    world.store(*images(batch))
    handler.handler(batch, CONTEXT)
    assert handler.handler(batch, CONTEXT) == {"batchItemFailures": []}
    assert world.events() == BATCH
    assert world.subjects() == ["churn: held"]


def test_a_row_nobody_can_read_is_where_the_stream_starts_again_and_the_others_are_told(world: World) -> None:
    batch = stream("ledger-stream-poison")
    world.store(*images(batch))
    poison = batch["Records"][1]["dynamodb"]["SequenceNumber"]
    assert handler.handler(batch, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": poison}]}
    assert world.events() == [BATCH[0], BATCH[2]]
    assert world.outbox() == ["churn#0000000002"]


def test_rows_whose_topic_is_gone_stay_and_the_first_of_them_is_reported(world: World) -> None:
    batch = stream("ledger-stream-batch")
    world.store(*images(batch))
    boto3.client("sns").delete_topic(TopicArn=TOPIC)
    held = batch["Records"][1]["dynamodb"]["SequenceNumber"]
    assert handler.handler(batch, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": held}]}
    assert world.outbox() == ["churn#0000000002"]


def test_a_sweep_tells_what_the_stream_lost(world: World) -> None:
    world.store(*images(stream("ledger-stream-batch")))
    assert handler.handler({"sweep": "outbox"}, CONTEXT) is None
    assert world.events() == BATCH
    assert world.subjects() == ["churn: held"]
    assert world.outbox() == []


def test_a_sweep_leaves_a_young_row_to_the_stream(world: World) -> None:
    young = dataclasses.replace(ROLLED_BACK, fact=dataclasses.replace(ROLLED_BACK.fact, at=FAR_AHEAD))
    world.store(row_item(young))
    handler.handler({"sweep": "outbox"}, CONTEXT)
    assert world.events() == []
    assert world.outbox() == ["fraud-detection#0000000001"]


def test_a_sweep_of_an_empty_outbox_tells_nothing(world: World) -> None:
    handler.handler({"sweep": "outbox"}, CONTEXT)
    assert (world.events(), world.subjects()) == ([], [])


def test_a_sweep_tells_the_others_before_it_fails_for_a_poison_row(world: World) -> None:
    world.store(*images(stream("ledger-stream-poison")))
    world.dynamodb.put_item(
        TableName=names.LEDGER,
        Item={"pk": {"S": "outbox"}, "sk": {"S": "churn#0000000009"}, "at": {"N": str(LONG_AGO)}},
    )
    with pytest.raises(handler.SweepFailed, match=r"^2 rows could not be published: churn#2, churn#9$"):
        handler.handler({"sweep": "outbox"}, CONTEXT)
    assert world.events() == [BATCH[0], BATCH[2]]
    assert world.outbox() == ["churn#0000000002", "churn#0000000009"]


def test_what_the_ledger_writes_is_told_once_by_stream_and_sweep_together(world: World) -> None:
    facts = (Fact(Kind.ALERT, LONG_AGO, "look"), Fact(Kind.BASELINE, LONG_AGO, "First look"))
    Ledger(world.dynamodb, names.LEDGER).write(None, Head("churn", SpecSeen(1, 1.0), 1.0), facts)
    streamed = stream("ledger-stream")
    key = {"pk": {"S": "endpoint#churn"}, "sk": {"S": "row#0000000001"}}
    streamed["Records"][0]["dynamodb"]["NewImage"] = world.dynamodb.get_item(TableName=names.LEDGER, Key=key)["Item"]
    handler.handler(streamed, CONTEXT)
    handler.handler({"sweep": "outbox"}, CONTEXT)
    assert world.events() == [("Approval Gate Alert", "churn", 1), ("Approval Gate Baseline", "churn", 2)]
    assert world.subjects() == ["churn: alert"]


def test_with_a_bucket_each_row_is_copied_and_a_row_whose_copy_is_another_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPROVAL_GATE_COPY_BUCKET", "copies")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="copies", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="copies", Key="churn/0000000002.json", Body=b"{}")
    batch = stream("ledger-stream-batch")
    world.store(*images(batch))
    differing = batch["Records"][1]["dynamodb"]["SequenceNumber"]
    for _ in range(2):
        assert handler.handler(batch, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": differing}]}
    assert world.events() == BATCH
    assert world.subjects() == ["churn: held"]
    assert world.outbox() == ["churn#0000000002"]
    kept = [version["Key"] for version in s3.list_object_versions(Bucket="copies")["Versions"]]
    assert kept == ["churn/0000000001.json", "churn/0000000002.json", "fraud-detection/0000000001.json"]
    with pytest.raises(handler.SweepFailed, match="1 rows could not be published: churn#2"):
        handler.handler({"sweep": "outbox"}, CONTEXT)


def test_a_change_of_an_alarm_is_notified_and_that_of_another_alarm_is_not(world: World) -> None:
    detail = {"alarmName": names.DEAD_LETTERS, "state": {"value": "ALARM"}, "previousState": {"value": "OK"}}
    event = {"detail-type": "CloudWatch Alarm State Change", "time": "2027-01-15T07:59:30Z", "detail": detail}
    assert handler.handler(event, CONTEXT) is None
    assert handler.handler(event | {"detail": detail | {"alarmName": "sales"}}, CONTEXT) is None
    assert world.subjects() == ["all endpoints: alarm approval-gate-dead-letters fired"]


def test_an_event_of_another_kind_is_an_error(world: World) -> None:
    with pytest.raises(ValueError, match="Neither a batch of the ledger's stream, a sweep nor an alarm"):
        handler.handler({"detail-type": "Scheduled Event"}, CONTEXT)


def test_published_rows_are_counted_as_a_metric(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    batch = stream("ledger-stream-poison")
    world.store(*images(batch))
    handler.handler(batch, CONTEXT)
    metric = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (metric["RowsPublished"], metric["RowsNotPublished"]) == ([2.0], [1.0])
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "ApprovalGate"


@pytest.mark.parametrize(
    ("kind", "detail"),
    [(Kind.ATTEMPT_OPENED, {"purpose": "revert"}), (Kind.APPROVAL_REVOKED, {"waited": True})],
)
def test_who_hears_of_a_revocation_hears_of_tools_that_set_the_status_again(kind: Kind, detail: dict[str, Any]) -> None:
    text = advise(told(kind, **detail))
    assert text is not None
    assert text.endswith(
        "nobody decided so, look for a tool that sets ModelApprovalStatus again at each run, and take the status out "
        "of its definition."
    )
