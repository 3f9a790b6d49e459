"""Evaluate the policy of a queue, a topic or a function: does it let an AWS service act on the resource?"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final


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
    known = {key.lower(): value for key, value in context.items()}
    for name, keys in conditions.items():
        compare = _OPERATORS.get(name)
        if compare is None:
            raise NotImplementedError(f"The sandbox does not evaluate {name} in a resource policy.")
        for key, wanted in keys.items():
            value = known.get(key.lower())
            if value is None or not any(compare(str(one), value) for one in _several(wanted)):
                return False
    return True


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, value: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": str.__eq__,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
