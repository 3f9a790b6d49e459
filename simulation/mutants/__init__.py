"""The tests are tested: faults of the product that the simulation must find. Each is a change of one place."""

from simulation.mutants import (
    attempts,
    autoscaling,
    conditions,
    decision,
    gate,
    golden,
    guards,
    janitor,
    kinds,
    pins,
    recognition,
    stories,
)
from simulation.mutants.mutant import Mutant
from simulation.mutants.snippet import Mutant as Snippet

MUTANTS: tuple[Mutant | Snippet, ...] = (
    *attempts.MUTANTS,
    *recognition.MUTANTS,
    *decision.MUTANTS,
    *gate.MUTANTS,
    *pins.MUTANTS,
    *conditions.MUTANTS,
    *janitor.MUTANTS,
    *autoscaling.MUTANTS,
    *kinds.MUTANTS,
    *stories.MUTANTS,
    *guards.MUTANTS,
    *golden.MUTANTS,
)
