"""Tests of the simulation itself: faults of the product that it must find. Each replaces one function."""

from simulation.mutants import (
    attempts,
    autoscaling,
    conditions,
    decision,
    gate,
    golden,
    guards,
    hostile,
    janitor,
    judge,
    kinds,
    pins,
    recognition,
    record,
    shadow,
    stories,
)

MUTANTS = (
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
    *hostile.MUTANTS,
    *record.MUTANTS,
    *judge.MUTANTS,
    *shadow.MUTANTS,
)
