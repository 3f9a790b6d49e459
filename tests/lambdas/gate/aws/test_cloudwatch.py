import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Denied, Limited, Throttled
from lambdas.gate.rollout import alarms
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.rung import Copied
from lambdas.gate.state.shared_minute import Count, SharedMinute, Slow
from tests.lambdas.builders import NOW, SPEC
from tests.lambdas.stubbed import stubbed

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
CONFIG = "gate-fraud-detection-3-abc"


def _alarm(name: str, state: str, **fields: Any) -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": state, "StateReason": "Threshold Crossed", **fields}


def _update(new: str, at: float) -> dict[str, Any]:
    data = {
        "version": "1.0",
        "oldState": {"stateValue": "OK"},
        "newState": {"stateValue": new, "stateReason": "crossed"},
    }
    return {
        "Timestamp": datetime.fromtimestamp(at, UTC),
        "HistoryData": json.dumps(data),
        "HistoryItemType": "StateUpdate",
    }


def test_each_alarm_of_a_rollout_is_put() -> None:
    requests = alarms.rollout_alarms(SPEC, CONFIG)
    with stubbed("cloudwatch") as stub:
        for request in requests:
            stub.add_response("put_metric_alarm", {}, request)
        CloudWatch(stub.client).create(requests)
    assert len(requests) == 4


@pytest.mark.parametrize(
    ("code", "error"), [("LimitExceeded", Limited), ("ThrottlingException", Throttled), ("AccessDenied", Denied)]
)
def test_the_quota_of_alarms_is_told_from_a_throttle(code: str, error: type[Exception]) -> None:
    with stubbed("cloudwatch") as stub:
        stub.add_client_error("put_metric_alarm", code, "words of AWS")
        with pytest.raises(error, match="words of AWS"):
            CloudWatch(stub.client).create(alarms.rollout_alarms(SPEC, CONFIG))


def test_alarms_are_deleted_in_one_call() -> None:
    with stubbed("cloudwatch") as stub:
        stub.add_response("delete_alarms", {}, {"AlarmNames": ["a", "b"]})
        CloudWatch(stub.client).delete(("a", "b"))
        CloudWatch(stub.client).delete(())


def test_an_alarm_that_is_gone_already_is_deleted() -> None:
    with stubbed("cloudwatch") as stub:
        stub.add_client_error("delete_alarms", "ResourceNotFound", "Unknown")
        CloudWatch(stub.client).delete(("a", "b"))


def test_which_alarms_exist_and_which_burn_since_when() -> None:
    answer = {
        "MetricAlarms": [
            _alarm("a", "OK"),
            _alarm("b", "INSUFFICIENT_DATA"),
            _alarm(
                "c",
                "ALARM",
                StateUpdatedTimestamp=datetime(2027, 1, 15, 9, 0, tzinfo=UTC),
                StateTransitionedTimestamp=AT,
            ),
            _alarm("d", "ALARM", StateUpdatedTimestamp=AT),
        ]
    }
    with stubbed("cloudwatch") as stub:
        asked = {"AlarmNames": ["a", "b", "c", "d", "gone"], "AlarmTypes": ["MetricAlarm"]}
        stub.add_response("describe_alarms", answer, asked)
        assert CloudWatch(stub.client).states(("a", "b", "c", "d", "gone")) == {
            "a": None,
            "b": None,
            "c": FiredAlarm("c", AT.timestamp(), "Threshold Crossed"),
            "d": FiredAlarm("d", AT.timestamp(), "Threshold Crossed"),
        }
        assert CloudWatch(stub.client).states(()) == {}


def test_an_alarm_of_which_aws_does_not_say_since_when_it_burns_is_undated() -> None:
    answer = {
        "MetricAlarms": [
            _alarm("a", "ALARM", StateUpdatedTimestamp=AT, StateTransitionedTimestamp=AT),
            _alarm("b", "ALARM", StateUpdatedTimestamp=AT),
        ]
    }
    with stubbed("cloudwatch") as stub:
        stub.add_response("describe_alarms", answer, {"AlarmNames": ["a", "b"], "AlarmTypes": ["MetricAlarm"]})
        found = CloudWatch(stub.client).states(("a", "b")).values()
        assert [alarm.is_undated for alarm in found if alarm] == [False, True]


