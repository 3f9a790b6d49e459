"""Evaluate identity-based policies as IAM does within one account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

Context = Mapping[str, str | Sequence[str]]
"""Condition keys in lower case. A sequence is the value of a multivalued key."""

KNOWN = frozenset(
    {
        "application-autoscaling:scalable-dimension",
        "application-autoscaling:service-namespace",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:tagkeys",
        "cloudwatch:namespace",
        "dynamodb:leadingkeys",
        "events:detail-type",
        "events:source",
        "iam:passedtoservice",
        "s3:prefix",
        "sagemaker:customermetadatapropertiestoremove",
        "sagemaker:instancetypes",
        "sagemaker:modelapprovalstatus",
        "sagemaker:modelarn",
        "sagemaker:modellifecycle:stage",
        "sagemaker:modellifecycle:stagestatus",
        "sagemaker:networkisolation",
        "sagemaker:taggingaction",
    }
)
"""Condition keys that the sandbox sets wherever AWS does. Other keys would always be absent and decide wrongly."""
KNOWN_PREFIXES = ("aws:requesttag/", "aws:resourcetag/", "sagemaker:customermetadataproperties/")


class Verdict(StrEnum):
    ALLOWED = "allowed"
    DENIED_EXPLICITLY = "denied by a Deny"
    DENIED_IMPLICITLY = "not allowed"


class UnknownConditionError(RuntimeError):
    """A policy has a condition or variable that the sandbox cannot evaluate. A guess could allow more or less than
    AWS."""


def decide(documents: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Verdict:
    """Return the verdict of the policies. An explicit Deny overrides any Allow. Raises UnknownConditionError."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _several(document["Statement"])
        if _applies(statement, action, resource, context)
    }
    if "Deny" in effects:
        return Verdict.DENIED_EXPLICITLY
    return Verdict.ALLOWED if "Allow" in effects else Verdict.DENIED_IMPLICITLY


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    return (
        _covers_value(statement, "Action", action.lower(), str.lower)
        and _covers_value(statement, "Resource", resource, _without_variables)
        and conditions_hold(statement.get("Condition", {}), context)
    )


def conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Return whether all conditions of a statement hold. Raises UnknownConditionError."""
    return all(
        _holds(operator, key, _several(wanted), context)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _covers_value(statement: Mapping[str, Any], element: str, value: str, read: Callable[[str], str]) -> bool:
    """Return whether the statement's Action or Resource, or its NotAction or NotResource, covers the value."""
    if element in statement:
        return any(_like(read(pattern), value) for pattern in _several(statement[element]))
    return not any(_like(read(pattern), value) for pattern in _several(statement[f"Not{element}"]))


def _without_variables(pattern: str) -> str:
    if "${" in pattern:
        raise UnknownConditionError(f"The sandbox does not fill in policy variables: {pattern}")
    return pattern


def _holds(operator: str, key: str, wanted: Sequence[Any], context: Context) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    name = key.lower()
    if name not in KNOWN and not name.startswith(KNOWN_PREFIXES):
        raise UnknownConditionError(f"The sandbox does not know the condition key {key}.")
    texts = [_without_variables(_text(value)) for value in wanted]
    found = context.get(name)
    if operator == "Null":
        return (found is None) == (texts == ["true"])
    quantifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    compare, is_negated = _operator(base, operator)
    if quantifier:
        return _holds_for_set(quantifier, operator, compare, is_negated, texts, found)
    if found is None:
        return is_negated or rest.endswith("IfExists")
    if not isinstance(found, str):
        if len(found) != 1:
            raise UnknownConditionError(f"{key} has {len(found)} values, but {operator} compares one.")
        found = found[0]
    return any(compare(text, found) for text in texts) != is_negated


def _holds_for_set(
    quantifier: str,
    operator: str,
    compare: Callable[[str, str], bool],
    is_negated: bool,
    texts: Sequence[str],
    found: str | Sequence[str] | None,
) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html"""
    values = [] if found is None else _several(found)
    matches = [any(compare(text, value) for text in texts) != is_negated for value in values]
    match quantifier:
        case "ForAnyValue":
            return any(matches)
        case "ForAllValues":
            return all(matches)
    raise UnknownConditionError(f"The sandbox does not know the condition operator {operator}.")


def _operator(base: str, operator: str) -> tuple[Callable[[str, str], bool], bool]:
    """Return the comparison of an operator, and whether the operator is negated."""
    positive = base.replace("Not", "", 1)
    if positive not in _COMPARISONS or base not in _OPERATORS:
        raise UnknownConditionError(f"The sandbox does not know the condition operator {operator}.")
    return _COMPARISONS[positive], positive != base


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _like(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _like_arn(pattern: str, value: str) -> bool:
    """Return whether two ARNs match, part by part. A wildcard in one of the first five parts does not cross a colon."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) and all(map(_like, patterns, values))


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like_arn,
    "ArnLike": _like_arn,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
_OPERATORS = frozenset(
    {
        *_COMPARISONS,
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "ArnNotEquals",
        "ArnNotLike",
    }
)
