"""Scenarios of golden requests. The prober itself is not run: what it finds comes as its message would, and its alarm
fires as its metric would have it. A version that answers wrong is one that errs, whose golden alarm is the first."""

from simulation.acts.prober import answer, check, check_whatever_is_live, probe
from simulation.acts.specs import write_spec
from simulation.acts.versions import approve, reject
from simulation.hosted import Quality
from simulation.scenario import Scenario, script

ERRS = ((2, Quality.ERRS),)
BEGUN = ((1.0, probe), (5.0, check()))
CANARY, BAKE, LATE = 200.0, 500.0, 755.0

SCENARIOS = (
    Scenario("golden", "serving", script(*BEGUN, (10, approve(2)), (CANARY, answer(alone=False))), 700, qualities=ERRS),
    Scenario(
        "golden-either",
        "serving",
        script((1, probe), (10, approve(2)), (CANARY, answer(alone=False))),
    ),
    Scenario(
        "golden-late",
        "serving",
        script(
            *BEGUN,
            (10, approve(2)),
            (CANARY, answer(alone=False, in_time=False)),
            (BAKE, answer(alone=True, in_time=False)),
            (LATE, check(failed=True)),
        ),
    ),
    Scenario(
        "golden-first",
        "missing",
        script((0, approve(1)), (10, write_spec), (20, probe), (260, check(failed=True)), (300, check(failed=True))),
        700,
    ),
    Scenario(
        "golden-way-back",
        "two",
        script((1, probe), (5, check_whatever_is_live), (10, reject(2)), (BAKE, answer(alone=True))),
    ),
)
