"""EventBridge event patterns. An unknown operator is refused, as on AWS; it never matches everything.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import ipaddress
import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Predicate = Callable[[Any], bool]
Path = tuple[str, ...]
Place = tuple[tuple[Path, int], ...]
"""The array elements that contain a leaf. Fields of objects in one array must match in the same element."""
Leaves = dict[Path, list[tuple[Any, Place]]]

_ABSENT: Final = object()
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


class InvalidPattern(ValueError):
    """EventBridge would refuse the pattern."""


@dataclass(frozen=True)
class Field:
    path: Path
    filters: tuple[Predicate, ...]

    def accepts(self, value: Any) -> bool:
        return any(accepts(value) for accepts in self.filters)


@dataclass(frozen=True)
class Pattern:
    """Alternatives, each a list of fields. An event matches if all fields of one alternative match."""

    alternatives: tuple[tuple[Field, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Return the pattern in a JSON text. Raises InvalidPattern."""
        try:
            return cls(tuple(_alternatives(json.loads(text), ())))
        except json.JSONDecodeError as error:
            raise InvalidPattern("Event pattern is not valid JSON.") from error

    def matches(self, event: Mapping[str, Any]) -> bool:
        return self.matches_leaves(leaves(event))

    def matches_leaves(self, found: Leaves) -> bool:
        """As `matches`, for an event that many patterns are compared with."""
        return any(_all_match(fields, found, {}) for fields in self.alternatives)


def leaves(event: Mapping[str, Any]) -> Leaves:
    """Return the values of an event by their paths."""
    found: Leaves = {}
    for path, value, place in _leaves(event, (), ()):
        found.setdefault(path, []).append((value, place))
    return found


def _all_match(fields: tuple[Field, ...], leaves: Leaves, chosen: dict[Path, int]) -> bool:
    if not fields:
        return True
    field, rest = fields[0], fields[1:]
    if field.path not in leaves:
        return field.accepts(_ABSENT) and _all_match(rest, leaves, chosen)
    return any(
        all(chosen.get(array, index) == index for array, index in place)
        and field.accepts(value)
        and _all_match(rest, leaves, chosen | dict(place))
        for value, place in leaves[field.path]
    )


def _leaves(node: Any, path: Path, place: Place) -> Iterator[tuple[Path, Any, Place]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, (*path, key), place)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            # An array of plain values is a set: different fields may match different elements.
            inside = (*place, (path, index)) if isinstance(value, Mapping | list) else place
            yield from _leaves(value, path, inside)
    else:
        yield path, node, place


def _alternatives(pattern: Any, path: Path) -> list[tuple[Field, ...]]:
    if not isinstance(pattern, dict) or not pattern:
        raise InvalidPattern("Event pattern must be a non-empty object.")
    combined: list[tuple[Field, ...]] = [()]
    for key, value in pattern.items():
        if key == "$or" and isinstance(value, list):
            branches = [fields for branch in value for fields in _alternatives(branch, path)]
        elif isinstance(value, dict):
            branches = _alternatives(value, (*path, key))
        elif isinstance(value, list) and value:
            branches = [(Field((*path, key), tuple(_filter(one) for one in value)),)]
        else:
            raise InvalidPattern(f"'{key}' must be an object or a non-empty array.")
        combined = [left + right for left in combined for right in branches]
    return combined


def _filter(condition: Any) -> Predicate:
    """Return the predicate for one condition. It takes a leaf's value, or _ABSENT."""
    if isinstance(condition, list):
        raise InvalidPattern("An array cannot stand inside an array of conditions.")
    if not isinstance(condition, dict):
        return _literal(condition)
    name, argument = _only_item(condition)
    match name:
        case "exists" if isinstance(argument, bool):
            return lambda value: (value is not _ABSENT) == argument
        case "anything-but":
            unwanted = _unwanted(argument)
            return lambda value: value is not _ABSENT and not any(matches(value) for matches in unwanted)
        case "numeric":
            return _numeric(argument)
        case "cidr" if isinstance(argument, str):
            return _cidr(argument)
        case "prefix" | "suffix" if isinstance(argument, dict):
            return _text(name, _ignored_case(argument), ignore_case=True)
        case "prefix" | "suffix" | "wildcard" | "equals-ignore-case":
            return _text(name, argument)
    raise InvalidPattern(f"Unrecognized match type or argument: {json.dumps(condition)}.")


def _unwanted(argument: Any) -> list[Predicate]:
    if isinstance(argument, dict):
        name, value = _only_item(argument)
        if name not in ("prefix", "suffix", "wildcard", "equals-ignore-case"):
            raise InvalidPattern(f"anything-but does not take {name}.")
        return [_filter({name: one}) for one in (value if isinstance(value, list) else [value])]
    values = argument if isinstance(argument, list) else [argument]
    if not values or any(isinstance(value, dict | list) for value in values):
        raise InvalidPattern("anything-but takes a value, a non-empty array of values or one match type.")
    return [_literal(value) for value in values]


def _only_item(condition: dict[str, Any]) -> tuple[str, Any]:
    if len(condition) != 1:
        raise InvalidPattern(f"Exactly one match type expected: {json.dumps(condition)}.")
    return next(iter(condition.items()))


def _ignored_case(argument: dict[str, Any]) -> Any:
    name, value = _only_item(argument)
    if name != "equals-ignore-case":
        raise InvalidPattern(f"prefix and suffix do not take {name}.")
    return value


def _literal(wanted: Any) -> Predicate:
    if isinstance(wanted, str):
        return lambda value: isinstance(value, str) and value == wanted
    # AWS compares the JSON text: 300 is not 300.0, and 1 is not true.
    text = json.dumps(wanted)
    return lambda value: value is not _ABSENT and json.dumps(value) == text


def _text(name: str, wanted: Any, ignore_case: bool = False) -> Predicate:
    if not isinstance(wanted, str):
        raise InvalidPattern(f"{name} takes a string.")
    if name == "wildcard":
        expression = _wildcard(wanted)
        return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None
    if name == "equals-ignore-case":
        return lambda value: isinstance(value, str) and value.lower() == wanted.lower()
    compare = str.startswith if name == "prefix" else str.endswith
    if ignore_case:
        return lambda value: isinstance(value, str) and compare(value.lower(), wanted.lower())
    return lambda value: isinstance(value, str) and compare(value, wanted)


def _wildcard(wanted: str) -> re.Pattern[str]:
    if "**" in wanted:
        raise InvalidPattern("Consecutive wildcard characters are not allowed.")
    parts = re.findall(r"\\[*\\]|[\s\S]", wanted)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


def _numeric(argument: Any) -> Predicate:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise InvalidPattern("numeric takes one or two comparisons.")
    comparisons = list(zip(argument[::2], argument[1::2], strict=True))
    if not all(name in _COMPARISONS and _is_number(bound) for name, bound in comparisons):
        raise InvalidPattern(f"numeric takes {', '.join(_COMPARISONS)} and numbers.")
    return lambda value: _is_number(value) and all(_COMPARISONS[name](value, bound) for name, bound in comparisons)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cidr(argument: str) -> Predicate:
    try:
        network = ipaddress.ip_network(argument, strict=False)
    except ValueError as error:
        raise InvalidPattern(f"Malformed CIDR: {argument}.") from error

    def inside(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return inside
