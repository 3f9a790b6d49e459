"""Hunting mutants: find a scenario whose story changes, or else a schedule that breaks an invariant."""

from collections.abc import Iterable, Iterator

from simulation.campaign import beginnings, memory, search
from simulation.campaign.record import Record
from simulation.campaign.schedule import Schedule
from simulation.mutants.mutant import Mutant
from simulation.mutants.mutation import mutated
from simulation.scenarios.index import SCENARIOS
from simulation.story import faults_found

_UNFIT = ("AttributeError", "NameError", "TypeError", "UnboundLocalError")


def killer(mutant: Mutant) -> tuple[str, tuple[str, ...]] | None:
    """Return the first schedule that finds the mutant, and the invariants that it breaks; None if no schedule does."""
    with mutated(mutant.target, mutant.becomes):
        _forget()
        try:
            return next((found for found in _found(mutant) if not _is_unfit(found[1])), None)
        finally:
            _forget()


def _is_unfit(violations: tuple[str, ...]) -> bool:
    """True if the mutant does not fit the product any more, so that its own replacement raised. That finds nothing."""
    return any(f"raised {error}(" in violation for violation in violations for error in _UNFIT)


def _forget() -> None:
    """Forget what was worked out with another product."""
    beginnings.forget()
    memory.forget()


def _found(mutant: Mutant) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what finds the mutant. What takes longest comes last."""
    yield from _changed_stories(scenarios(mutant))
    for record in (hunted for hunted in mutant.hunt if ":" in hunted):
        if violations := search.replay(Record.parse(record).placed()):
            yield record, violations
    yield from _changed_stories(SCENARIOS)
    for scenario in (hunted for hunted in mutant.hunt if ":" not in hunted):
        yield from search.failures(Schedule(scenario))


def _changed_stories(names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names:
        if found := faults_found(name):
            yield f"{name}:", found


def scenarios(mutant: Mutant) -> list[str]:
    """Return the scenarios in which the mutant is hunted."""
    return [Record.parse(hunted).schedule.scenario for hunted in mutant.hunt]
