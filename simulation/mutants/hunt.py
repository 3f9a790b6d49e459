"""Hunting mutants: find a scenario whose story changes, or else a schedule that breaks an invariant."""

from collections.abc import Iterator

from simulation.campaign import beginnings, memory, search
from simulation.campaign.record import Record
from simulation.campaign.schedule import Schedule
from simulation.mutants.mutant import Mutant
from simulation.mutants.mutation import mutated
from simulation.scenarios.index import SCENARIOS
from simulation.story import faults_found


def killer(mutant: Mutant) -> tuple[str, tuple[str, ...]] | None:
    """Return the first schedule that finds the mutant, and the invariants that it breaks; None if no schedule does."""
    with mutated(mutant.target, mutant.becomes):
        _forget()
        try:
            return next(_found(mutant), None)
        finally:
            _forget()


def _forget() -> None:
    """Forget what was worked out with another product."""
    beginnings.forget()
    memory.forget()


def _found(mutant: Mutant) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in (*scenarios(mutant), *SCENARIOS):
        if found := faults_found(name):
            yield f"{name}:", found
    for hunted in mutant.hunt:
        if ":" in hunted:
            if violations := search.replay(Record.parse(hunted).placed()):
                yield hunted, violations
        else:
            yield from search.failures(Schedule(hunted))


def scenarios(mutant: Mutant) -> list[str]:
    """Return the scenarios in which the mutant is hunted."""
    return [Record.parse(hunted).schedule.scenario for hunted in mutant.hunt]
