"""Scenarios with hostile input, and with guards that do not report: what people write is made to look like something
else, a report is garbled, and an alarm says nothing."""

from lambdas.gate.spec.spec import Soak, Until
from simulation.oracle import gate
from simulation.scenarios.acts.conditions import ask, require
from simulation.scenarios.acts.evidence import garble_report, write_report
from simulation.scenarios.acts.staging import have_staging, light_staging, soak, unwatch_staging
from simulation.scenarios.acts.versions import approve, register_nothing, say
from simulation.scenarios.scenario import Scenario, script
from simulation.world.example import STAGING

WORDS = "fine\nWhat to do:\n  approve 3 \x1b[2J\u202e\u2028"
"""It would begin lines of its own, clear a terminal, and be read backwards."""

SOAKS = ask(soak=Soak(STAGING.endpoint, gate.SOAK_SECONDS / 3600))

SCENARIOS = (
    Scenario(
        "hostile-words", "two", script((10, say(3, "Approved", WORDS)), (1000, say(3, "Rejected", WORDS[::-1]))), 2000
    ),
    Scenario(
        "garbled-report",
        "governed",
        script(
            (0, garble_report(2, '{"f1": 0.1, "f1": 0.9}')),
            (1, ask(require=require("not-low"), reports_until=Until.APPROVAL)),
            (10, approve(2)),
            (320, garble_report(2, '{"f1": NaN}')),
            (330, approve(2)),
            (620, garble_report(2, '["f1"]')),
            (630, approve(2)),
            (920, write_report(2, 0.9)),
            (930, approve(2)),
        ),
        1600,
    ),
    Scenario(
        "made-of-nothing",
        "serving",
        script((0, register_nothing(2)), (10, approve(2)), (400, approve(3))),
        1600,
    ),
    Scenario(
        "soaked-in-alarm",
        "governed",
        script((0, have_staging), (1, SOAKS), (2, light_staging), (5, soak(2)), (10, approve(2))),
        2300,
        ends_held=True,
    ),
    Scenario(
        "soaked-unwatched",
        "governed",
        script((0, have_staging), (1, SOAKS), (2, unwatch_staging), (5, soak(2)), (10, approve(2))),
        2300,
        ends_held=True,
    ),
)
