"""Answer SageMaker's operations in place of moto, with moto's server and wire format."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.sagemaker.exceptions import SagemakerClientError
from moto.sagemaker.responses import SageMakerResponse

from sandbox.sagemaker.validation import validate, with_times
from world.call import Call, Caller, Operation
from world.refusal import Refusal

CallerOf = Callable[[str], Caller]


def serve(operations: Mapping[str, Operation], caller_of: CallerOf) -> None:
    """Answer these operations, named as in AWS's API. `caller_of` returns the caller with an access key."""
    for name, operation in operations.items():
        setattr(SageMakerResponse, camelcase_to_underscores(name), _method(name, operation, caller_of))


def _method(name: str, operation: Operation, caller_of: CallerOf) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        try:
            request: dict[str, Any] = json.loads(response.body or "{}")
            validate(name, request)
            call = Call(with_times(name, request), caller_of(response.access_key))
            return ActionResult(operation(call))
        except Refusal as refusal:
            raise SagemakerClientError(refusal.code, refusal.message) from refusal

    return method
