"""Mutants that are still changes of the source text."""

import importlib
import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from simulation.mutants import mutation
from simulation.mutants.mutant import Mutant as Replacing
from simulation.mutants.mutation import MutationError

GATE, JANITOR, PROBER = "lambdas.gate.", "lambdas.janitor.", "lambdas.prober."


@dataclass(frozen=True)
class Mutant:
    name: str
    module: str
    old: str
    new: str
    hunt: tuple[str, ...] = ("approve",)


def applied(mutant: Mutant | Replacing) -> AbstractContextManager[None]:
    """The product with the mutant."""
    if isinstance(mutant, Replacing):
        return mutation.mutated(mutant.target, mutant.becomes)
    return mutated(mutant.module, mutant.old, mutant.new)


@contextmanager
def mutated(module_name: str, old: str, new: str) -> Iterator[None]:
    """The module's functions as if `old` read `new` in its source. Raises MutationError."""
    module = importlib.import_module(module_name)
    source = inspect.getsource(module)
    if source.count(old) != 1:
        raise MutationError(f"{module_name} holds this {source.count(old)} times:\n{old}")
    changed = ModuleType(module_name)
    changed.__file__ = module.__file__
    exec(compile(source.replace(old, new), str(module.__file__), "exec"), changed.__dict__)
    replaced: list[tuple[FunctionType, CodeType]] = []
    for function, other in _pairs(module, changed, module_name):
        if function.__code__ != other.__code__:
            replaced.append((function, function.__code__))
            function.__code__ = other.__code__
    if not replaced:
        raise MutationError(f"No function of {module_name} changed by:\n{new}")
    try:
        yield
    finally:
        for function, code in replaced:
            function.__code__ = code


def _pairs(known: Any, changed: Any, module: str) -> Iterator[tuple[FunctionType, FunctionType]]:
    """The module's own functions and methods, each with its changed twin."""
    for name, found in vars(known).items():
        value, twin = _plain(found), _plain(vars(changed).get(name))
        if getattr(value, "__module__", None) != module or twin is None:
            continue
        if isinstance(value, FunctionType) and isinstance(twin, FunctionType):
            yield value, twin
        elif isinstance(value, type):
            yield from _pairs(value, twin, module)


def _plain(found: Any) -> Any:
    """The function of a property, of a class method, or of one whose answers are remembered."""
    if isinstance(found, property):
        return found.fget
    if isinstance(found, classmethod):
        return found.__func__
    return inspect.unwrap(found) if callable(found) else found
