"""Scenarios with autoscaling."""

from simulation.scenarios.acts import orders
from simulation.scenarios.acts.alarms import fire_kpi
from simulation.scenarios.acts.endpoints import opt_in
from simulation.scenarios.acts.orders import pause
from simulation.scenarios.acts.scaling import (
    MORE,
    SCALED,
    add_manual_policy,
    autoscale,
    delete_scaled_endpoint,
    remove_manual_policy,
    scale,
)
from simulation.scenarios.acts.specs import resize
from simulation.scenarios.acts.versions import approve
from simulation.scenarios.scenario import Scenario, script
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("scaled", "serving", script((10, scale(SCALED)), (100, scale(MORE)), (200, scale(None))), 500),
    Scenario("scaled-create", "missing", script((0, approve(1)), (10, scale(SCALED))), 600),
    Scenario("scaled-approve", "serving", script((10, scale(SCALED)), (100, approve(2)))),
    Scenario("scaled-in-flight", "serving", script((10, approve(2)), (300, scale(SCALED)))),
    Scenario("scaled-retyped", "serving", script((10, scale(SCALED)), (100, scale(SCALED, "ml.m5.xlarge")))),
    Scenario(
        "scaled-retyped-errs",
        "serving",
        script((10, scale(SCALED)), (100, scale(SCALED, "ml.m5.xlarge"))),
        qualities=((1, Quality.ERRS),),
    ),
    Scenario(
        "scaled-with-theirs",
        "serving",
        script(
            (10, scale(SCALED)),
            (50, add_manual_policy),
            (100, scale(SCALED, "ml.m5.xlarge")),
            (1000, remove_manual_policy),
        ),
        2500,
    ),
    Scenario(
        "scaled-not-opted-in",
        "serving",
        script((5, opt_in(False)), (10, scale(SCALED)), (400, opt_in(True))),
        2000,
    ),
    Scenario(
        "scaled-paused",
        "serving",
        script((5, pause), (10, scale(SCALED)), (400, orders.resume)),
        700,
    ),
    Scenario(
        "scaled-recreated",
        "serving",
        script((10, scale(SCALED)), (100, delete_scaled_endpoint), (400, approve(2))),
    ),
    Scenario(
        "scaled-held",
        "serving",
        script((10, scale(SCALED)), (100, scale(SCALED, "ml.m5.xlarge")), (101.4, fire_kpi)),
        ends_held=True,
    ),
    Scenario("adopted-scaled", "adopted", script((0, scale(SCALED, "ml.m5.xlarge")), (100, approve(2)))),
    Scenario(
        "adopted-autoscaled",
        "adopted",
        script((0, autoscale), (1, resize("ml.m5.xlarge", 2)), (100, approve(2))),
        700,
    ),
)
