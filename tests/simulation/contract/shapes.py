"""What botocore's service models say about requests and answers."""

import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from lambdas.gate.aws.clients import OPERATIONS

SERVICES = {operation: service for service, operations in OPERATIONS.items() for operation in operations}
"""Operation → service, for all operations that the product calls."""
PARTIAL = "application-autoscaling"
"""A service of which neither the sandbox nor the simulation gives all required members."""


@functools.cache
def _model(operation: str) -> Any:
    return _session().get_service_model(SERVICES[operation]).operation_model(operation)


@functools.cache
def _session() -> Any:
    return botocore.session.get_session()


def request_errors(operation: str, request: dict[str, Any]) -> list[str]:
    """Return why botocore's client would not send this request."""
    return _invalid(_model(operation).input_shape, request)


def answer_errors(operation: str, answer: dict[str, Any]) -> list[str]:
    """Return why botocore's client cannot have given this answer."""
    shape = _model(operation).output_shape
    if shape is None:
        return [f"{operation} has no answer"] if answer else []
    errors = _invalid(shape, answer)
    if SERVICES[operation] == PARTIAL:
        errors = [error for error in errors if not error.startswith("Missing required")]
    return errors or list(_errors(shape, answer, ""))


def _invalid(shape: Any, value: dict[str, Any]) -> list[str]:
    """Return members that are missing or unknown or have a wrong type."""
    report: str = ParamValidator().validate(value, shape).generate_report()
    return report.splitlines()


def _errors(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Yield what botocore takes in requests but never gives in answers."""
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                yield from _errors(shape.members[name], member, f"{path}.{name}")
        case "map":
            for key, member in value.items():
                yield from _errors(shape.value, member, f"{path}.{key}")
        case "list":
            for member in value:
                yield from _errors(shape.member, member, f"{path}[]")
        case "timestamp":
            if not isinstance(value, datetime) or value.tzinfo is None:
                yield f"{path} is {value!r}, not a time with a time zone"
        case "string":
            if shape.enum and value not in shape.enum:
                yield f"{path} is {value!r}, none of {', '.join(shape.enum)}"
        case kind:
            if isinstance(value, bool) and kind != "boolean":
                yield f"{path} is {value!r}, not a number"


def minimal_request(operation: str) -> dict[str, Any]:
    """Return a request that has only what botocore requires."""
    made: dict[str, Any] = _minimal(_model(operation).input_shape)
    return made


def _minimal(shape: Any) -> Any:
    least = max(1, shape.metadata.get("min", 1))
    match shape.type_name:
        case "structure":
            return {name: _minimal(shape.members[name]) for name in shape.required_members}
        case "list":
            return [_minimal(shape.member)] * least
        case "map":
            return {}
        case "string":
            return shape.enum[0] if shape.enum else "x" * least
        case "blob":
            return b""
        case _:
            return least