def _history(name: str, **more: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "HistoryItemType": "StateUpdate",
        "StartDate": datetime.fromtimestamp(NOW, UTC),
        "ScanBy": "TimestampAscending",
        **more,
    }


def test_what_fired_since_first_first_though_it_is_ok_by_now() -> None:
    with stubbed("cloudwatch") as stub:
        items = [_update("OK", NOW + 10), _update("ALARM", NOW + 90), _update("OK", NOW + 150)]
        stub.add_response("describe_alarm_history", {"AlarmHistoryItems": items}, _history("a"))
        stub.add_response("describe_alarm_history", {"AlarmHistoryItems": []}, _history("b"))
        stub.add_response("describe_alarm_history", {"AlarmHistoryItems": [_update("ALARM", NOW + 60)]}, _history("c"))
        assert CloudWatch(stub.client).fired_since(("a", "b", "c"), NOW) == (
            FiredAlarm("c", NOW + 60, "crossed"),
            FiredAlarm("a", NOW + 90, "crossed"),
        )


def test_all_pages_of_an_alarm_s_history_are_read() -> None:
    with stubbed("cloudwatch") as stub:
        stub.add_response("describe_alarm_history", {"AlarmHistoryItems": [], "NextToken": "t"}, _history("a"))
        stub.add_response(
            "describe_alarm_history", {"AlarmHistoryItems": [_update("ALARM", NOW + 90)]}, _history("a", NextToken="t")
        )
        assert CloudWatch(stub.client).fired_since(("a",), NOW) == (FiredAlarm("a", NOW + 90, "crossed"),)


def test_the_abort_is_the_metric_that_the_abort_alarm_watches() -> None:
    dimensions = [{"Name": "EndpointName", "Value": SPEC.endpoint}, {"Name": "EndpointConfigName", "Value": CONFIG}]
    datum = {
        "MetricName": "AbortRequested",
        "Dimensions": dimensions,
        "Timestamp": datetime.fromtimestamp(NOW, UTC),
        "Value": 1,
        "StorageResolution": 1,
    }
    with stubbed("cloudwatch") as stub:
        stub.add_response("put_metric_data", {}, {"Namespace": "ApprovalGate", "MetricData": [datum]})
        CloudWatch(stub.client).request_abort(SPEC.endpoint, CONFIG, NOW)
    abort = alarms.rollout_alarms(SPEC, CONFIG)[-1]
    assert abort["AlarmName"] == names.rollout_alarm(SPEC.endpoint, CONFIG, "abort")
    assert (abort["Namespace"], abort["MetricName"], abort["Dimensions"]) == (
        "ApprovalGate",
        "AbortRequested",
        dimensions,
    )


def test_how_many_requests_a_fleet_answered() -> None:
    asked = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocations",
        "Dimensions": [
            {"Name": "EndpointName", "Value": SPEC.endpoint},
            {"Name": "VariantName", "Value": "AllTraffic"},
            {"Name": "EndpointConfigName", "Value": CONFIG},
        ],
        "StartTime": datetime.fromtimestamp(NOW - 3600, UTC),
        "EndTime": datetime.fromtimestamp(NOW + 60, UTC),
        "Period": 60,
        "Statistics": ["Sum"],
    }
    points = [{"Timestamp": AT, "Sum": 7.0, "Unit": "None"}, {"Timestamp": AT, "Sum": 5.0, "Unit": "None"}]
    same_moment = asked | {"StartTime": datetime.fromtimestamp(NOW, UTC)}
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_statistics", {"Datapoints": points}, asked)
        stub.add_response("get_metric_statistics", {"Datapoints": []}, same_moment)
        watch = CloudWatch(stub.client)
        # A datapoint covers its whole minute.
        assert watch.requests(SPEC.endpoint, "AllTraffic", CONFIG, NOW - 3555, NOW + 5) == 12
        assert watch.requests(SPEC.endpoint, "AllTraffic", CONFIG, NOW, NOW) == 0


