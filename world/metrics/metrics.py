"""CloudWatch's metrics: recording samples, and the operations on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from world.call import Call, Operation
from world.metrics import metric_math
from world.metrics.paging import page
from world.metrics.series import HIGH, STANDARD, Bucket, Metric, Series, dimensions, is_rank, is_statistic
from world.refusal import Refusal
from world.surroundings import Surroundings
from world.timestamps import timestamp

_PAGE = 500


class Metrics:
    """`on_sample` is called with the metric and the time of each sample, in seconds since 1970.

    Samples are added in place, so this part cannot be copied.
    """

    def __init__(self, surroundings: Surroundings, on_sample: Callable[[Metric, float], None]) -> None:
        self._surroundings = surroundings
        self._on_sample = on_sample
        self._series: dict[Metric, Series] = {}

    def operations(self) -> dict[str, Operation]:
        return {
            "PutMetricData": self.put_metric_data,
            "GetMetricData": self.get_metric_data,
            "GetMetricStatistics": self.get_metric_statistics,
            "ListMetrics": self.list_metrics,
        }

    def record(
        self, *, namespace: str, name: str, dimensions: Mapping[str, str], value: float, resolution: int = STANDARD
    ) -> None:
        """Record one sample at the current time.

        `resolution` is the storage resolution in seconds. Alarms with periods under a minute need 1.
        """
        metric = (namespace, name, frozenset(dimensions.items()))
        now = self._surroundings.time()
        self.series(metric).bucket(now, resolution).add(value)
        self._on_sample(metric, now)

    def series(self, metric: Metric) -> Series:
        """Return the samples of a metric, an empty series if it has none yet."""
        found = self._series.get(metric)
        if found is None:
            found = self._series[metric] = Series()
        return found

    def put_metric_data(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""
        namespace = call.request["Namespace"]
        if namespace.startswith("AWS/"):
            raise Refusal("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
        for datum in data(call.request):
            metric: Metric = (namespace, datum["MetricName"], dimensions(datum.get("Dimensions", ())))
            at = datum["Timestamp"].timestamp() if "Timestamp" in datum else self._surroundings.time()
            resolution = HIGH if datum.get("StorageResolution") == 1 else STANDARD
            _add(self.series(metric).bucket(at, resolution), datum)
            self._on_sample(metric, at)
        return {}

    def get_metric_statistics(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""
        request = call.request
        simple, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
        if not simple and not extended:
            raise Refusal("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
        start, end, period = _window(request, request["Period"])
        series = self.series((request["Namespace"], request["MetricName"], dimensions(request.get("Dimensions", ()))))
        values = {name: series.values(start, end, period, _statistic(name)) for name in [*simple, *extended]}
        points: list[dict[str, Any]] = []
        for at in sorted({at for column in values.values() for at in column}):
            point: dict[str, Any] = {"Timestamp": timestamp(at), "Unit": request.get("Unit", "None")}
            point |= {name: values[name][at] for name in simple if at in values[name]}
            if extended:
                point["ExtendedStatistics"] = {name: values[name][at] for name in extended if at in values[name]}
            points.append(point)
        return {"Label": request["MetricName"], "Datapoints": points}

    def get_metric_data(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""
        queries = call.request["MetricDataQueries"]
        stats = [query for query in queries if "MetricStat" in query]
        if not stats or any("MetricStat" not in query and "Expression" not in query for query in queries):
            raise Refusal("ValidationError", "The parameter MetricDataQueries.member.1.MetricStat is required.\n")
        periods = {query["MetricStat"]["Period"] for query in stats}
        if len(periods) > 1 and len(stats) < len(queries):
            raise Refusal("ValidationError", "Different Periods in a request with an expression are not modelled.")
        columns: dict[str, tuple[range, metric_math.Value]] = {
            query["Id"]: self._column(query["MetricStat"], call.request) for query in stats
        }
        for query in queries:
            if "Expression" in query:
                grid = columns[stats[0]["Id"]][0]
                value = _expression(query["Expression"], {id_: column for id_, (_, column) in columns.items()})
                columns[query["Id"]] = (grid, value)
        descending = call.request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        shown = [query for query in queries if query.get("ReturnData", True)]
        return {"MetricDataResults": [_result(query, *columns[query["Id"]], descending) for query in shown]}

    def list_metrics(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html"""
        request = call.request
        found = [
            (namespace, name, pairs)
            for (namespace, name, pairs), series in self._series.items()
            if series.buckets
            and request.get("Namespace") in (None, namespace)
            and request.get("MetricName") in (None, name)
            and all(_has(dict(pairs), wanted) for wanted in request.get("Dimensions", ()))
        ]
        return page(request, "Metrics", found, _described, _PAGE)

    def _column(self, stat: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[range, metric_math.Value]:
        metric = stat["Metric"]
        start, end, period = _window(request, stat["Period"])
        series = self.series((metric["Namespace"], metric["MetricName"], dimensions(metric.get("Dimensions", ()))))
        is_latency = (metric["Namespace"], metric["MetricName"]) == ("AWS/SageMaker", "ModelLatency")
        if is_latency and is_rank(stat["Stat"]) and not self._surroundings.assumptions.latency_has_ranks:
            raise Refusal("ValidationError", f"The statistic {stat['Stat']} is not supported for ModelLatency.")
        values = series.values(start, end, period, _statistic(stat["Stat"]))
        grid = range(start, end, period)
        return grid, [values.get(at) for at in grid]


def data(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the samples of a PutMetricData."""
    yield from request.get("MetricData", ())
    for entity in request.get("EntityMetricData", ()):
        yield from entity.get("MetricData", ())


def _add(bucket: Bucket, datum: Mapping[str, Any]) -> None:
    if statistics := datum.get("StatisticValues"):
        bucket.add_statistics(*(statistics[name] for name in ("SampleCount", "Sum", "Minimum", "Maximum")))
    values: Sequence[float] = datum.get("Values") or ([datum["Value"]] if "Value" in datum else [])
    for value, count in zip(values, datum.get("Counts") or [1.0] * len(values), strict=True):
        bucket.add(float(value), float(count))


def _expression(text: str, columns: Mapping[str, metric_math.Value]) -> metric_math.Value:
    try:
        return metric_math.evaluate(text, columns)
    except metric_math.ExpressionError as error:
        raise Refusal("ValidationError", str(error)) from error


def _result(query: Mapping[str, Any], grid: range, value: metric_math.Value, descending: bool) -> dict[str, Any]:
    column = value if isinstance(value, list) else [value] * len(grid)
    points = [(at, number) for at, number in zip(grid, column, strict=True) if number is not None]
    if descending:
        points.reverse()
    stat = query.get("MetricStat")
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or (stat["Metric"]["MetricName"] if stat else query["Id"]),
        "Timestamps": [timestamp(at) for at, _ in points],
        "Values": [number for _, number in points],
        "StatusCode": "Complete",
    }


def _window(request: Mapping[str, datetime], period: int) -> tuple[int, int, int]:
    """Return start, end and period of the whole periods that contain the interval, in seconds since 1970."""
    start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
    if start >= end:
        raise Refusal("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    if period not in (1, 5, 10, 20, 30) and (period <= 0 or period % 60):
        raise Refusal("InvalidParameterValue", "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    unit = min(period, STANDARD)
    return int(start) // unit * unit, -(-int(end) // unit) * unit, period


def _statistic(name: str) -> str:
    if not is_statistic(name):
        raise Refusal("InvalidParameterValue", f"The statistic {name} is not modelled.")
    return name


def _described(metric: Metric) -> dict[str, Any]:
    namespace, name, pairs = metric
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in sorted(pairs)],
    }


def _has(pairs: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted["Name"] in pairs and wanted.get("Value") in (None, pairs[wanted["Name"]])
