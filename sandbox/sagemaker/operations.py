"""Answer SageMaker's operations in place of moto, with moto's server and wire format."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.sagemaker.responses import SageMakerResponse

from sandbox.sagemaker.validation import validate


@dataclass(frozen=True)
class Call:
    """One request, with its account, Region and access key."""

    account: str
    region: str
    request: dict[str, Any]
    access_key: str

    def arn(self, resource: str) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{resource}"


Operation = Callable[[Call], dict[str, Any]]


def serve(operations: Mapping[str, Operation]) -> None:
    """Answer these operations, named as in AWS's API."""
    for name, operation in operations.items():
        setattr(SageMakerResponse, camelcase_to_underscores(name), _method(name, operation))


def _method(name: str, operation: Operation) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        request: dict[str, Any] = json.loads(response.body or "{}")
        validate(name, request)
        account, region = response.current_account, response.region
        return ActionResult(operation(Call(account, region, request, response.access_key)))

    return method
