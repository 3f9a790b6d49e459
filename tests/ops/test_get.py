"""`get`: what an endpoint serves right now, from AWS's answers to what people and programs see."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from lambdas.gate import names
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.text import duration_text
from ops.commands import get
from ops.endpoint_view import EndpointView
from ops.observing import observe
from ops.render import live_tree
from ops.render.live_tree import Moment
from tests.lambdas.builders import approval
from tests.ledger_table import ledger_table
from tests.ops.test_cli import FIRST, HEAD, SECOND, T, World

NAME = "fraud-detection"
NOW = T + 7_260
ATTEMPT = Attempt(
    2, SECOND, Purpose.UPDATE, Fleet("gate-fraud-2", "s", "ml.m5.large", 2), (), opened_at=NOW - 600,
    expected_seconds=900,
)  # fmt: skip
ROLLING = dataclasses.replace(HEAD, attempt=ATTEMPT, quarantined=())
UPDATING = {
    "EndpointStatus": "Updating",
    "EndpointConfigName": "gate-fraud-1",
    "ProductionVariants": [{"VariantName": "AllTraffic"}],
    "PendingDeploymentSummary": {
        "EndpointConfigName": "gate-fraud-2",
        "ProductionVariants": [
            {
                "VariantStatus": [
                    {"Status": "Creating"},
                    {"Status": "Baking", "StatusMessage": "Baking for 300 seconds."},
                ]
            }
        ],
    },
}
COUNTS = {
    ("gate-fraud-1", "Invocations"): {NOW - 400: 1000.0, NOW - 100: 90.0},
    ("gate-fraud-1", "InvocationModelErrors"): {NOW - 400: 0.0},
    ("gate-fraud-2", "Invocations"): {NOW - 100: 10.0},
    ("gate-fraud-2", "InvocationModelErrors"): {NOW - 100: 3.0},
}
STATES = {
    names.rollout_alarm(NAME, "gate-fraud-2", "5xx"): "ALARM",
    names.rollout_alarm(NAME, "gate-fraud-2", "abort"): "INSUFFICIENT_DATA",
    names.rollout_alarm(NAME, "gate-fraud-0", "5xx"): "OK",
    names.standing_alarm(NAME, "5xx"): "OK",
}


class Fake:
    """SageMaker and CloudWatch in one. `denied`: the operations that the caller may not use."""

    def __init__(self, described: dict[str, Any] | None = None, denied: tuple[str, ...] = ()) -> None:
        self.described = described
        self.denied = denied
        self.asked: list[dict[str, Any]] = []

    def client(self, _: str) -> "Fake":
        return self

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        self._check("DescribeEndpoint")
        if self.described is None:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "Could not find endpoint x"}}, "D")
        return self.described

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        self._check("GetMetricStatistics")
        self.asked.append(request)
        config = next(each["Value"] for each in request["Dimensions"] if each["Name"] == "EndpointConfigName")
        points = COUNTS.get((config, request["MetricName"]), {})
        (statistic,) = request["Statistics"]
        return {
            "Datapoints": [{"Timestamp": datetime.fromtimestamp(at, UTC), statistic: n} for at, n in points.items()]
        }

    def get_paginator(self, operation: str) -> "Fake":
        assert operation == "describe_alarms"
        return self

    def paginate(self, AlarmNamePrefix: str, AlarmTypes: list[str]) -> list[dict[str, Any]]:  # noqa: N803
        self._check("DescribeAlarms")
        found = [name for name in STATES if name.startswith(AlarmNamePrefix)]
        return [{"MetricAlarms": [{"AlarmName": name, "StateValue": STATES[name]}]} for name in found]

    def _check(self, operation: str) -> None:
        if operation in self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, operation)


def view(described: dict[str, Any] | None, head: Any = ROLLING, denied: tuple[str, ...] = ()) -> EndpointView:
    return observe(Fake(described, denied).client, NAME, head, NOW, UTC)


def test_a_rollout_has_both_fleets_with_their_requests_and_the_share_of_the_last_minutes() -> None:
    found = view(UPDATING)
    assert found.state == "Updating · Baking · Baking for 300 seconds."
    assert [dataclasses.astuple(fleet) for fleet in found.fleets] == [
        ("v1", False, 0.9, 1090, 0),
        ("v2", True, 0.1, 10, 3),
    ]
    assert (found.alarms, found.standing) == ({"5xx": "ALARM", "abort": "INSUFFICIENT_DATA"}, {"5xx": "OK"})
    assert found.counted == "since 2025-11-23T14:04:20Z"


def test_an_endpoint_at_rest_has_one_fleet_with_all_traffic() -> None:
    found = view({"EndpointStatus": "InService", "EndpointConfigName": "gate-fraud-1"}, HEAD)
    assert [(fleet.name, fleet.share, fleet.requests) for fleet in found.fleets] == [("v1", 1.0, 1090)]
    assert (found.state, found.counted, found.alarms) == ("InService", "in the last hour", {})


def test_a_creation_has_only_a_new_fleet() -> None:
    found = view({"EndpointStatus": "Creating", "EndpointConfigName": "gate-fraud-2"})
    assert [(fleet.name, fleet.is_new) for fleet in found.fleets] == [("v2", True)]


def test_a_config_that_the_ledger_does_not_know_has_its_own_name() -> None:
    found = view({"EndpointStatus": "InService", "EndpointConfigName": "by-hand"}, HEAD)
    assert [fleet.name for fleet in found.fleets] == ["by-hand"]


def test_before_the_first_requests_no_share_is_known() -> None:
    described = UPDATING | {"EndpointConfigName": "a", "PendingDeploymentSummary": {"EndpointConfigName": "b"}}
    assert [fleet.share for fleet in view(described).fleets] == [None, None]


def test_an_endpoint_that_does_not_exist_says_so() -> None:
    assert view(None) == EndpointView("no endpoint")


@pytest.mark.parametrize(
    ("kind", "metrics"),
    [
        ({}, {"Invocations", "InvocationModelErrors"}),
        ({"AsyncInferenceConfig": {}}, {"ModelLatency", "Invocation5XXErrors"}),
        (
            {"ProductionVariants": [{"VariantName": "a", "CurrentServerlessConfig": {}}]},
            {"Invocations", "Invocation5XXErrors"},
        ),
    ],
    ids=["instances", "asynchronous", "serverless"],
)
def test_requests_and_failures_are_counted_by_the_metrics_that_the_alarms_watch(
    kind: dict[str, Any], metrics: set[str]
) -> None:
    fake = Fake(UPDATING | kind)
    observe(fake.client, NAME, ROLLING, NOW, UTC)
    assert {each["MetricName"] for each in fake.asked} == metrics


@pytest.mark.parametrize(
    ("denied", "left"),
    [
        ("DescribeEndpoint", ("unknown", 0, 0)),
        ("GetMetricStatistics", ("Updating · Baking · Baking for 300 seconds.", 0, 2)),
        ("DescribeAlarms", ("Updating · Baking · Baking for 300 seconds.", 2, 0)),
    ],
)
def test_what_the_caller_may_not_read_is_named_and_the_rest_is_shown(denied: str, left: tuple[str, int, int]) -> None:
    found = view(UPDATING, denied=(denied,))
    assert (found.state, len(found.fleets), len(found.alarms)) == left
    assert found.unread == (f"An error occurred (AccessDenied) when calling the {denied} operation: No.",)


def lines(moment: Moment) -> list[str]:
    return live_tree.block(moment, UTC).block().lines()


def test_a_rollout_in_flight_is_shown_with_all_that_matters() -> None:
    waits = "FraudDetectionGroup/3 was approved at … and waits"
    assert lines(Moment(NAME, ROLLING, view(UPDATING), waits, NOW)) == [
        "fraud-detection",
        "  live        FraudDetectionGroup/1 for 2 h 1 min, since 2025-11-23T12:13:20Z, approved by alice",
        "  rollout     update to FraudDetectionGroup/2 in flight since 2025-11-23T14:04:20Z, about 5 min left",
        "  phase       Updating · Baking · Baking for 300 seconds.",
        "  traffic     v1  90% ██████████████████████▒▒ 10% v2",
        "  requests    v1 1,090 · v2 10 (3 failed), since 2025-11-23T14:04:20Z",
        "  new fleet   5xx ALARM · abort no data",
        "  standing    5xx OK",
        f"  waiting     {waits}",
    ]


def test_at_rest_there_is_no_line_about_a_new_fleet() -> None:
    found = view({"EndpointStatus": "InService", "EndpointConfigName": "gate-fraud-1"}, HEAD)
    assert lines(Moment(NAME, dataclasses.replace(HEAD, paused="freeze"), found, None, NOW)) == [
        "fraud-detection",
        "  live        FraudDetectionGroup/1 for 2 h 1 min, since 2025-11-23T12:13:20Z, approved by alice",
        "  phase       InService",
        "  traffic     v1 100% ████████████████████████",
        "  requests    v1 1,090, in the last hour",
        "  standing    5xx OK",
        "  paused      freeze",
        "  quarantine  FraudDetectionGroup/2: 5xx fired",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (9, "9 s"), (252, "4 min 12 s"), (3600, "1 h"), (65_100, "18 h 5 min"), (273_600, "3 d 4 h")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, monkeypatch)


def test_each_endpoint_is_shown(world: World) -> None:
    code, shown = world.run("get")
    assert (code, [line for line in shown if not line.startswith(" ")]) == (0, ["churn", NAME])
    assert "  live        not reconciled yet" in shown
    assert world.run("get", "churn") == (0, shown[: shown.index(NAME)])


def test_an_endpoint_for_programs(world: World) -> None:
    code, (line,) = world.run("get", NAME, "--output", "json")
    found = json.loads(line)
    assert code == 0
    assert (found["state"], found["fleets"], found["alarms"], found["unread"]) == ("no endpoint", [], {}, [])
    assert found["live"]["version"] == FIRST.version


def test_an_endpoint_that_waits_says_for_what(world: World) -> None:
    before = world.head()
    waiting = dataclasses.replace(before, approvals=(approval(3),), paused="freeze")
    world.ledger.write(before, waiting, (Fact(Kind.HELD, T, "paused: freeze"),))
    _, (line,) = world.run("get", NAME, "--output", "json")
    assert json.loads(line)["waits"].endswith("because an operator paused fraud-detection: freeze")


def test_a_head_that_cannot_be_read_leaves_the_others(world: World) -> None:
    world.dynamodb.update_item(
        TableName=names.LEDGER,
        Key={"pk": {"S": f"endpoint#{NAME}"}, "sk": {"S": "head"}},
        UpdateExpression="SET head = :text",
        ExpressionAttributeValues={":text": {"S": "no JSON"}},
    )
    code, shown = world.run("get")
    assert (code, shown[-1]) == (9, f"Error: The state of {NAME} cannot be read. See `verify`, then `restore`.")
    assert shown[0] == "churn"


def test_a_region_without_endpoints_says_so(world: World) -> None:
    boto3.client("ssm").delete_parameters(Names=[names.spec_parameter(e) for e in ("churn", NAME)])
    assert world.run("get") == (
        0,
        ["There are no endpoints here. Deploy a stack ApprovalGate-NAME first: make deploy."],
    )


def readings(world: World, monkeypatch: pytest.MonkeyPatch, acts: list[Callable[[], object]]) -> None:
    """Have these acts happen between the readings; after the last one the operator presses Ctrl-C."""

    def sleep(_: float) -> None:
        if not acts:
            raise KeyboardInterrupt
        acts.pop(0)()

    monkeypatch.setattr(get, "sleep", sleep)


def test_in_a_file_a_watch_shows_each_change_until_ctrl_c(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.render.live_tree.duration_text", lambda _: "2 h")
    readings(world, monkeypatch, [lambda: None, lambda: world.run("pause", NAME, "--reason", "freeze")])
    code, shown = world.run("get", NAME, "--watch")
    assert (code, shown.count(NAME), sum("paused" in line for line in shown)) == (0, 2, 1)


def test_a_watch_for_programs_has_a_value_for_each_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    readings(world, monkeypatch, [lambda: None])
    code, shown = world.run("get", NAME, "--watch", "--output", "json")
    assert (code, [json.loads(line)["endpoint"] for line in shown]) == (0, [NAME, NAME])


@pytest.mark.parametrize("width", [60, 200])
def test_a_terminal_shows_no_line_that_is_wider(world: World, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    out = StringIO()
    monkeypatch.setattr("rich.console.Console", lambda: Console(file=out, force_terminal=True, width=width))
    assert world.run("get", NAME)[0] == 0
    readings(world, monkeypatch, [])
    assert world.run("get", NAME, "--watch")[0] == 0
    shown = Console(width=width, record=True, file=StringIO())
    shown.print(live_tree.block(Moment(NAME, ROLLING, view(UPDATING), None, NOW), UTC).terminal())
    drawn = shown.export_text().splitlines()
    assert max(map(len, drawn)) <= width
    assert any("v1  90%" in line and line.rstrip().endswith("10% v2") for line in drawn)
