"""A mutant: a fault of the product that the simulation must find, as a change of one place."""

from dataclasses import dataclass

GATE, JANITOR, PROBER = "lambdas.gate.", "lambdas.janitor.", "lambdas.prober."


@dataclass(frozen=True)
class Mutant:
    """`hunt` are scenarios whose single faults are searched, and schedules; the faultless scenarios come first."""

    name: str
    module: str
    old: str
    new: str
    hunt: tuple[str, ...] = ("approve",)
