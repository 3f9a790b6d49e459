"""Evaluate the policy of a queue, a topic or a function: does it let an AWS service act on the resource?"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.iam.identity_policy import UnknownConditionError, conditions_hold


def allows(
    statements: Iterable[Mapping[str, Any]], *, service: str, action: str, resource: str, context: Mapping[str, str]
) -> bool:
    """Return whether a statement allows the service principal and none denies it.

    Raises NotImplementedError for a condition that the sandbox cannot evaluate.
    """
    applicable = [
        statement["Effect"]
        for statement in statements
        if _names(statement["Principal"], service)
        and any(_like(one.lower(), action.lower()) for one in _several(statement["Action"]))
        and any(_like(one, resource) for one in _several(statement.get("Resource", "*")))
        and _holds(statement.get("Condition", {}), context)
    ]
    return "Allow" in applicable and "Deny" not in applicable


def _names(principal: str | Mapping[str, Any], service: str) -> bool:
    if principal == "*":
        return True
    assert isinstance(principal, Mapping)
    return service in _several(principal.get("Service", [])) or "*" in _several(principal.get("AWS", []))


def _holds(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    known = {"aws:principalisawsservice": "true"} | {key.lower(): value for key, value in context.items()}
    try:
        return conditions_hold(conditions, known)
    except UnknownConditionError as error:
        raise NotImplementedError(str(error)) from error


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, value: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.DOTALL) is not None
