"""Scenarios with golden requests: the prober sends them, its metric fires the alarm, and its message says why. A
version that answers wrong does nothing else wrong."""

from simulation.scenarios.acts.prober import disable_rule, enable_rule, forge, probe, unnamed
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.world.resources import Quality

WRONG = ((2, Quality.WRONG),)
CURED = ((1, Quality.WRONG),)
BOTH = ((1, Quality.WRONG), (2, Quality.WRONG))
LATE = 775.0
"""Just before the rollout ends."""

SCENARIOS = (
    Scenario("golden", "serving", script((1, probe), (10, approve(2))), 700, qualities=WRONG),
    Scenario("golden-either", "serving", script((1, probe), (10, approve(2))), qualities=CURED),
    Scenario(
        "golden-late",
        "serving",
        script((1, probe), (10, approve(2)), (11, disable_rule), (LATE, enable_rule)),
        qualities=WRONG,
    ),
    Scenario("golden-first", "missing", script((0, write_spec), (10, approve(1)), (20, probe)), 700, qualities=CURED),
    Scenario("golden-way-back", "two", script((1, probe), (10, reject(2))), qualities=CURED),
)
FURTHER = (
    Scenario("golden-right", "serving", script((1, probe), (10, approve(2)))),
    Scenario("golden-unheard", "serving", script((1, probe), (9, disable_rule), (10, approve(2)))),
    Scenario("golden-heard", "serving", script((1, probe), (10, approve(2)), (600, disable_rule))),
    Scenario(
        "golden-forged",
        "serving",
        script((1, probe), (9, disable_rule), (10, approve(2)), (600, forge)),
        qualities=WRONG,
    ),
    Scenario("golden-moved", "serving", script((1, unnamed), (10, approve(2)), (60, probe)), 900, qualities=WRONG),
    Scenario("golden-unnamed", "serving", script((1, probe), (9, unnamed), (10, approve(2)))),
    Scenario("golden-full", "serving", script((1, probe), (10, approve(2))), 900, qualities=BOTH),
)
