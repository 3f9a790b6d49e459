"""A mutant: a fault of the product that the simulation must find. It replaces one function or method."""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Target = Callable[..., Any] | property
Original = Callable[..., Any]
Replacement = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """One fault, and where it is found.

    `name` says what the faulty product does.
    `target` is the function, method, property or class method that is replaced.
    `becomes` runs in place of the target. Its first argument is the original function, the others are the target's.
    `hunt` names scenarios whose single faults are tried, and the records of schedules. The scenarios are first run
    without faults.
    """

    name: str
    target: Target
    becomes: Replacement
    hunt: tuple[str, ...] = ("approve",)


def answers(value: object) -> Replacement:
    """Return a replacement that always returns `value` and does nothing."""
    return lambda original, *args, **kwargs: value


always, never, nothing = answers(True), answers(False), answers(None)


def answers_with(**fields: object) -> Replacement:
    """Return a replacement that returns the original's answer, a dataclass or None, with other values of `fields`."""

    def becomes(original: Original, *args: Any, **kwargs: Any) -> Any:
        answer = original(*args, **kwargs)
        return answer and dataclasses.replace(answer, **fields)

    return becomes


def given(**arguments: object) -> Replacement:
    """Return a replacement that calls the original with other values of `arguments`."""

    def becomes(original: Original, *args: Any, **kwargs: Any) -> Any:
        call = inspect.signature(original).bind(*args, **kwargs)
        call.arguments.update(arguments)
        return original(*call.args, **call.kwargs)

    return becomes


class FirstPages:
    """A client whose lists end with their first page."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        call = getattr(self._client, operation)
        return lambda **request: {key: value for key, value in call(**request).items() if key != "NextToken"}
