"""What botocore's service models say of requests and answers."""

import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "blob": (bytes,),
}


@functools.cache
def operation_model(service: str, operation: str) -> Any:
    return _session().get_service_model(service).operation_model(operation)


@functools.cache
def _session() -> Any:
    return botocore.session.get_session()


def input_errors(service: str, operation: str, request: dict[str, Any]) -> str:
    """What botocore's client would refuse to send; empty where it would not."""
    report: str = ParamValidator().validate(request, operation_model(service, operation).input_shape).generate_report()
    return report


def output_errors(service: str, operation: str, answer: dict[str, Any]) -> list[str]:
    """What botocore's client cannot have given as this operation's answer."""
    shape = operation_model(service, operation).output_shape
    if shape is None:
        return [f"{operation} answers nothing"] if answer else []
    return list(_errors(shape, answer, ""))


def _errors(shape: Any, value: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            if not isinstance(value, dict):
                yield f"{path} is {value!r}, not a structure"
                return
            yield from (f"{path}.{name} is missing" for name in shape.required_members if name not in value)
            for name, member in value.items():
                if name in shape.members:
                    yield from _errors(shape.members[name], member, f"{path}.{name}")
                else:
                    yield f"{path}.{name} is no member of {shape.name}"
        case "list":
            if not isinstance(value, list):
                yield f"{path} is {value!r}, not a list"
                return
            for member in value:
                yield from _errors(shape.member, member, f"{path}[]")
        case "map":
            if not isinstance(value, dict):
                yield f"{path} is {value!r}, not a map"
                return
            for key, member in value.items():
                yield from _errors(shape.key, key, f"{path}.{key}")
                yield from _errors(shape.value, member, f"{path}.{key}")
        case kind:
            yield from _scalar_errors(shape, kind, value, path)


def _scalar_errors(shape: Any, kind: str, value: Any, path: str) -> Iterator[str]:
    # In Python True is an int.
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path} is {value!r}, not a {kind}"
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield f"{path} has no time zone"
    elif kind == "string" and shape.enum and value not in shape.enum:
        yield f"{path} is {value!r}, none of {', '.join(shape.enum)}"
