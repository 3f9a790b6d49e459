"""Answer SageMaker's operations in place of moto, with moto's server and wire format."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.sagemaker.exceptions import SagemakerClientError
from moto.sagemaker.responses import SageMakerResponse

from sandbox.sagemaker.callers import Callers
from sandbox.sagemaker.validation import validate, with_times
from world.account import Account
from world.call import Call, Operation
from world.refusal import Refusal


def serve(operations: Mapping[str, Operation], account: Account, callers: Callers) -> None:
    """Answer these operations, named as in AWS's API."""
    for name, operation in operations.items():
        setattr(SageMakerResponse, camelcase_to_underscores(name), _method(name, operation, account, callers))


def _method(name: str, operation: Operation, account: Account, callers: Callers) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        try:
            request: dict[str, Any] = json.loads(response.body or "{}")
            validate(name, request)
            call = Call(with_times(name, request), callers.caller(account, response.access_key))
            return ActionResult(operation(call))
        except Refusal as refusal:
            raise SagemakerClientError(refusal.code, refusal.message) from refusal

    return method
