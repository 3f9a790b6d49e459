"""Scenarios in which people act outside the gate: on the endpoint, and on the live version."""

from simulation.scenarios.acts import orders
from simulation.scenarios.acts.endpoints import change_manually_to, delete_endpoint
from simulation.scenarios.acts.orders import pause
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve, edit
from simulation.scenarios.scenario import Scenario, script
from simulation.world.moves import change_manually
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("by-hand", "serving", script((10, change_manually), (700, approve(2))), 1800),
    Scenario("by-hand-after-approval", "serving", script((10, change_manually), (11, approve(2))), 1400),
    Scenario(
        "by-hand-after-approvals",
        "serving",
        script((5, pause), (10, approve(3)), (15, approve(3)), (20, change_manually), (300, orders.resume)),
        600,
    ),
    Scenario("deleted-by-hand", "serving", script((10, delete_endpoint), (400, approve(2))), 1000),
    Scenario("deleted-in-flight", "serving", script((10, approve(2)), (300, delete_endpoint)), 900),
    Scenario("edit", "serving", script((10, edit(1)), (20, approve(2)), (1000, edit(2))), 1300),
    Scenario("approved-again", "serving", script((10, approve(1))), 400),
)

FURTHER = (
    Scenario("adopted-busy", "adopted", script((0, change_manually), (10, write_spec), (20, approve(2))), 1500),
    Scenario("by-hand-older", "two", script((10, change_manually_to(1)), (700, approve(3))), 1900),
)

RIGHT_AFTER = (
    Scenario("adopted-right-after", "adopted", script((0, approve(2)), (1, write_spec)), 400),
    # A person is faster than the gate only if the gate's read is from before the end of the rollout.
    Scenario(
        "by-hand-after-rollout", "serving", script((10, approve(2)), (200, approve(3)), (785, change_manually)), 1800
    ),
    Scenario(
        "by-hand-after-rollback",
        "serving",
        script((10, approve(2)), (260, approve(3)), (285, change_manually)),
        1800,
        qualities=((2, Quality.ERRS),),
    ),
)
