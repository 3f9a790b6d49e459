"""Metrics in logs: functions write them in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from moto.logs.models import LogGroup

from world.metrics.metrics import Metrics

_MOTO_PUT: Final = LogGroup.put_log_events


class EmbeddedMetrics:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def install(self) -> None:
        """Record the samples in every line that arrives in a log group.

        A sample gets the time of its arrival, because a function's process has the machine's time, not the simulated
        time.
        """
        embedded = self

        def put_log_events(group: Any, log_stream_name: str, log_events: list[dict[str, Any]]) -> Any:
            for event in log_events:
                for line in event["message"].splitlines():
                    embedded._record(line)
            return _MOTO_PUT(group, log_stream_name, log_events)

        LogGroup.put_log_events = put_log_events

    def _record(self, line: str) -> None:
        for namespace, name, dimensions, value in samples(line):
            self._metrics.record(namespace=namespace, name=name, dimensions=dimensions, value=value)


def samples(line: str) -> Iterator[tuple[str, str, dict[str, str], float]]:
    """Yield namespace, name, dimensions and value of each sample in a line."""
    if '"_aws"' not in line:
        return
    try:
        entry = json.loads(line)
    except ValueError:
        return
    for directive in entry["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: str(entry[name]) for name in names}
            for metric in directive["Metrics"]:
                found = entry[metric["Name"]]
                for value in found if isinstance(found, list) else [found]:
                    yield directive["Namespace"], metric["Name"], dimensions, float(value)
