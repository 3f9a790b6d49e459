"""Scenarios that change the settings of the live version."""

from simulation.scenarios.acts.scaling import autoscale
from simulation.scenarios.acts.specs import debug, resize
from simulation.scenarios.acts.versions import approve, fix, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("resize", "serving", script((10, resize("ml.m5.xlarge", 4)))),
    Scenario("settings", "serving", script((10, debug))),
    Scenario("settings-errs", "serving", script((10, debug)), 800, qualities=((1, Quality.ERRS),)),
    Scenario("resize-and-approve", "serving", script((10, resize("ml.m5.xlarge", 4)), (200, approve(2))), 2200),
    Scenario("resize-errs", "serving", script((10, resize("ml.m5.xlarge", 4))), 800, qualities=((1, Quality.ERRS),)),
    Scenario(
        "resize-errs-then-revoked",
        "serving",
        script((10, resize("ml.m5.xlarge", 4)), (500, fix(1)), (510, approve(2)), (1700, reject(2))),
        2800,
        qualities=((1, Quality.ERRS),),
    ),
    Scenario(
        "autoscaled",
        "serving",
        script((9, autoscale), (10, resize("ml.m5.xlarge", 4)), (900, resize("ml.m5.large", 2)), (901, approve(2))),
        2200,
        ends_held=True,
    ),
)