@pytest.mark.parametrize("point", [{"Sum": float("nan")}, {"Sum": float("inf")}, {"Sum": -1.0}, {}], ids=str)
def test_what_is_no_count_is_not_counted(point: dict[str, float]) -> None:
    points = [{"Timestamp": AT, "Sum": 7.0}, {"Timestamp": AT, **point}]
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_statistics", {"Datapoints": points})
        assert CloudWatch(stub.client).requests(SPEC.endpoint, "AllTraffic", CONFIG, NOW, NOW) is None


def test_the_requests_and_failures_of_each_hour_are_those_of_one_metric() -> None:
    """A failed request is 1 and any other 0, so the number of samples is that of requests."""
    since, until = AT.timestamp() + 1800, AT.timestamp() + 7200
    asked = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "InvocationModelErrors",
        "Dimensions": [
            {"Name": "EndpointName", "Value": SPEC.endpoint},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        "StartTime": AT,
        "EndTime": datetime.fromtimestamp(until, UTC),
        "Period": 3600,
        "Statistics": ["Sum", "SampleCount"],
    }
    later = datetime.fromtimestamp(AT.timestamp() + 3600, UTC)
    points = [
        {"Timestamp": later, "Sum": 0.0, "SampleCount": 5.0},
        {"Timestamp": AT, "Sum": 3.0, "SampleCount": 60.0},
    ]
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_statistics", {"Datapoints": points}, asked)
        found = CloudWatch(stub.client).failures_by_hour(
            SPEC.endpoint, "AllTraffic", "InvocationModelErrors", since, until
        )
    assert found == (Hour(AT.timestamp(), Count(60, 3)), Hour(AT.timestamp() + 3600, Count(5, 0)))


def test_hours_of_a_version_that_is_live_for_long_fit_into_one_answer() -> None:
    with stubbed("cloudwatch") as stub:
        asked = {
            "Namespace": "AWS/SageMaker",
            "MetricName": "InvocationModelErrors",
            "Dimensions": [{"Name": "EndpointName", "Value": "a"}, {"Name": "VariantName", "Value": "v"}],
            "StartTime": datetime.fromtimestamp(AT.timestamp() - 1438 * 3600, UTC),
            "EndTime": AT,
            "Period": 3600,
            "Statistics": ["Sum", "SampleCount"],
        }
        stub.add_response("get_metric_statistics", {"Datapoints": []}, asked)
        assert CloudWatch(stub.client).failures_by_hour("a", "v", "InvocationModelErrors", 0.0, AT.timestamp()) == ()


