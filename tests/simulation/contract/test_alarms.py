"""CloudWatch: alarms, their states and history, and metrics."""

from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from simulation.world.example import KPI, NAME, SPEC
from tests.simulation.contract.cases import Case, Setup, params
from tests.simulation.contract.worlds import Moment, Worlds

CONFIG = "gate-c2"
ROLLOUT = alarms.rollout_alarms(SPEC, CONFIG)
OWN = list(alarms.rollout_names(SPEC, CONFIG))
STANDING = list(alarms.standing_names(SPEC))


def begin(worlds: Worlds) -> None:
    """The sandbox makes what a world begins with when a service is first asked."""
    worlds.sandboxed.client("cloudwatch")


def put(worlds: Worlds) -> None:
    for request in ROLLOUT:
        worlds.answer("cloudwatch", "PutMetricAlarm", **request)


def delete(worlds: Worlds) -> None:
    worlds.answer("cloudwatch", "DeleteAlarms", AlarmNames=[*OWN, "none"])


def fired(*names: str, state: str = "ALARM") -> Setup:
    def fire(worlds: Worlds) -> None:
        begin(worlds)
        for name in names:
            worlds.advance(10)
            worlds.do("set_alarm", name, state)

    return fire


def _case(name: str, operation: str, request: dict[str, Any], *setups: Setup) -> Case:
    def setup(worlds: Worlds) -> None:
        for each in setups:
            each(worlds)

    return Case(name, "cloudwatch", operation, request, setup)


def describe(name: str, alarm_names: list[str], *setups: Setup) -> Case:
    return _case(name, "DescribeAlarms", {"AlarmNames": alarm_names, "AlarmTypes": ["MetricAlarm"]}, *setups)


CASES = (
    *(_case(request["AlarmName"].rpartition("/")[2], "PutMetricAlarm", request) for request in ROLLOUT),
    _case("again", "PutMetricAlarm", ROLLOUT[0], put),
    _case("its own", "DeleteAlarms", {"AlarmNames": OWN}, put),
    _case("again", "DeleteAlarms", {"AlarmNames": OWN}),
    describe("of an endpoint", STANDING),
    describe("of a rollout, out of order", [*reversed(OWN), KPI], put),
    describe("some are missing", [*OWN, KPI, "none"], fired(KPI)),
    describe("in ALARM", [*OWN, KPI], put, fired(KPI, OWN[0])),
    describe("back at OK", [KPI], fired(KPI), fired(KPI, state="OK")),
    describe("put again while in ALARM", OWN, put, fired(OWN[3]), put),
    describe("deleted and put again", OWN, put, fired(OWN[3]), delete, put),
    _case(
        "no requests",
        "GetMetricStatistics",
        {
            "Namespace": alarms.NAMESPACE,
            "MetricName": "Invocations",
            "Dimensions": [{"Name": "EndpointName", "Value": NAME}],
            "StartTime": Moment(0),
            "EndTime": Moment(60),
            "Period": 300,
            "Statistics": ["Sum"],
        },
    ),
    _case(
        "of another namespace",
        "PutMetricData",
        {"Namespace": "Business", "MetricData": [{"MetricName": alarms.ABORT, "Value": 1}]},
    ),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_alarms_are_found_by_how_their_names_begin(worlds: Worlds) -> None:
    begin(worlds)
    worlds.advance(10)
    put(worlds)
    request = {"AlarmNamePrefix": f"{names.PREFIX}/", "AlarmTypes": ["MetricAlarm"], "MaxRecords": 100}
    found = worlds.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", **request)
    told = [(each["AlarmName"], each["AlarmConfigurationUpdatedTimestamp"]) for each in found]
    assert told == sorted([*((name, "step 2") for name in OWN), *((name, "step 1") for name in STANDING)])


def test_of_incorrect_names_the_others_are_deleted(worlds: Worlds) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html"""
    put(worlds)
    delete(worlds)
    answer = worlds.answer("cloudwatch", "DescribeAlarms", AlarmNames=[*OWN, KPI], AlarmTypes=["MetricAlarm"])
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"]] == [KPI]


def history(worlds: Worlds, name: str, since: float) -> list[dict[str, Any]]:
    """`since` in seconds from the beginning."""
    request = {"AlarmName": name, "HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending"}
    start = Moment(since)
    return worlds.pages("cloudwatch", "DescribeAlarmHistory", "AlarmHistoryItems", StartDate=start, **request)


def test_the_history_of_an_alarm_holds_each_change_of_its_state(worlds: Worlds) -> None:
    fired(KPI)(worlds)
    fired(KPI, state="OK")(worlds)
    fired(KPI)(worlds)
    assert history(worlds, KPI, 0) == [
        item("step 2", "not ALARM", "ALARM"),
        item("step 3", "ALARM", "not ALARM"),
        item("step 4", "not ALARM", "ALARM"),
    ]
    assert history(worlds, STANDING[0], 0) == []


@pytest.mark.parametrize(("since", "steps"), [(10, ["step 2", "step 3"]), (11, ["step 3"]), (21, [])])
def test_the_history_begins_with_the_start_date(worlds: Worlds, since: float, steps: list[str]) -> None:
    fired(KPI)(worlds)
    fired(KPI, state="OK")(worlds)
    assert [item["Timestamp"] for item in history(worlds, KPI, since)] == steps


def test_the_history_outlives_the_alarm(worlds: Worlds) -> None:
    put(worlds)
    fired(OWN[0])(worlds)
    delete(worlds)
    assert history(worlds, OWN[0], 0) == [item("step 2", "not ALARM", "ALARM", OWN[0])]


def test_an_alarm_that_fires_is_told_once(worlds: Worlds) -> None:
    put(worlds)
    fired(OWN[0], OWN[0], KPI)(worlds)
    told = [("CloudWatch Alarm State Change", {"alarmName": name}) for name in (OWN[0], KPI)]
    assert worlds.heard() == told


def test_an_abort_is_a_metric_that_sets_off_its_alarm(worlds: Worlds) -> None:
    put(worlds)
    metric = alarms.abort_metric(NAME, CONFIG)
    datum = {"MetricName": metric["MetricName"], "Dimensions": metric["Dimensions"], "Value": 1, "StorageResolution": 1}
    worlds.answer(
        "cloudwatch",
        "PutMetricData",
        Namespace=metric["Namespace"],
        MetricData=[datum | {"Timestamp": Moment(0)}],
    )
    worlds.advance(60)
    (answer,) = worlds.answer("cloudwatch", "DescribeAlarms", AlarmNames=[OWN[3]], AlarmTypes=["MetricAlarm"])[
        "MetricAlarms"
    ]
    assert (answer["StateValue"], answer["StateTransitionedTimestamp"]) == ("ALARM", "step 1")


def item(step: str, old: str, new: str, alarm: str = KPI) -> dict[str, Any]:
    state = {"stateValue": new} | ({"stateReason": "Threshold Crossed"} if new == "ALARM" else {})
    return {
        "AlarmName": alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": step,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {old} to {new}",
        "HistoryData": {"oldState": {"stateValue": old}, "newState": state},
    }
