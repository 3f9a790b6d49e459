"""Metrics that functions write into their logs, in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from moto.logs.models import LogGroup

if TYPE_CHECKING:
    from sandbox.cloudwatch.cloudwatch import CloudWatch

_MOTO_PUT: Final = LogGroup.put_log_events


def serve(cloudwatch: "CloudWatch") -> None:
    """Read every line that arrives in a log group from now on.

    Its samples count from its arrival: a function's process has the machine's time, not the simulated one.
    """

    def put_log_events(group: Any, log_stream_name: str, log_events: list[dict[str, Any]]) -> Any:
        for event in log_events:
            for line in event["message"].splitlines():
                for namespace, name, dimensions, value in samples(line):
                    cloudwatch.record(
                        account=group.account_id,
                        region=group.region,
                        namespace=namespace,
                        name=name,
                        dimensions=dimensions,
                        value=value,
                    )
        return _MOTO_PUT(group, log_stream_name, log_events)

    LogGroup.put_log_events = put_log_events


def samples(line: str) -> Iterator[tuple[str, str, dict[str, str], float]]:
    """Namespace, name, dimensions and value; none where the line is something else."""
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