OLD = "gate-v1"
MINUTES = [datetime.fromtimestamp(NOW // 60 * 60 + 60 * at, UTC) for at in range(3)]
FLEETS = {
    "new": [{"Name": "EndpointConfigName", "Value": CONFIG}],
    "old": [{"Name": "EndpointConfigName", "Value": OLD}],
}


def result(id_: str, *values: float, status: str = "Complete", first: int = 0) -> dict[str, Any]:
    times = MINUTES[first : first + len(values)]
    return {"Id": id_, "Label": "l", "Timestamps": times, "Values": list(values), "StatusCode": status}


def minutes(*pages: list[dict[str, Any]], until: float = NOW + 200) -> tuple[SharedMinute, ...] | None:
    """What the edge makes of the pages of an answer."""
    with stubbed("cloudwatch") as stub:
        for number, page in enumerate(pages, 1):
            more = {"NextToken": f"page {number + 1}"} if number < len(pages) else {}
            stub.add_response("get_metric_data", {"MetricDataResults": page, **more})
        return CloudWatch(stub.client).minutes(SPEC.endpoint, "AllTraffic", CONFIG, OLD, NOW, until)


NEW = [result("new_requests", 300, 310), result("new_failures", 3, 0)]
ALL = [result("all_requests", 600, 630), result("all_failures", 8, 2)]
NO_OLD = [result("old_requests"), result("old_failures")]
SHARED = (
    SharedMinute(MINUTES[0].timestamp(), Count(300, 5), Count(300, 3)),
    SharedMinute(MINUTES[1].timestamp(), Count(320, 2), Count(310, 0)),
)


def test_both_fleets_are_read_minute_by_minute_in_one_call() -> None:
    names = [{"Name": "EndpointName", "Value": SPEC.endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
    queries = [
        {
            "Id": f"{fleet}_{counted}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": metric,
                    "Dimensions": [*names, *FLEETS.get(fleet, [])],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for fleet in ("new", "old", "all")
        for counted, metric in (("requests", "Invocations"), ("failures", "InvocationModelErrors"))
    ]
    asked = {
        "MetricDataQueries": queries,
        "StartTime": MINUTES[0],
        "EndTime": MINUTES[2],
        "ScanBy": "TimestampAscending",
    }
    old = [result("old_requests", 300, 320), result("old_failures", 5, 2)]
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": [*NEW, *old, *ALL]}, asked)
        found = CloudWatch(stub.client).minutes(SPEC.endpoint, "AllTraffic", CONFIG, OLD, NOW + 30, NOW + 150)
    assert found == SHARED


def test_without_its_own_metrics_the_old_fleet_answered_the_rest_of_the_variant() -> None:
    assert minutes([*NEW, *NO_OLD, *ALL]) == SHARED


def test_the_old_fleet_may_have_metrics_of_its_own_until_the_rollout_begins() -> None:
    """It served alone in the first minute."""
    new = [result("new_requests", 310, first=1), result("new_failures", 0, first=1)]
    old = [result("old_requests", 600), result("old_failures", 8)]
    alone = SharedMinute(MINUTES[0].timestamp(), Count(600, 8), Count(0, 0))
    assert minutes([*new, *old, *ALL]) == (alone, SHARED[1])


@pytest.mark.parametrize(
    ("whole", "old"), [((200.0, 1.0), Count(0, 0)), ((301.0, 9.0), Count(1, 1)), ((0.0, 0.0), Count(0, 0))]
)
def test_the_rest_is_never_less_than_nothing(whole: tuple[float, float], old: Count) -> None:
    """The variant's datapoint may be behind that of the new fleet."""
    answer = [*NEW, *NO_OLD, result("all_requests", whole[0]), result("all_failures", whole[1])]
    found = minutes(answer)
    assert found is not None
    assert found[0].old == old


@pytest.mark.parametrize(
    "answer",
    [
        [NEW[0], result("new_failures", 0, first=1), *NO_OLD, *ALL],
        [*NEW, result("old_requests", 300), result("old_failures"), *ALL],
        [*NEW, *NO_OLD, ALL[0], result("all_failures", 2, first=1)],
    ],
    ids=["new", "old", "all"],
)
def test_a_minute_whose_failures_were_not_reported_does_not_count(answer: list[dict[str, Any]]) -> None:
    """AWS sends 0 for a request that did not fail. No datapoint is no such 0."""
    assert minutes(answer) == SHARED[1:]


def test_a_fleet_without_requests_needs_no_failures() -> None:
    answer = [result("new_requests"), result("new_failures"), *NO_OLD, *ALL]
    assert minutes(answer) == (
        SharedMinute(MINUTES[0].timestamp(), Count(600, 8), Count(0, 0)),
        SharedMinute(MINUTES[1].timestamp(), Count(630, 2), Count(0, 0)),
    )


def test_all_pages_are_read() -> None:
    halves = [result("new_requests", 300, status="PartialData"), result("new_requests", 310, first=1)]
    assert minutes([halves[0], NEW[1], *NO_OLD, *ALL], [halves[1]]) == SHARED


@pytest.mark.parametrize(
    "odd",
    [
        result("new_requests", 300, status="InternalError"),
        result("new_requests", 300, status="PartialData"),
        result("new_requests", float("nan")),
        result("new_requests", -1.0),
    ],
    ids=["fails", "is cut off", "no number", "below zero"],
)
def test_an_answer_that_is_not_complete_or_no_count_is_none(odd: dict[str, Any]) -> None:
    assert minutes([odd, NEW[1], *NO_OLD, *ALL]) is None


def test_an_answer_that_lacks_a_metric_is_none() -> None:
    assert minutes([*NEW, *ALL]) is None


def test_before_the_first_whole_minute_nothing_is_asked() -> None:
    assert minutes(until=NOW + 10) == ()


TEN = NOW // 600 * 600
COPIES = [
    *(result("old_requests", 1200.0, 1100.0), result("old_failures", 10.0, 11.0)),
    *(result("old_time", 24e6, 22e6), result("old_timed", 1200.0, 1100.0)),
    *(result("new_requests", 240.0, 230.0), result("new_failures", 2.0, 0.0)),
    *(result("new_time", 9.6e6, 9.2e6), result("new_timed", 240.0, 230.0)),
]


def copied(*results: dict[str, Any], since: float = NOW, until: float = NOW + 1900) -> Copied | None:
    with stubbed("cloudwatch") as stub:
        if results:
            stub.add_response("get_metric_data", {"MetricDataResults": list(results)})
        return CloudWatch(stub.client).copied(SPEC.endpoint, "AllTraffic", "shadow-7-3", since, until)


def test_a_variant_and_its_shadow_are_read_by_their_names_in_whole_ten_minutes() -> None:
    queries = [
        {
            "Id": f"{role}_{counts}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": metric,
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": SPEC.endpoint},
                        {"Name": "VariantName", "Value": variant},
                    ],
                },
                "Period": 600,
                "Stat": statistic,
            },
        }
        for role, variant in (("old", "AllTraffic"), ("new", "shadow-7-3"))
        for counts, metric, statistic in (
            ("requests", "Invocations", "Sum"),
            ("failures", "InvocationModelErrors", "Sum"),
            ("time", "ModelLatency", "Sum"),
            ("timed", "ModelLatency", "SampleCount"),
        )
    ]
    asked = {
        "MetricDataQueries": queries,
        "StartTime": datetime.fromtimestamp(TEN + 600, UTC),
        "EndTime": datetime.fromtimestamp(TEN + 1800, UTC),
        "ScanBy": "TimestampAscending",
    }
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": COPIES}, asked)
        found = CloudWatch(stub.client).copied(SPEC.endpoint, "AllTraffic", "shadow-7-3", TEN + 1, TEN + 1900)
    first, second = (at.timestamp() for at in MINUTES[:2])
    assert found == Copied(
        (
            SharedMinute(first, Count(1200, 10), Count(240, 2)),
            SharedMinute(second, Count(1100, 11), Count(230, 0)),
        ),
        live_ms=20.0,
        shadow_ms=40.0,
    )


def test_before_ten_minutes_are_over_nothing_is_read() -> None:
    assert copied(since=TEN + 1, until=TEN + 1199) == Copied(())


def test_variants_without_a_request_have_no_latency() -> None:
    found = copied(*(dict(each, Timestamps=[], Values=[]) for each in COPIES))
    assert found == Copied(())


@pytest.mark.parametrize("role", ["old", "new"])
def test_ten_minutes_whose_failures_were_not_reported_do_not_count(role: str) -> None:
    """AWS sends 0 for a copy that did not fail. No datapoint is no such 0."""
    answer = [dict(each, Timestamps=[], Values=[]) if each["Id"] == f"{role}_failures" else each for each in COPIES]
    assert copied(*answer) == Copied((), live_ms=20.0, shadow_ms=40.0)


def test_copies_that_are_not_complete_are_not_read() -> None:
    assert copied(dict(COPIES[0], StatusCode="InternalError"), *COPIES[1:]) is None


def slow(*answer: dict[str, Any], minutes: tuple[SharedMinute, ...] = SHARED) -> list[Slow | None]:
    """What the edge makes of an answer about requests of more than 200 ms."""
    with stubbed("cloudwatch") as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": list(answer)})
        found = CloudWatch(stub.client).with_slow(SPEC.endpoint, "AllTraffic", CONFIG, OLD, minutes, 200)
    assert [dataclasses.replace(each, slow=None) for each in found] == list(minutes)
    return [each.slow for each in found]


RANKS = result("new", 92.0, 90.0), result("old", 98.0, 100.0), result("all", 95.0, 95.0793650794)


def test_slow_requests_are_the_requests_above_the_percentile_rank_of_the_bound() -> None:
    names = [{"Name": "EndpointName", "Value": SPEC.endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
    queries = [
        {
            "Id": fleet,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "ModelLatency",
                    "Dimensions": [*names, *FLEETS.get(fleet, [])],
                },
                "Period": 60,
                "Stat": "PR(:200000)",
            },
        }
        for fleet in ("new", "old", "all")
    ]
    window = {"StartTime": MINUTES[0], "EndTime": MINUTES[2], "ScanBy": "TimestampAscending"}
    with stubbed("cloudwatch") as stub:
        stub.add_response(
            "get_metric_data", {"MetricDataResults": list(RANKS)}, {"MetricDataQueries": queries, **window}
        )
        found = CloudWatch(stub.client).with_slow(SPEC.endpoint, "AllTraffic", CONFIG, OLD, SHARED, 200)
    assert [each.slow for each in found] == [Slow(6, 24), Slow(0, 31)]


def test_without_its_own_metrics_the_old_fleets_slow_requests_are_the_rest() -> None:
    assert slow(RANKS[0], result("old"), RANKS[2]) == [Slow(6, 24), Slow(0, 31)]


@pytest.mark.parametrize(
    ("fast", "expected"),
    [(98.5, Slow(5, 4)), (98.3333, Slow(5, 5)), (98.33, Slow(6, 5)), (98.34, Slow(5, 4)), (100.0, Slow(0, 0))],
)
def test_a_part_of_a_request_counts_for_the_new_version(fast: float, expected: Slow) -> None:
    """Of 300 requests of each fleet."""
    minute = SharedMinute(MINUTES[0].timestamp(), Count(300, 0), Count(300, 0))
    assert slow(result("new", fast), result("old", fast), result("all"), minutes=(minute,)) == [expected]


@pytest.mark.parametrize(
    "answer",
    [
        [result("new", 92.0), result("old"), result("all")],
        [result("new"), result("old", 98.0), result("all", 95.0)],
        [result("new", -1.0), result("old", 98.0), result("all", 95.0)],
        [result("new", 92.0, status="InternalError"), result("old", 98.0), result("all", 95.0)],
        [result("new", 92.0)],
    ],
    ids=["no old fleet", "no new fleet", "no percentage", "fails", "lacks a metric"],
)
def test_without_percentile_ranks_the_slow_requests_are_not_known(answer: list[dict[str, Any]]) -> None:
    assert slow(*answer, minutes=SHARED[:1]) == [None]


def test_a_fleet_without_requests_has_no_slow_ones() -> None:
    minute = SharedMinute(MINUTES[0].timestamp(), Count(300, 5), Count(0, 0))
    assert slow(result("new"), result("old", 98.0), result("all", 98.0), minutes=(minute,)) == [Slow(6, 0)]


def test_without_minutes_no_latency_is_asked() -> None:
    with stubbed("cloudwatch") as stub:
        assert CloudWatch(stub.client).with_slow(SPEC.endpoint, "AllTraffic", CONFIG, OLD, (), 200) == ()
