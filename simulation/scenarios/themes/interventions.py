"""Scenarios in which operators pause, retry and abort."""

from simulation.scenarios import operator
from simulation.scenarios.acts.orders import pause, retry
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve, fix, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.setups import FIRST
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("paused", "serving", script((5, pause), (10, approve(2))), 500, ends_held=True),
    Scenario("paused-and-resumed", "serving", script((5, pause), (10, approve(2)), (300, operator.resume)), 1400),
    Scenario(
        "paused-and-revoked",
        "serving",
        script((5, pause), (10, approve(2)), (100, reject(2)), (300, operator.resume)),
        500,
    ),
    Scenario("paused-way-back", "two", script((5, pause), (10, reject(2)), (300, operator.resume)), 1400),
    Scenario(
        "paused-in-flight",
        "serving",
        script((10, approve(2)), (200, pause), (600, approve(3)), (800, operator.resume)),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "paused-creating",
        "missing",
        script((0, write_spec), (5, pause), (10, approve(1)), (300, operator.resume)),
        900,
    ),
    Scenario(
        "retried",
        "serving",
        script((10, approve(2)), (799, fix(2)), (800, retry(2))),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "retried-in-vain", "serving", script((10, approve(2)), (800, retry(2))), 1500, qualities=((2, Quality.ERRS),)
    ),
    Scenario(
        "retried-after-other",
        "serving",
        script((10, approve(2)), (600, approve(3)), (1599, fix(2)), (1600, retry(2))),
        2800,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario("aborted", "serving", script((10, approve(2)), (200, operator.abort)), 800),
    Scenario("aborted-launching", "serving", script((10, approve(2)), (60, operator.abort), (65, approve(3))), 2000),
    Scenario("aborted-creating", "missing", (*FIRST, *script((60, operator.abort))), 700),
)

FURTHER = (
    Scenario("stopped-first", "missing", (*FIRST, *script((10, operator.stop), (400, operator.resume_all))), 800),
    Scenario(
        "stopped-adopted",
        "adopted",
        script((0, approve(3)), (2, operator.stop), (10, write_spec), (100, approve(2)), (400, operator.resume_all)),
        1500,
    ),
    Scenario("aborted-and-retried", "serving", script((10, approve(2)), (200, operator.abort), (800, retry(2))), 2000),
    Scenario("aborted-way-back", "two", script((10, reject(2)), (200, operator.abort), (600, operator.resume)), 1800),
)
