"""A golden request: a request to the endpoint and the right answer. It is one line of a JSON Lines file."""

import json
from dataclasses import dataclass
from typing import Any, Self

from lambdas.answers.answer import CSV, JSON
from lambdas.gate.spec.tolerance import Tolerance

NOTHING = object()
"""Stands for no expected value. JSON's null is an expected value."""


@dataclass(frozen=True)
class GoldenRequest:
    """`expect`: the right answer, or NOTHING. `at`: a JMESPath expression whose value is compared instead of the whole
    answer. Its value must be true if no value is expected."""

    name: str
    body: bytes
    content_type: str
    accept: str | None = None
    expect: Any = NOTHING
    tolerance: Tolerance | None = None
    at: str | None = None

    @classmethod
    def from_line(cls, number: int, line: dict[str, Any]) -> Self:
        """Return the golden request in a valid line. `number`: counts the file's lines from 1."""
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
    """Return the requests of a valid file. Empty lines are skipped."""
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    return tuple(GoldenRequest.from_line(number, json.loads(line)) for number, line in lines)
