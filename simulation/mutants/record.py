"""Mutants of the record: what decides changes without a row, or the rows do not replay to it."""

from typing import Any

from lambdas.gate.aws import ledger
from lambdas.gate.state import record
from lambdas.gate.state.head import Head
from simulation.mutants.mutant import Mutant, Original, nothing


def _without_times(original: Original, head: Head | None) -> record.State:
    return {name: field for name, field in original(head).items() if name != "times"}


def _without_live(original: Original, state: record.State, changes: dict[str, Any], number: int) -> record.State:
    replayed: record.State = original(state, {name: each for name, each in changes.items() if name != "live"}, number)
    return replayed


MUTANTS = (
    Mutant("what decides changes without a row", record.differing, lambda differing, one, other: (), ("edit",)),
    Mutant("the digest leaves out when versions were approved", record.state_of, _without_times),
    Mutant("a head that somebody edited is believed", ledger._misfit, nothing),
    Mutant("the replay leaves out what is live", record._changed, _without_live),
)
