"""CloudWatch's operations, answered by the model in place of moto."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import CloudWatchException
from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores

from sandbox.cloudwatch import cbor
from sandbox.cloudwatch.cloudwatch import CloudWatch
from world.call import Call, Operation
from world.metrics.metrics import data
from world.refusal import Refusal


class CloudWatchApi:
    def __init__(self, cloudwatch: CloudWatch) -> None:
        self._cloudwatch = cloudwatch

    def install(self) -> None:
        """Answer CloudWatch's operations in every protocol of the service."""
        for name, operation in self._cloudwatch.operations.items():
            setattr(CloudWatchResponse, camelcase_to_underscores(name), _method(operation))
        cbor.serve()


def _method(operation: Operation) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        request = _typed(response.params)
        # Only PutMetricData has samples.
        checks = cloudwatch_backends[response.current_account][response.region]
        for number, datum in enumerate(data(request), 1):
            checks._validate_parameters_put_metric_data(datum, number)
        try:
            return ActionResult(operation(Call(request)))
        except Refusal as refusal:
            raise CloudWatchException(refusal.code, refusal.message) from refusal

    return method


def _typed(value: Any) -> Any:
    """Return a request as botocore's clients have it. moto gives times in UTC without a time zone, and None for members
    that are not given."""
    match value:
        case dict():
            return {key: _typed(member) for key, member in value.items() if member is not None}
        case list():
            return [_typed(member) for member in value]
        case datetime():
            return value if value.tzinfo else value.replace(tzinfo=UTC)
    return value
