"""Mutants of what guards against hostile input."""

from lambdas.gate.state import chain
from simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "a row holds texts as people wrote them",
        chain._made_safe,
        lambda made_safe, fact: fact,
        ("hostile-words",),
    ),
)
