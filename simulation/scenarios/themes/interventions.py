"""Scenarios in which operators pause, retry and abort."""

from lambdas.gate import names
from simulation.scenarios.acts import orders
from simulation.scenarios.acts.orders import pause, retry, rollback
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve, fix, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.setups import FIRST
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("paused", "serving", script((5, pause), (10, approve(2))), 500, ends_held=True),
    Scenario("paused-and-resumed", "serving", script((5, pause), (10, approve(2)), (300, orders.resume)), 1400),
    Scenario(
        "paused-and-revoked",
        "serving",
        script((5, pause), (10, approve(2)), (100, reject(2)), (300, orders.resume)),
        500,
    ),
    Scenario("paused-way-back", "two", script((5, pause), (10, reject(2)), (300, orders.resume)), 1400),
    Scenario(
        "paused-in-flight",
        "serving",
        script((10, approve(2)), (200, pause), (600, approve(3)), (800, orders.resume)),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "paused-creating",
        "missing",
        script((0, write_spec), (5, pause), (10, approve(1)), (300, orders.resume)),
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
    Scenario("aborted", "serving", script((10, approve(2)), (200, orders.abort)), 800),
    Scenario("aborted-launching", "serving", script((10, approve(2)), (60, orders.abort), (65, approve(3))), 2000),
    Scenario("aborted-creating", "missing", (*FIRST, *script((60, orders.abort))), 700),
)

FURTHER = (
    Scenario("stopped-first", "missing", (*FIRST, *script((10, orders.stop), (400, orders.resume_all))), 800),
    Scenario(
        "stopped-adopted",
        "adopted",
        script((0, approve(3)), (2, orders.stop), (10, write_spec), (100, approve(2)), (400, orders.resume_all)),
        1500,
    ),
    Scenario(
        "stopped-in-flight", "serving", script((10, approve(2)), (200, orders.stop), (600, orders.resume_all)), 1400
    ),
    Scenario(
        "ordered-in-another-name",
        "serving",
        script((5, orders.pause_in_another_name), (10, approve(2)), (300, orders.resume), (600, orders.send_again)),
        1400,
    ),
    Scenario("stopped-calling", "serving", script((10, approve(2)), (30, orders.stop), (600, orders.resume_all)), 1800),
    Scenario("reconciled", "serving", script((10, approve(2)), (20, orders.reconcile), (300, orders.reconcile)), 900),
    Scenario("ordered-late", "serving", script((10, orders.pause_late), (20, approve(2)), (950, orders.resume)), 1800),
    Scenario("aborted-and-retried", "serving", script((10, approve(2)), (200, orders.abort), (800, retry(2))), 2000),
    Scenario("paused-for", "serving", script((5, orders.pause_for(600)), (10, approve(2))), 1400),
    Scenario("paused-all-for", "serving", script((5, orders.pause_for(600, names.ALL)), (10, approve(2))), 1800),
    Scenario(
        "paused-again",
        "serving",
        script((5, orders.pause_for(60)), (100, pause), (110, approve(2)), (300, orders.resume)),
        1400,
    ),
    Scenario("rolled-back", "two", script((10, rollback())), 900),
    Scenario("rolled-back-to", "three", script((10, rollback(1))), 900),
    Scenario(
        "rolled-back-paused",
        "two",
        script((5, pause), (10, approve(3)), (100, rollback()), (300, orders.resume)),
        1400,
    ),
    Scenario("rolled-back-too-late", "two", script((10, approve(3)), (200, rollback()), (900, rollback(2))), 2000),
    Scenario("aborted-way-back", "two", script((10, reject(2)), (200, orders.abort), (600, orders.resume)), 1800),
)
