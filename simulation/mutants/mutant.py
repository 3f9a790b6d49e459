"""A mutant: a fault of the product that the simulation must find. It replaces one function or method."""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Target = Callable[..., Any] | property
Replacement = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """One fault, and where it is found.

    `name` says what the faulty product does.
    `target` is the function, method, property or class method that is replaced.
    `becomes` runs in place of the target. Its first argument is the original function, the others are the target's.
    `hunt` names scenarios whose single faults are tried, and schedules. The scenarios are first run without faults.
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
    """Return a replacement that returns the original's answer, a dataclass, with other values of `fields`."""
    return lambda original, *args, **kwargs: dataclasses.replace(original(*args, **kwargs), **fields)


def given(**arguments: object) -> Replacement:
    """Return a replacement that calls the original with other values of `arguments`."""

    def becomes(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        call = inspect.signature(original).bind(*args, **kwargs)
        call.arguments.update(arguments)
        return original(*call.args, **call.kwargs)

    return becomes
