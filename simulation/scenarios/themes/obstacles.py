"""Scenarios about what delays a rollout, and about problems of the endpoint and its stack."""

from simulation.scenarios.acts.endpoints import delete_endpoint, fix_endpoint, force, opt_in, patch
from simulation.scenarios.acts.specs import destroy_stack, follow_other_group, redeploy_stack, write_spec
from simulation.scenarios.acts.versions import approve, package_status
from simulation.scenarios.scenario import Scenario, script

SCENARIOS = (
    Scenario("not-opted-in", "serving", script((5, opt_in(False)), (10, approve(2)), (500, opt_in(True))), 1900),
    Scenario(
        "other-variant",
        "other-variant",
        script((0, write_spec), (10, approve(2))),
        500,
        ends_held=True,
    ),
    Scenario("shadowed", "shadowed", script((0, write_spec), (10, approve(2))), 500, ends_held=True),
    Scenario(
        "package-pending",
        "serving",
        script((9, package_status(2, "InProgress")), (10, approve(2)), (400, package_status(2, "Completed"))),
        1600,
    ),
    Scenario("package-failed", "serving", script((9, package_status(2, "Failed")), (10, approve(2))), 400),
    Scenario(
        "out-of-service",
        "serving",
        script((10, force("OutOfService")), (20, approve(2)), (600, fix_endpoint)),
        1900,
    ),
    Scenario(
        "rollback-failed",
        "serving",
        script((10, approve(2)), (300, force("UpdateRollbackFailed", "no capacity")), (900, fix_endpoint)),
        2400,
    ),
    Scenario("unknown-status", "serving", script((10, force("Hibernating")), (600, fix_endpoint)), 900),
    Scenario(
        "failed", "serving", script((10, force("Failed", "lost")), (500, delete_endpoint), (510, approve(2))), 1600
    ),
    Scenario("patched", "serving", script((10, patch), (20, approve(2))), 1500),
    Scenario("stack-gone", "serving", script((10, approve(2)), (200, destroy_stack)), 1800),
    Scenario("stack-anew", "serving", script((10, destroy_stack), (400, redeploy_stack), (600, approve(2))), 1800),
    Scenario("other-group", "serving", script((10, follow_other_group)), 600),
)
