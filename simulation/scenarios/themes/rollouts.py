"""Scenarios about approvals: the first one, several, late ones, all at once, and versions that cannot be deployed."""

from simulation.scenarios.acts.endpoints import fix_endpoint_late, stick
from simulation.scenarios.acts.specs import give_up_after, write_spec
from simulation.scenarios.acts.versions import approve, approve_all, fix
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.setups import FIRST
from simulation.world.resources import Quality

BACKLOG = range(20, 62)
"""More versions than one reconcile recognises."""
MANY = range(20, 42)
"""So many versions that they are written before anything else is read."""

SCENARIOS = (
    Scenario("approve", "serving", script((10, approve(2))), main=True),
    Scenario("first", "missing", FIRST, 600, main=True),
    Scenario("nothing", "missing", script((0, write_spec)), 300),
    Scenario("create-fails", "missing", FIRST, 900, qualities=((1, Quality.SICK),)),
    Scenario("adopted", "adopted", script((0, write_spec), (100, approve(2)))),
    Scenario("two-at-once", "serving", script((10, approve(2)), (10, approve(3)))),
    Scenario("while-updating", "serving", script((10, approve(2)), (200, approve(3))), 2200),
    Scenario("older-one", "serving", script((10, approve(3)), (1010, approve(2))), 2200),
    Scenario("errs", "serving", script((10, approve(2))), 700, main=True, qualities=((2, Quality.ERRS),)),
    Scenario(
        "errs-then-fixed",
        "serving",
        script((10, approve(2)), (200, approve(3))),
        1800,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "errs-approved-again",
        "serving",
        script((10, approve(2)), (800, fix(2)), (801, approve(2))),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario("sick", "serving", script((10, approve(2))), 600, qualities=((2, Quality.SICK),)),
    Scenario("unlucky", "serving", script((10, approve(2))), 2500, qualities=((2, Quality.UNLUCKY),)),
    Scenario("odd", "serving", script((10, approve(2))), 1500, qualities=((2, Quality.ODD),)),
    Scenario("never-launched", "serving", script((10, approve(2))), 4500, qualities=((2, Quality.DOOMED),)),
    Scenario(
        "scarce",
        "serving",
        script((10, approve(2)), (7000, fix(2))),
        12000,
        qualities=((2, Quality.SCARCE),),
    ),
    Scenario(
        "scarce-too-long",
        "serving",
        script((5, give_up_after(600)), (10, approve(2))),
        3000,
        qualities=((2, Quality.SCARCE),),
    ),
    Scenario("overdue", "serving", script((10, approve(2)), (200, stick), (6000, fix_endpoint_late)), 8500),
    Scenario("older-last", "serving", script((10, approve(3)), (12, approve(2)))),
    Scenario(
        "late-event",
        "serving",
        script((10, approve(2)), (400, approve(3)), (499, fix(2)), (500, approve(2)), (550, approve(8))),
        2200,
        qualities=((2, Quality.ERRS),),
    ),
)

FURTHER = (
    Scenario("backlog", "serving", script((10, approve_all(BACKLOG))), 1400),
    Scenario("many", "serving", script((10, approve_all(MANY))), 1200),
)
