"""Scenarios in which two things happen at once: a change of the spec, an alarm or a manual change, before or during a
rollout."""

from simulation.scenarios.acts.alarms import err_loudly, fire_if_errs, set_alarm
from simulation.scenarios.acts.endpoints import fail_manually, fix_endpoint, fix_manually, force, opt_in
from simulation.scenarios.acts.specs import break_spec, rename_variant, resize, write_spec
from simulation.scenarios.acts.versions import approve, package_status
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.setups import FIRST
from simulation.world.example import STANDING
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("spec-broken", "serving", script((10, break_spec), (20, approve(2)), (700, write_spec)), 1900),
    Scenario("resize-in-flight", "serving", script((10, approve(2)), (200, resize("ml.m5.xlarge", 4))), 2200),
    Scenario("variant-renamed", "serving", script((10, rename_variant), (20, approve(2)), (500, write_spec)), 1900),
    Scenario(
        "package-pending-first",
        "missing",
        (
            *script((0, package_status(1, "InProgress"))),
            *FIRST,
            *script((400, package_status(1, "Completed")), (600, approve(1))),
        ),
        1200,
    ),
    Scenario(
        "burns-and-replaced",
        "serving",
        script((10, approve(2)), (1300, approve(3)), (1300, fire_if_errs)),
        2800,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(
        "burns-and-stays",
        "serving",
        script((10, approve(2)), (1300, fire_if_errs), (1700, set_alarm(STANDING, "OK"))),
        4500,
        qualities=((1, Quality.UNLUCKY), (2, Quality.ERRS_WHEN_LIVE)),
    ),
    Scenario(
        "burns-opted-out",
        "two",
        script((2, opt_in(False)), (5, fire_if_errs), (400, set_alarm(STANDING, "OK")), (900, opt_in(True))),
        1800,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(
        "errs-loudly",
        "serving",
        script((10, approve(2)), (260, err_loudly), (420, set_alarm(STANDING, "OK"))),
        900,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "rollback-failed-by-hand",
        "serving",
        script((10, approve(2)), (300, force("UpdateRollbackFailed", "no capacity")), (600, fix_manually)),
        1200,
    ),
    Scenario("by-hand-failed", "serving", script((10, fail_manually), (300, approve(2)), (600, fix_endpoint)), 1500),
)
