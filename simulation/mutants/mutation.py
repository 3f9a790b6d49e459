"""Replacing a function of the product while it runs. The function object stays and only its code changes, so that every
table and module that holds the function runs the replacement."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any

from simulation.mutants.mutant import Replacement, Target


class MutationError(ValueError):
    """The target is not a function, or its code cannot be replaced."""


@contextmanager
def mutated(target: Target, becomes: Replacement) -> Iterator[None]:
    """Run `becomes(original, ...)` at each call of the target. Raises MutationError."""
    function = _function(target)
    if function.__code__.co_freevars:
        raise MutationError(f"{function.__qualname__} is a closure, whose code cannot be replaced")
    code, defaults, keyword_defaults = function.__code__, function.__defaults__, function.__kwdefaults__
    original = FunctionType(code, function.__globals__, function.__name__, defaults)
    original.__kwdefaults__ = keyword_defaults
    function.__code__, function.__kwdefaults__ = _forward.__code__, {"mutant": partial(becomes, original)}
    try:
        yield
    finally:
        function.__code__, function.__kwdefaults__ = code, keyword_defaults


def _forward(*args: Any, mutant: Replacement, **kwargs: Any) -> Any:
    """Lend its code to the target, which finds the mutant among its own keyword defaults."""
    return mutant(*args, **kwargs)


def _function(target: Target) -> FunctionType:
    """Return the function of a property, of a class method, or of one whose answers are remembered."""
    found = target.fget if isinstance(target, property) else target
    found = inspect.unwrap(getattr(found, "__func__", found)) if callable(found) else found
    if not isinstance(found, FunctionType):
        raise MutationError(f"{target!r} is not a function of the product")
    return found
