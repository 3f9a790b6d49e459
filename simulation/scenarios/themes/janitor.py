"""Scenarios with a janitor. It keeps nothing for its age, so only its decision and its claim protect what is needed."""

import dataclasses

from lambdas.janitor.policy import Mode, Policy
from simulation.scenarios.acts.alarms import fire_standing
from simulation.scenarios.acts.endpoints import delete_endpoint
from simulation.scenarios.acts.specs import destroy_stack, redeploy_stack
from simulation.scenarios.acts.versions import approve, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.world.example import BYSTANDER
from simulation.world.hosting import put_in_service
from simulation.world.moves import change_manually
from simulation.world.resources import Quality
from simulation.world.world import World

LEAST = Policy(Mode.DELETE, retention_days=0, keep_good=0, failed_endpoint_days=0)
"""The config that served before is kept all the same."""
TWO_GOOD = dataclasses.replace(LEAST, keep_good=2)
OLD = Policy(Mode.DELETE, retention_days=30, keep_good=0, failed_endpoint_days=7)
"""Nothing in a scenario is that old."""
DRY = dataclasses.replace(LEAST, mode=Mode.DRY_RUN)


def clean(world: World) -> None:
    """Run the janitor, as its schedule does."""
    world.at(world.now, "clean")


def share(world: World) -> None:
    """Create an endpoint of somebody else that serves the gate's first config."""
    first = world.hosting.configs[world.hosted.updates[0].config]
    put_in_service(world, BYSTANDER, first, tagged=False)


SCENARIOS = (
    Scenario("cleaned", "three", script((10, clean)), 400, cleaned=LEAST),
    Scenario("cleaned-dry", "three", script((10, clean)), 400, cleaned=DRY),
    Scenario(
        "cleaned-young",
        "two",
        script((10, approve(3)), (700, clean)),
        900,
        qualities=((3, Quality.ERRS),),
        cleaned=OLD,
    ),
    Scenario("cleaned-good", "three", script((10, clean)), 400, cleaned=TWO_GOOD),
    # No config names the old version's model any more. To create it is a no-op, and the janitor is about to delete it.
    Scenario(
        "cleaned-old",
        "three",
        script((5, reject(2)), (10, clean), (40, reject(3)), (40.5, clean)),
        1500,
        cleaned=LEAST,
    ),
    Scenario("cleaned-in-flight", "three", script((10, approve(1)), (300, clean)), 1500, cleaned=LEAST),
    Scenario("cleaned-burns", "three", script((10, clean), (100, fire_standing), (700, clean)), 1500, cleaned=LEAST),
    Scenario(
        "cleaned-errs",
        "two",
        script((10, approve(3)), (700, approve(1)), (1800, clean)),
        2000,
        qualities=((3, Quality.ERRS),),
        cleaned=LEAST,
    ),
    Scenario("cleaned-shared", "three", script((5, share), (10, clean)), 400, cleaned=LEAST),
    Scenario("cleaned-by-hand", "three", script((10, change_manually), (11, clean), (500, clean)), 900, cleaned=LEAST),
    Scenario(
        "cleaned-gone", "three", script((10, delete_endpoint), (100, clean), (400, approve(2))), 1000, cleaned=LEAST
    ),
    Scenario(
        "cleaned-failed",
        "missing",
        script((0, redeploy_stack), (10, approve(1)), (700, clean), (800, approve(2))),
        1900,
        qualities=((1, Quality.SICK),),
        cleaned=LEAST,
    ),
    # The first reconcile of an endpoint that was known before.
    Scenario(
        "cleaned-anew",
        "three",
        script(
            (5, destroy_stack),
            (10, delete_endpoint),
            (20, reject(3)),
            (25, reject(2)),
            (50, clean),
            (100, clean),
            (100.1, redeploy_stack),
        ),
        1200,
        cleaned=LEAST,
    ),
    Scenario(
        "cleaned-failed-anew",
        "missing",
        script(
            (0, redeploy_stack),
            (10, approve(1)),
            (600, destroy_stack),
            (690, approve(2)),
            (700, clean),
            (702, redeploy_stack),
        ),
        1900,
        qualities=((1, Quality.SICK),),
        cleaned=LEAST,
    ),
)
