"""CloudWatch's operations on metrics."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.cloudwatch.models import cloudwatch_backends

from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.cloudwatch.responses import page, seconds, utc
from world.metrics import metric_math
from world.metrics.series import HIGH, STANDARD, Bucket, Metric, dimensions, is_statistic

_PAGE = 500


class MetricOperations:
    """Each method takes account, Region and request, and returns the answer."""

    def __init__(self, cloudwatch: CloudWatch) -> None:
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
            at = seconds(datum["Timestamp"]) if datum.get("Timestamp") else self._cloudwatch.clock.time()
            resolution = HIGH if datum.get("StorageResolution") == 1 else STANDARD
            _add(self._cloudwatch.series(metric).bucket(at, resolution), datum)
            self._cloudwatch.schedule_evaluations(metric, at)
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
            point: dict[str, Any] = {"Timestamp": utc(at), "Unit": asked.get("Unit") or "None"}
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
            raise ValidationError("The sandbox needs the same Period for all metrics of a request with an expression.")
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
        return page(asked, "Metrics", found, _PAGE)

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
        "Timestamps": [utc(at) for at, _ in points],
        "Values": [number for _, number in points],
        "StatusCode": "Complete",
    }


def _window(start: datetime, end: datetime, period: int) -> tuple[int, int, int]:
    """Return start, end and period of the whole periods that contain the interval, in seconds since 1970."""
    if seconds(start) >= seconds(end):
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    if period not in (1, 5, 10, 20, 30) and (period <= 0 or period % 60):
        raise InvalidParameterValue("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    unit = min(period, STANDARD)
    return int(seconds(start)) // unit * unit, -(-int(seconds(end)) // unit) * unit, period


def _statistic(name: str) -> str:
    if not is_statistic(name):
        raise InvalidParameterValue(f"The sandbox does not model the statistic {name}.")
    return name


def _has(pairs: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted["Name"] in pairs and wanted.get("Value") in (None, pairs[wanted["Name"]])
