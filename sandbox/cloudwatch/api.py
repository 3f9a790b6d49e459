"""CloudWatch's operations, answered from the sandbox's own metrics and alarms in place of moto's."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from sandbox.cloudwatch import cbor
from sandbox.cloudwatch.alarms_api import AlarmOperations
from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.cloudwatch.metrics_api import MetricOperations

Operation = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]


class CloudWatchApi:
    def __init__(self, cloudwatch: CloudWatch) -> None:
        self._metrics = MetricOperations(cloudwatch)
        self._alarms = AlarmOperations(cloudwatch)

    def install(self) -> None:
        """Answer CloudWatch's operations in every protocol of the service."""
        metrics, alarms = self._metrics, self._alarms
        for operation in (
            metrics.put_metric_data,
            metrics.get_metric_data,
            metrics.get_metric_statistics,
            metrics.list_metrics,
            alarms.put_metric_alarm,
            alarms.put_composite_alarm,
            alarms.describe_alarms,
            alarms.describe_alarms_for_metric,
            alarms.describe_alarm_history,
            alarms.delete_alarms,
            alarms.set_alarm_state,
            alarms.enable_alarm_actions,
            alarms.disable_alarm_actions,
            alarms.list_tags_for_resource,
            alarms.tag_resource,
            alarms.untag_resource,
        ):
            setattr(CloudWatchResponse, operation.__name__, _method(operation))
        cbor.serve()


def _method(operation: Operation) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        return ActionResult(operation(response.current_account, response.region, response.params))

    return method
