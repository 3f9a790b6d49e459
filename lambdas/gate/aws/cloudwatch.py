"""CloudWatch's edge: rollout alarms, standing alarms, the abort metric and the counts of requests."""

import dataclasses
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.rollout import alarms
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.rung import Copied
from lambdas.gate.state.shared_minute import NONE, Count, SharedMinute, Slow
from lambdas.gate.text import encodable

HOUR, MOST_HOURS, TEN_MINUTES = 3600, 1438, 600


class CloudWatch:
    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch

    def create(self, requests: tuple[dict[str, Any], ...]) -> None:
        """Create alarms. Repeating it is harmless, because PutMetricAlarm keeps the state of an existing alarm."""
        for request in requests:
            with translated():
                self._cloudwatch.put_metric_alarm(**request)

    def delete(self, alarm_names: tuple[str, ...]) -> None:
        """Delete alarms. If some do not exist, CloudWatch may say so, and deletes the others.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html"""
        if alarm_names:
            with suppress(NotFound), translated():
                self._cloudwatch.delete_alarms(AlarmNames=list(alarm_names))

    def states(self, alarm_names: tuple[str, ...]) -> dict[str, FiredAlarm | None]:
        """Return the alarms that exist: name → how it fired; None if it is not in ALARM."""
        if not alarm_names:
            return {}
        with translated():
            answer = self._cloudwatch.describe_alarms(AlarmNames=list(alarm_names), AlarmTypes=["MetricAlarm"])
        return {alarm["AlarmName"]: _firing(alarm) for alarm in answer["MetricAlarms"]}

    def fired_since(self, alarm_names: tuple[str, ...], since: float) -> tuple[FiredAlarm, ...]:
        """Return how the alarms fired at or after `since` (seconds since 1970), in order of time.

        This reads the history, because an alarm goes back to OK after the traffic has left the fleet that it watches.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
        """
        fired = (alarm for name in alarm_names for alarm in self._fired_since(name, since))
        return tuple(sorted(fired, key=lambda alarm: alarm.at))

    def _fired_since(self, name: str, since: float) -> Iterator[FiredAlarm]:
        request = {
            "AlarmName": name,
            "HistoryItemType": "StateUpdate",
            "StartDate": datetime.fromtimestamp(since, UTC),
            "ScanBy": "TimestampAscending",
        }
        for item in paged(self._cloudwatch.describe_alarm_history, "AlarmHistoryItems", **request):
            state = json.loads(item["HistoryData"]).get("newState", {})
            if state.get("stateValue") == "ALARM":
                yield FiredAlarm(name, item["Timestamp"].timestamp(), encodable(state.get("stateReason", "")))

    def request_abort(self, endpoint: str, config: str, now: float) -> None:
        """Publish the metric that makes the rollout's abort alarm fire."""
        metric = alarms.abort_metric(endpoint, config)
        with translated():
            self._cloudwatch.put_metric_data(
                Namespace=metric["Namespace"],
                MetricData=[
                    {
                        "MetricName": metric["MetricName"],
                        "Dimensions": metric["Dimensions"],
                        "Timestamp": datetime.fromtimestamp(now, UTC),
                        "Value": 1,
                        "StorageResolution": 1,
                    }
                ],
            )

    def failures_by_hour(
        self, endpoint: str, variant: str, failure_metric: str, since: float, until: float
    ) -> tuple[Hour, ...]:
        """Return how many requests the variant answered in each hour, and how many of these failed, in order of time.
        Hours without requests are left out. The first and the last hour may be parts. `failure_metric`: counts 1 for a
        failed request, and 0 for any other."""
        # An answer has at most 1,440 datapoints, which are 60 days.
        start, end = max(int(since), int(until) - MOST_HOURS * HOUR) // HOUR * HOUR, int(until)
        with translated():
            answer = self._cloudwatch.get_metric_statistics(
                Namespace=alarms.NAMESPACE,
                MetricName=failure_metric,
                Dimensions=alarms.fleet_dimensions(endpoint, variant),
                StartTime=datetime.fromtimestamp(start, UTC),
                EndTime=datetime.fromtimestamp(max(end, start + HOUR), UTC),
                Period=HOUR,
                Statistics=["Sum", "SampleCount"],
            )
        points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
        return tuple(
            Hour(point["Timestamp"].timestamp(), Count(round(point["SampleCount"]), round(point["Sum"])))
            for point in points
            if math.isfinite(point["SampleCount"]) and math.isfinite(point["Sum"])
        )

    def requests(
        self, endpoint: str, variant: str, config: str, since: float, until: float, *, is_asynchronous: bool = False
    ) -> int | None:
        """Return how many requests a fleet answered; None if CloudWatch's answer is no count. The last minute or two
        may be missing."""
        metric, statistic = alarms.request_metric(is_asynchronous=is_asynchronous)
        # Whole minutes, like the metric's periods, and at least one: StartTime must be before EndTime.
        start, end = int(since) // 60 * 60, int(until) // 60 * 60 + 60
        with translated():
            answer = self._cloudwatch.get_metric_statistics(
                Namespace=alarms.NAMESPACE,
                MetricName=metric,
                Dimensions=alarms.fleet_dimensions(endpoint, variant, config),
                StartTime=datetime.fromtimestamp(start, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
                # An answer has at most 1,440 datapoints. A rollout of at most 8 hours gives fewer than 600.
                Period=60,
                Statistics=[statistic],
            )
        counts = [point.get(statistic, math.nan) for point in answer["Datapoints"]]
        return sum(map(round, counts)) if all(math.isfinite(count) and count >= 0 for count in counts) else None

    def copied(self, endpoint: str, variant: str, shadow: str, since: float, until: float) -> Copied | None:
        """Return what a variant and its shadow answered in the whole ten minutes between two times (seconds since
        1970), and how long they took. None if CloudWatch's answer is not complete, or no counts.

        The variants are told apart by name. AWS does not say whether a shadow's metrics have other dimensions.
        ModelLatency is in microseconds.
        """
        start, end = -(-int(since) // TEN_MINUTES) * TEN_MINUTES, int(until) // TEN_MINUTES * TEN_MINUTES
        if start >= end:
            return Copied(())
        variants = {"old": variant, "new": shadow}
        counted = {**_COUNTED_SUMS, "time": ("ModelLatency", "Sum"), "timed": ("ModelLatency", "SampleCount")}
        queries = [
            _query(f"{role}_{counts}", metric, statistic, endpoint, name, None, TEN_MINUTES)
            for role, name in variants.items()
            for counts, (metric, statistic) in counted.items()
        ]
        answered = self._metric_data(queries, start, end)
        if answered is None:
            return None
        found = _rounded(answered)
        return Copied(tuple(_copied_minutes(found)), _average_ms(found, "old"), _average_ms(found, "new"))

    def minutes(
        self, endpoint: str, variant: str, new: str, old: str, since: float, until: float
    ) -> tuple[SharedMinute, ...] | None:
        """Return the whole minutes between two times (seconds since 1970) in which an endpoint answered requests, in
        order: what the fleets of the configs `new` and `old` answered. None if CloudWatch's answer is not complete, or
        no counts. The last two or three minutes may be missing.

        Failures are those of one metric: a request that the model failed is in InvocationModelErrors, and AWS may count
        it in Invocation5XXErrors too. AWS does not say whether the old fleet's metrics have its config as a dimension
        during a rollout. In a minute without them, it answered what the variant did without the new fleet.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
        """
        fleets = {"new": new, "old": old, "all": None}
        queries = [
            _query(f"{fleet}_{counted}", metric, statistic, endpoint, variant, config)
            for fleet, config in fleets.items()
            for counted, (metric, statistic) in _COUNTED_SUMS.items()
        ]
        if _whole_minute(since) >= _whole_minute(until):
            return ()
        found = self._metric_data(queries, since, until)
        return None if found is None else tuple(_shared_minutes(_rounded(found)))

    def with_slow(
        self, endpoint: str, variant: str, new: str, old: str, minutes: tuple[SharedMinute, ...], slower_than_ms: int
    ) -> tuple[SharedMinute, ...]:
        """Return the minutes with how many requests of each fleet took longer than the bound, where CloudWatch says so.

        PR(:x) is the percentage of the values up to x, x included. ModelLatency is in microseconds. AWS does not say
        that it keeps the values of this metric, which percentile ranks need, and it may compute them approximately. So
        the product with the requests is rounded down for the new fleet and up for the old one: an error of less than a
        request never speaks against the new version.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
        """
        if not minutes:
            return ()
        statistic = f"PR(:{1000 * slower_than_ms})"
        queries = [
            _query(fleet, "ModelLatency", statistic, endpoint, variant, config)
            for fleet, config in {"new": new, "old": old, "all": None}.items()
        ]
        found = self._metric_data(queries, minutes[0].at, minutes[-1].at + 60)
        return minutes if found is None else tuple(_with_slow(each, found) for each in minutes)

    def _metric_data(
        self, queries: list[dict[str, Any]], since: float, until: float
    ) -> dict[str, dict[float, float]] | None:
        """Return the values by query and time; None if the answer is not complete, or a value is no count."""
        found: dict[str, dict[float, float]] = {query["Id"]: {} for query in queries}
        status = dict.fromkeys(found, "")
        window = {"StartTime": _whole_minute(since), "EndTime": _whole_minute(until)}
        request = {"MetricDataQueries": queries, **window, "ScanBy": "TimestampAscending"}
        for result in paged(self._cloudwatch.get_metric_data, "MetricDataResults", **request):
            status[result["Id"]] = result["StatusCode"]
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                if not (math.isfinite(value) and value >= 0):
                    return None
                found[result["Id"]][at.timestamp()] = value
        return found if all(each == "Complete" for each in status.values()) else None


_COUNTED_SUMS = {"requests": ("Invocations", "Sum"), "failures": (alarms.failure_metric(is_real_time=True), "Sum")}
_NOISE = 0.01
"""The part of a request by which a product of a percentage may miss a whole number."""


def _query(
    id_: str, metric: str, statistic: str, endpoint: str, variant: str, config: str | None, period: int = 60
) -> dict[str, Any]:
    dimensions = alarms.fleet_dimensions(endpoint, variant, config)
    named = {"Namespace": alarms.NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": named, "Period": period, "Stat": statistic}}


def _rounded(found: dict[str, dict[float, float]]) -> dict[str, dict[float, int]]:
    return {id_: {at: round(value) for at, value in values.items()} for id_, values in found.items()}


def _whole_minute(at: float) -> datetime:
    return datetime.fromtimestamp(at // 60 * 60, UTC)


def _count(found: dict[str, dict[float, int]], fleet: str, at: float) -> Count | None:
    """Return what a fleet answered; None if that is not known. Each request is a 0 or a 1 in the metric of failures, so
    requests without a datapoint there were not reported yet, or never are. They do not count as answered well.
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"""
    requests, failures = found[f"{fleet}_requests"].get(at, 0), found[f"{fleet}_failures"].get(at)
    if failures is None:
        return None if requests else NONE
    return Count(requests, min(requests, failures))


def _with_slow(minute: SharedMinute, found: dict[str, dict[float, float]]) -> SharedMinute:
    """`found`: by fleet and minute, the percentage of the requests that were not slow."""

    def slow(fleet: str, requests: int) -> float | None:
        if not requests:
            return 0.0
        fast = found[fleet].get(minute.at)
        return None if fast is None else max(0.0, requests * (100 - fast) / 100)

    new = slow("new", minute.new.requests)
    old = slow("old", minute.old.requests) if found["old"] else slow("all", minute.requests)
    if new is None or old is None:
        return minute
    of_new = math.floor(new + _NOISE)
    of_old = math.ceil(old - _NOISE) - (0 if found["old"] else of_new)
    return dataclasses.replace(minute, slow=Slow(min(minute.old.requests, max(0, of_old)), of_new))


def _average_ms(found: dict[str, dict[float, int]], role: str) -> float | None:
    """Return how long a variant took on average, in milliseconds; None without a request."""
    timed = sum(found[f"{role}_timed"].values())
    return round(sum(found[f"{role}_time"].values()) / timed / 1000, 3) if timed else None


def _copied_minutes(found: dict[str, dict[float, int]]) -> Iterator[SharedMinute]:
    """Yield the ten minutes of which it is known what both variants answered."""
    for at in sorted(found["old_requests"] | found["new_requests"]):
        old, new = _count(found, "old", at), _count(found, "new", at)
        if old is not None and new is not None:
            yield SharedMinute(at, old, new)


def _shared_minutes(found: dict[str, dict[float, int]]) -> Iterator[SharedMinute]:
    """Yield the minutes of which it is known what both fleets answered."""
    for at in sorted(found["new_requests"] | found["old_requests"] | found["all_requests"]):
        has_own = at in found["old_requests"]
        new, other = _count(found, "new", at), _count(found, "old" if has_own else "all", at)
        if new is not None and other is not None:
            yield SharedMinute(at, other if has_own else _rest(other, new), new)


def _rest(whole: Count, part: Count) -> Count:
    requests = max(0, whole.requests - part.requests)
    return Count(requests, min(requests, max(0, whole.failures - part.failures)))


def _firing(alarm: dict[str, Any]) -> FiredAlarm | None:
    if alarm["StateValue"] != "ALARM":
        return None
    # StateUpdatedTimestamp also changes while the alarm stays in ALARM, so it is only the latest possible time.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
    since, updated = alarm.get("StateTransitionedTimestamp"), alarm["StateUpdatedTimestamp"]
    reason = encodable(alarm.get("StateReason", ""))
    return FiredAlarm(alarm["AlarmName"], (since or updated).timestamp(), reason, is_undated=since is None)
