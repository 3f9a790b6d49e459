"""CloudWatch's operations, answered by the sandbox's own metrics and alarms in place of moto's."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import (
    InvalidFormat,
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
    ResourceNotFoundException,
    ValidationError,
)
from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores

from sandbox.aws import metric_math
from sandbox.aws.alarm_evaluation import State
from sandbox.aws.alarms import Alarm, InvalidAlarmError
from sandbox.aws.metrics import HIGH, STANDARD, Bucket, Metric, dimensions, is_statistic

if TYPE_CHECKING:
    from sandbox.aws.cloudwatch import CloudWatch

_PAGE = 100
_METRICS_PAGE = 500


def serve(cloudwatch: "CloudWatch") -> None:
    """Answer from `cloudwatch` from now on."""
    api = _Api(cloudwatch)
    for name in (
        "PutMetricData",
        "GetMetricData",
        "GetMetricStatistics",
        "ListMetrics",
        "PutMetricAlarm",
        "PutCompositeAlarm",
        "DescribeAlarms",
        "DescribeAlarmsForMetric",
        "DescribeAlarmHistory",
        "DeleteAlarms",
        "SetAlarmState",
        "EnableAlarmActions",
        "DisableAlarmActions",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
    ):
        operation = getattr(api, camelcase_to_underscores(name))
        setattr(CloudWatchResponse, camelcase_to_underscores(name), _method(operation))


Operation = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]


def _method(operation: Operation) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        return ActionResult(operation(response.current_account, response.region, response.params))

    return method


class _Api:
    def __init__(self, cloudwatch: "CloudWatch") -> None:
        self._cloudwatch = cloudwatch

    def put_metric_data(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""
        namespace = asked["Namespace"]
        if namespace.startswith("AWS/"):
            raise InvalidParameterValue("The value AWS/ for parameter Namespace is invalid.")
        data = [*(asked.get("MetricData") or ()), *_entities(asked)]
        checks = cloudwatch_backends[account][region]
        for number, datum in enumerate(data, 1):
            checks._validate_parameters_put_metric_data(datum, number)
        for datum in data:
            metric: Metric = (
                account,
                region,
                namespace,
                datum["MetricName"],
                dimensions(datum.get("Dimensions") or ()),
            )
            at = _seconds(datum["Timestamp"]) if datum.get("Timestamp") else self._cloudwatch.clock.time()
            resolution = HIGH if datum.get("StorageResolution") == 1 else STANDARD
            _add(self._cloudwatch.series(metric).bucket(at, resolution), datum)
            self._cloudwatch.wake(metric, at)
        return {}

    def get_metric_statistics(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""
        simple, extended = asked.get("Statistics") or [], asked.get("ExtendedStatistics") or []
        if not simple and not extended:
            raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
        start, end, period = _window(asked["StartTime"], asked["EndTime"], int(asked["Period"]))
        found = dimensions(asked.get("Dimensions") or ())
        series = self._cloudwatch.series((account, region, asked["Namespace"], asked["MetricName"], found))
        values = {name: series.values(start, end, period, _statistic(name)) for name in [*simple, *extended]}
        points: list[dict[str, Any]] = []
        for at in sorted({at for column in values.values() for at in column}):
            point: dict[str, Any] = {"Timestamp": _utc(at), "Unit": asked.get("Unit") or "None"}
            point |= {name: values[name][at] for name in simple if at in values[name]}
            if extended:
                point["ExtendedStatistics"] = {name: values[name][at] for name in extended if at in values[name]}
            points.append(point)
        return {"Label": asked["MetricName"], "Datapoints": points}

    def get_metric_data(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""
        queries = asked["MetricDataQueries"]
        stats = [query for query in queries if "MetricStat" in query]
        if not stats or any("MetricStat" not in query and "Expression" not in query for query in queries):
            raise ValidationError("The parameter MetricDataQueries.member.1.MetricStat is required.\n")
        periods = {int(query["MetricStat"]["Period"]) for query in stats}
        if len(periods) > 1 and len(stats) < len(queries):
            raise ValidationError("The sandbox needs the same Period of all metrics beside an expression.")
        columns: dict[str, tuple[range, metric_math.Value]] = {}
        for query in stats:
            columns[query["Id"]] = self._column(account, region, query["MetricStat"], asked)
        for query in queries:
            if "Expression" in query:
                grid = columns[stats[0]["Id"]][0]
                value = _expression(query["Expression"], {id_: column for id_, (_, column) in columns.items()})
                columns[query["Id"]] = (grid, value)
        descending = asked.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        shown = [query for query in queries if query.get("ReturnData", True)]
        return {"MetricDataResults": [_result(query, *columns[query["Id"]], descending) for query in shown]}

    def list_metrics(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html"""
        found = [
            {
                "Namespace": namespace,
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in sorted(pairs)],
            }
            for _, _, namespace, name, pairs in self._cloudwatch.metrics(account, region)
            if asked.get("Namespace") in (None, namespace)
            and asked.get("MetricName") in (None, name)
            and all(_has(dict(pairs), wanted) for wanted in asked.get("Dimensions") or ())
        ]
        return _page(asked, "Metrics", found, _METRICS_PAGE)

    def put_metric_alarm(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._cloudwatch.put_alarm(account, region, {k: v for k, v in asked.items() if v is not None})
        except InvalidAlarmError as error:
            raise ValidationError(str(error)) from error
        return {}

    def put_composite_alarm(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        raise ValidationError("The sandbox has no composite alarms.")

    def describe_alarms(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
        if "MetricAlarm" not in (asked.get("AlarmTypes") or ["MetricAlarm"]):
            return {"MetricAlarms": [], "CompositeAlarms": []}
        names, prefix = asked.get("AlarmNames"), asked.get("AlarmNamePrefix")
        if names and prefix:
            raise ValidationError("AlarmNamePrefix cannot be combined with AlarmNames.")
        found = [
            alarm.describe()
            for alarm in self._cloudwatch.alarms(account, region)
            if (not names or alarm.name in names)
            and alarm.name.startswith(prefix or "")
            and asked.get("StateValue") in (None, str(alarm.state))
            and _acts(alarm, asked.get("ActionPrefix"))
        ]
        return {"CompositeAlarms": [], **_page(asked, "MetricAlarms", found, int(asked.get("MaxRecords") or 50))}

    def describe_alarms_for_metric(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        pairs = dimensions(asked.get("Dimensions") or ())
        wanted = (asked["Namespace"], asked["MetricName"], pairs)
        found = [
            alarm.describe()
            for alarm in self._cloudwatch.alarms(account, region)
            if any((query.namespace, query.name, query.dimensions) == wanted for query in alarm.queries)
        ]
        return {"MetricAlarms": found}

    def describe_alarm_history(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html"""
        start = _seconds(asked["StartDate"]) if asked.get("StartDate") else float("-inf")
        end = _seconds(asked["EndDate"]) if asked.get("EndDate") else float("inf")
        found = [
            {
                "AlarmName": item.alarm,
                "AlarmType": "MetricAlarm",
                "Timestamp": _utc(item.at),
                "HistoryItemType": item.type,
                "HistorySummary": item.summary,
                "HistoryData": json.dumps(item.data, separators=(",", ":")),
            }
            for item in self._cloudwatch.history(account, region)
            if asked.get("AlarmName") in (None, item.alarm)
            and asked.get("HistoryItemType") in (None, item.type)
            and start <= item.at <= end
        ]
        if asked.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found.reverse()
        return _page(asked, "AlarmHistoryItems", found, int(asked.get("MaxRecords") or _PAGE))

    def delete_alarms(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """An alarm that does not exist is no error."""
        for name in asked.get("AlarmNames") or ():
            self._cloudwatch.delete_alarm(account, region, name)
        return {}

    def set_alarm_state(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        value, data = asked["StateValue"], asked.get("StateReasonData")
        if value not in list(State):
            raise ValidationError(
                f"1 validation error detected: Value '{value}' at 'stateValue' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            )
        try:
            json.loads(data or "{}")
        except ValueError as error:
            raise InvalidFormat("Unknown") from error
        alarm = self._cloudwatch.alarm(account, region, asked["AlarmName"])
        if alarm is None:
            raise ResourceNotFound
        self._cloudwatch.set_state(alarm, State(value), asked["StateReason"], data)
        return {}

    def enable_alarm_actions(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._enable(account, region, asked, enabled=True)

    def disable_alarm_actions(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._enable(account, region, asked, enabled=False)

    def list_tags_for_resource(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        tags = self._tagged(account, region, asked).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._tagged(account, region, asked).tags |= {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        return {}

    def untag_resource(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        tags = self._tagged(account, region, asked).tags
        for key in asked["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _column(
        self, account: str, region: str, stat: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> tuple[range, metric_math.Value]:
        metric = stat["Metric"]
        start, end, period = _window(asked["StartTime"], asked["EndTime"], int(stat["Period"]))
        found = dimensions(metric.get("Dimensions") or ())
        series = self._cloudwatch.series((account, region, metric["Namespace"], metric["MetricName"], found))
        values = series.values(start, end, period, _statistic(stat["Stat"]))
        grid = range(start, end, period)
        return grid, [values.get(at) for at in grid]

    def _enable(self, account: str, region: str, asked: Mapping[str, Any], *, enabled: bool) -> dict[str, Any]:
        for name in asked.get("AlarmNames") or ():
            if alarm := self._cloudwatch.alarm(account, region, name):
                alarm.configuration = {**alarm.configuration, "ActionsEnabled": enabled}
        return {}

    def _tagged(self, account: str, region: str, asked: Mapping[str, Any]) -> Alarm:
        alarm = self._cloudwatch.alarm(account, region, asked["ResourceARN"].partition(":alarm:")[2])
        if alarm is None:
            raise ResourceNotFoundException
        return alarm


def _entities(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [datum for entity in asked.get("EntityMetricData") or () for datum in entity.get("MetricData") or ()]


def _add(bucket: Bucket, datum: Mapping[str, Any]) -> None:
    if statistics := datum.get("StatisticValues"):
        count, total = float(statistics["SampleCount"]), float(statistics["Sum"])
        bucket.add_statistics(count, total, float(statistics["Minimum"]), float(statistics["Maximum"]))
    values: Sequence[float] = datum.get("Values") or ([datum["Value"]] if datum.get("Value") is not None else [])
    for value, count in zip(values, datum.get("Counts") or [1.0] * len(values), strict=True):
        bucket.add(float(value), float(count))


def _expression(text: str, columns: Mapping[str, metric_math.Value]) -> metric_math.Value:
    try:
        return metric_math.evaluate(text, columns)
    except metric_math.ExpressionError as error:
        raise ValidationError(str(error)) from error


def _result(query: Mapping[str, Any], grid: range, value: metric_math.Value, descending: bool) -> dict[str, Any]:
    column = value if isinstance(value, list) else [value] * len(grid)
    points = [(at, number) for at, number in zip(grid, column, strict=True) if number is not None]
    if descending:
        points.reverse()
    stat = query.get("MetricStat")
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or (stat["Metric"]["MetricName"] if stat else query["Id"]),
        "Timestamps": [_utc(at) for at, _ in points],
        "Values": [number for _, number in points],
        "StatusCode": "Complete",
    }


def _window(start: datetime, end: datetime, period: int) -> tuple[int, int, int]:
    """Whole periods from the minute (or period, where shorter) that holds `start`, in seconds since 1970."""
    if _seconds(start) >= _seconds(end):
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    if period not in (1, 5, 10, 20, 30) and (period <= 0 or period % 60):
        raise InvalidParameterValue("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    unit = min(period, STANDARD)
    return int(_seconds(start)) // unit * unit, -(-int(_seconds(end)) // unit) * unit, period


def _statistic(name: str) -> str:
    if not is_statistic(name):
        raise InvalidParameterValue(f"The sandbox does not model the statistic {name}.")
    return name


def _has(pairs: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted["Name"] in pairs and wanted.get("Value") in (None, pairs[wanted["Name"]])


def _acts(alarm: Alarm, prefix: str | None) -> bool:
    if not prefix:
        return True
    shown = alarm.describe()
    lists = (shown["OKActions"], shown["AlarmActions"], shown["InsufficientDataActions"])
    return any(action.startswith(prefix) for actions in lists for action in actions)


def _page(asked: Mapping[str, Any], key: str, items: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """The token is the number of items given so far."""
    token = asked.get("NextToken") or "0"
    if not token.isdigit():
        raise InvalidParameterValue("Request parameter NextToken is invalid")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return {key: items[start : start + size], **more}


def _seconds(moment: datetime | float) -> float:
    """moto gives times of day without a zone, in UTC."""
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
