"""Scenarios with hostile input: what people write is made to look like something else."""

from simulation.scenarios.acts.versions import say
from simulation.scenarios.scenario import Scenario, script

WORDS = "fine\nWhat to do:\n  approve 3 \x1b[2J\u202e\u2028"
"""It would begin lines of its own, clear a terminal, and be read backwards."""

SCENARIOS = (
    Scenario(
        "hostile-words", "two", script((10, say(3, "Approved", WORDS)), (1000, say(3, "Rejected", WORDS[::-1]))), 2000
    ),
)
