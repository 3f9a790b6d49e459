"""Scenarios about the checks of every endpoint, besides those of the entry."""

from lambdas.gate.spec.spec import Mode
from simulation.scenarios.acts.conditions import ask, require
from simulation.scenarios.acts.evidence import make
from simulation.scenarios.acts.floor import lose_floor, write_floor
from simulation.scenarios.acts.orders import override
from simulation.scenarios.acts.versions import approve, edit
from simulation.scenarios.scenario import Scenario, script
from simulation.world.people import AUTHOR

SCENARIOS = (
    Scenario(
        "floor",
        "floored",
        script(
            (0, make(2)),
            (1, ask(mode=Mode.ADVISE)),
            (2, write_floor(four_eyes=True)),
            (10, approve(2, AUTHOR)),
            (100, override("four_eyes")),
            (400, approve(2)),
        ),
        1000,
        floored=True,
    ),
    Scenario(
        "floor-and-entry",
        "floored",
        script(
            (1, ask(four_eyes=True)),
            (2, write_floor(require=require("risk-review"))),
            (10, approve(2)),
            (300, edit(2, risk="passed")),
        ),
        1000,
        floored=True,
    ),
    Scenario(
        "floor-lost",
        "floored",
        script((5, lose_floor), (10, approve(2)), (300, write_floor(four_eyes=True))),
        1000,
        floored=True,
    ),
)
