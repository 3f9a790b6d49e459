"""CloudTrail's event history, answered by the model in place of moto, which has none."""

import json
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores

from world.call import Call, Operation
from world.cloud_trail import CloudTrail
from world.refusal import Refusal

_TIMES = ("StartTime", "EndTime")


class EventHistory:
    """It has the calls that write to the model registry, and no others."""

    def __init__(self, trail: CloudTrail) -> None:
        self._trail = trail

    def install(self) -> None:
        for name, operation in self._trail.operations().items():
            setattr(CloudTrailResponse, camelcase_to_underscores(name), _method(operation))


def _method(operation: Operation) -> Any:
    def method(response: Any) -> Any:
        request: dict[str, Any] = json.loads(response.body or "{}")
        request |= {name: datetime.fromtimestamp(request[name], UTC) for name in _TIMES if name in request}
        try:
            return ActionResult(operation(Call(request)))
        except Refusal as refusal:
            raise JsonRESTError(refusal.code, refusal.message) from refusal

    return method
