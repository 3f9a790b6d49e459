"""The request bodies of the sandbox's own routes. A body is checked completely before any of it is executed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import ErrorDetails

from sandbox.events.pattern import Pattern
from sandbox.server.faults import CallFault
from world.assumptions import Assumptions

T = TypeVar("T")
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument")


class InvalidBody(ValueError):
    """The message says what is wrong, where, what was found and what is expected."""


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Advance(RequestBody):
    """How far the simulated clock moves."""

    seconds: float = Field(ge=0, allow_inf_nan=False)


class After(RequestBody):
    """How many events the caller has already."""

    after: int = Field(default=0, ge=0)


class Load(RequestBody):
    """The callers' load on an endpoint, per simulated second."""

    endpoint: str = Field(min_length=1)
    requests_per_second: float = Field(ge=0, allow_inf_nan=False)


@dataclass(frozen=True)
class AssumptionsBody(Assumptions):
    """The answers to what AWS does not document."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")


class Profile(RequestBody):
    """The user of SageMaker Studio whose calls are signed with this key."""

    access_key_id: str = Field(min_length=1)
    domain: str = Field(min_length=1)
    name: str = Field(min_length=1)


class DroppedEvents(RequestBody):
    """The next `count` events that match the event pattern are dropped, as AWS may drop them."""

    pattern: dict[str, Any]
    count: int = Field(default=1, ge=1)

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: dict[str, Any]) -> dict[str, Any]:
        Pattern.parse(json.dumps(pattern))
        return pattern


class Capacity(RequestBody):
    """How many instances of the type can be launched at a time; None removes the limit."""

    instance_type: str = Field(min_length=1)
    available: int | None = Field(ge=0)


class LateCaptures(RequestBody):
    """How much later than usual captured requests are written to S3."""

    seconds: float = Field(ge=0, allow_inf_nan=False)


class SlowCalls(RequestBody):
    """How much longer each call of a function takes, in real seconds."""

    seconds: float = Field(ge=0, le=10, allow_inf_nan=False)


class FaultsBody(RequestBody):
    drop_events: DroppedEvents | None = None
    function_call: CallFault | None = None
    capacity: Capacity | None = None
    late_captures: LateCaptures | None = None
    slow_calls: SlowCalls | None = None


def read(kind: type[T], body: bytes, now: Mapping[str, Any] | None = None) -> T:
    """Return the content of a request body. Fields that it does not have are taken from `now`. Raises InvalidBody."""
    try:
        content = json.loads(body)
    except ValueError as error:
        raise InvalidBody(f"The body is not JSON: {error}") from error
    return parsed(kind, {**(now or {}), **content} if isinstance(content, dict) else content)


def parsed(kind: type[T], content: Any) -> T:
    """Return the content as `kind`. Raises InvalidBody."""
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        raise InvalidBody("; ".join(_message(kind, one) for one in error.errors(include_url=False))) from error


def _message(kind: type[Any], error: ErrorDetails) -> str:
    where = ".".join(map(str, error["loc"])) or "the body"
    if error["type"] in _UNKNOWN and len(error["loc"]) == 1:
        known = [field.name for field in fields(kind)] if is_dataclass(kind) else kind.__annotations__
        return f"There is no {where}; there are: {', '.join(known)}."
    if error["type"] in _UNKNOWN:
        return f"There is no {where}."
    if error["type"] in _MISSING:
        return f"{where} is missing."
    return f"{where}: {error['msg']}; found {json.dumps(error['input'], default=str)}."
