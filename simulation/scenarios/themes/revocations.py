"""Scenarios about versions that nobody wants any more: revoked or deleted before, during and after a rollout, or
failing."""

from simulation.scenarios.acts.alarms import fire_if_errs
from simulation.scenarios.acts.versions import (
    approve,
    approve_in_turn,
    change_mind,
    change_mind_twice,
    delete_version,
    fix,
    package_status,
    pend,
    reject,
    turn_out,
)
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.setups import FIRST
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("revoke-in-flight", "serving", script((10, approve(2)), (200, reject(2))), 800),
    Scenario("revoke-launching", "serving", script((10, approve(2)), (60, pend(2))), 800),
    Scenario("revoke-at-once", "serving", script((10, approve(2)), (13, reject(2))), 500),
    Scenario("revoke-and-back", "serving", script((10, change_mind(2)), (400, approve(3))), 2000),
    Scenario("revoke-and-back-late", "serving", script((10, change_mind_twice)), 1800),
    Scenario(  # the live version was approved again after another one, whose rollout is in flight when that event comes
        "approved-in-turn",
        "two",
        script((10, approve(3)), (1200, approve(2)), (2600, approve_in_turn(2, 3, 2))),
        5600,
    ),
    Scenario("revoke-creating", "missing", (*FIRST, *script((60, reject(1)))), 700),
    Scenario("revoke-live", "two", script((10, reject(2))), main=True),
    Scenario("revoke-newest", "three", script((10, reject(3)))),
    Scenario("revoke-both", "two", script((10, reject(2)), (11, reject(1))), 900),
    Scenario("delete-live", "two", script((10, delete_version(2)))),
    Scenario("revoke-only", "serving", script((10, reject(1))), 400),
    Scenario(  # there is no good version to revert to, and the newest approval must wait
        "revoke-only-pending",
        "serving",
        script(
            (9, package_status(2, "InProgress")),
            (10, approve(2)),
            (20, reject(1)),
            (700, package_status(2, "Completed")),
        ),
        2000,
    ),
    Scenario(
        "revoke-only-failed",
        "serving",
        script((5, reject(1)), (9, package_status(2, "Failed")), (10, approve(2))),
        500,
    ),
    Scenario(
        "revoke-only-unlucky",
        "serving",
        script((10, approve(2)), (300, reject(1))),
        2500,
        qualities=((2, Quality.UNLUCKY),),
    ),
    Scenario("revoke-while-updating", "serving", script((10, approve(2)), (200, reject(1))), 1200),
    Scenario(
        "burns",
        "serving",
        script((10, approve(2)), (1300, fire_if_errs)),
        2800,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(  # a failing version is not reverted to, either
        "burns-then-revoked",
        "serving",
        script((10, approve(2)), (1300, fire_if_errs), (3000, reject(1))),
        3600,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(  # a person who approves it after its alarm fired wants it all the same; without the event nobody knows
        "burns-approved-again",
        "serving",
        script((10, approve(2)), (1300, fire_if_errs), (1300.5, change_mind(2))),
        1250,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(  # a person who approved it again before its alarm fired did not know, whenever the event comes
        "burns-approved-before",
        "serving",
        script((10, approve(2)), (1250, approve(2)), (1300, fire_if_errs)),
        2800,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(  # its approval is from before it failed after a revert
        "burns-approved-former",
        "two",
        script(
            (10, approve(3)),
            (1000, turn_out(2, Quality.ERRS)),
            (1250, approve(2)),
            (1252, fire_if_errs),
            (3000, fix(2)),
        ),
        3500,
        qualities=((3, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(  # after the watch window
        "burns-too-late",
        "serving",
        script((10, approve(2)), (5000, fire_if_errs)),
        5400,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
)
