"""Hunting mutants: which schedule finds each, or which scenario's story is another with it."""

from collections.abc import Iterator

from simulation.campaign import beginnings, memory, search
from simulation.campaign.schedule import Schedule
from simulation.mutant import Mutant
from simulation.mutation import mutated
from simulation.scenarios.index import SCENARIOS
from simulation.story import faults_found


def killer(mutant: Mutant) -> tuple[str, tuple[str, ...]] | None:
    """The first schedule that finds the mutant and the invariants it breaks, or None where none does."""
    with mutated(mutant.module, mutant.old, mutant.new):
        _forget()
        try:
            return next(_found(mutant), None)
        finally:
            _forget()


def _forget() -> None:
    """The product is another from here on."""
    beginnings.forget()
    memory.forget()


def _found(mutant: Mutant) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in (*(Schedule.parse(hunted).scenario for hunted in mutant.hunt), *SCENARIOS):
        if found := faults_found(name):
            yield f"{name}:", found
    for hunted in mutant.hunt:
        if ":" in hunted:
            if violations := search.replay(Schedule.parse(hunted)):
                yield hunted, violations
        else:
            yield from search.failures(Schedule(hunted))
