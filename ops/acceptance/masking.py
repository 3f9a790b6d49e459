"""Takes account details out of a report that people attach to an issue. Pure."""

import re
from collections.abc import Iterable
from typing import Any

_MARKS = (
    (re.compile(r"arn:aws[a-z-]*:[^\s,;)\"'|]+"), "(ARN)"),
    (re.compile(r"s3://[^\s,;)\"'|]+"), "(object)"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "(person)"),
    (re.compile(r"\b(AIDA|AROA|ASIA|AKIA|AGPA)[A-Z0-9]{12,}(:[^\s,;)\"'|]+)?"), "(person)"),
    (re.compile(r"\b[\w.-]*\b\d{12}\b[\w.-]*"), "(account)"),
)
"""What has account details wherever it stands, and what takes its place. A name with an account's number in it, such as
a bucket's or a registry's, is taken out as a whole."""


def people(arns: Iterable[str]) -> frozenset[str]:
    """Return the names in the ARNs of people, and in what stands for such an ARN."""
    parts = (part for each in arns for part in re.split(r"[/:]", each.rpartition("::")[2]) if len(part) > 2)
    return frozenset(parts) - {"user", "role", "root", "assumed-role", "sts", "iam", "arn", "aws", "Approval Gate"}


def masked(value: Any, names: frozenset[str]) -> Any:
    """Return a value of JSON without account numbers, ARNs, buckets and these names of people."""
    match value:
        case str():
            return _text(value, names)
        case dict():
            return {key: masked(each, names) for key, each in value.items()}
        case list() | tuple():
            return [masked(each, names) for each in value]
    return value


def _text(text: str, names: frozenset[str]) -> str:
    for pattern, mark in _MARKS:
        text = pattern.sub(mark, text)
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "(person)", text)
    return text
