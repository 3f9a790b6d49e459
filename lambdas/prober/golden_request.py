"""A golden request: what to send to the endpoint and what it must answer; one line of a JSON Lines file."""

import json
from dataclasses import dataclass
from typing import Any, Self

JSON, CSV = "application/json", "text/csv"
NOTHING = object()
"""No value is expected; JSON's null is one."""


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be from the expected one: `absolute`, or `relative` of it; the larger counts."""

    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True)
class GoldenRequest:
    """`at`: a JMESPath expression, applied to the answer before it is compared; what it gives must be true where no
    value is expected."""

    name: str
    body: bytes
    content_type: str
    accept: str | None = None
    expect: Any = NOTHING
    tolerance: Tolerance | None = None
    at: str | None = None

    @classmethod
    def from_line(cls, number: int, line: dict[str, Any]) -> Self:
        """Line `number` of the file, counted from 1, once it was found valid."""
        body = line["body"]
        is_text = isinstance(body, str)
        return cls(
            name=line.get("name", f"line {number}"),
            body=(body if is_text else json.dumps(body, ensure_ascii=False)).encode(),
            content_type=line.get("content_type", CSV if is_text else JSON),
            accept=line.get("accept"),
            expect=line.get("expect", NOTHING),
            tolerance=Tolerance(**line["tolerance"]) if "tolerance" in line else None,
            at=line.get("at"),
        )


def read(text: str) -> tuple[GoldenRequest, ...]:
    """The requests of a valid file; empty lines are none."""
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    return tuple(GoldenRequest.from_line(number, json.loads(line)) for number, line in lines)
