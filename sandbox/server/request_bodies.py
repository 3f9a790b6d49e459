"""What is ordered of the sandbox: the bodies of its own routes. All of an order is checked before any of it is done."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import ErrorDetails

from sandbox.events.pattern import Pattern
from sandbox.server.faults import CallFault

T = TypeVar("T")
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument")


class InvalidBody(ValueError):
    """The message says what is wrong, where, what was found and what is expected."""


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Advance(RequestBody):
    """The simulated clock goes on for so long."""

    seconds: float = Field(ge=0, allow_inf_nan=False)


class Load(RequestBody):
    """The callers' load on an endpoint, in simulated seconds."""

    endpoint: str = Field(min_length=1)
    requests_per_second: float = Field(ge=0, allow_inf_nan=False)


class Profile(RequestBody):
    """Calls with this key come from that user of SageMaker Studio."""

    access_key_id: str = Field(min_length=1)
    domain: str = Field(min_length=1)
    name: str = Field(min_length=1)


class DroppedEvents(RequestBody):
    """The next `count` events that match the event pattern are lost, as AWS may lose them."""

    pattern: dict[str, Any]
    count: int = Field(default=1, ge=1)

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: dict[str, Any]) -> dict[str, Any]:
        Pattern.parse(json.dumps(pattern))
        return pattern


class Capacity(RequestBody):
    """At most so many instances of the type can be launched at a time; None: as many as wanted."""

    instance_type: str = Field(min_length=1)
    available: int | None = Field(ge=0)


class FaultsBody(RequestBody):
    drop_events: DroppedEvents | None = None
    function_call: CallFault | None = None
    capacity: Capacity | None = None


def read(kind: type[T], body: bytes, now: Mapping[str, Any] | None = None) -> T:
    """The order in a request's body; what it leaves out is as in `now`. Raises BadOrder."""
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise InvalidBody(f"The body is not JSON: {error}") from error
    return parsed(kind, {**(now or {}), **fields} if isinstance(fields, dict) else fields)


def parsed(kind: type[T], fields: Any) -> T:
    """Raises BadOrder."""
    try:
        return TypeAdapter(kind).validate_python(fields)
    except ValidationError as error:
        raise InvalidBody("; ".join(_told(kind, one) for one in error.errors(include_url=False))) from error


def _told(kind: type[Any], error: ErrorDetails) -> str:
    where = ".".join(map(str, error["loc"])) or "the body"
    if error["type"] in _UNKNOWN and len(error["loc"]) == 1:
        return f"There is no {where}; there are: {', '.join(kind.__annotations__)}."
    if error["type"] in _UNKNOWN:
        return f"There is no {where}."
    if error["type"] in _MISSING:
        return f"{where} is missing."
    return f"{where}: {error['msg']}; found {json.dumps(error['input'], default=str)}."
