"""Scenarios in which the judge compares a version with the live one while both take traffic."""

from simulation.scenarios.acts.judge import (
    debug_in_haste,
    debug_judged,
    demand_much,
    judge,
    judge_in_hard_times,
    judge_in_haste,
    judge_latency,
    observe,
    observe_latency,
)
from simulation.scenarios.acts.versions import approve, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.world.resources import Quality

WORSE, SLOWER = ((2, Quality.WORSE),), ((2, Quality.SLOWER),)
DEBUGGED = ((1, Quality.WORSE_DEBUGGED),)
STOPPED = 470.0
"""After the judge has asked to stop the rollout, and before SageMaker has."""

SCENARIOS = (
    Scenario("worse", "serving", script((1, judge), (10, approve(2))), 3600, qualities=WORSE),
    Scenario("worse-revoked", "serving", script((1, judge), (10, approve(2)), (STOPPED, reject(2))), qualities=WORSE),
    Scenario("worse-late", "serving", script((1, judge_in_haste), (10, approve(2))), 1800, qualities=WORSE),
    Scenario("settings-worse", "serving", script((1, judge), (10, debug_judged)), 3600, qualities=DEBUGGED),
    Scenario(
        "settings-worse-late", "serving", script((1, judge_in_haste), (10, debug_in_haste)), 1800, qualities=DEBUGGED
    ),
    Scenario(
        "settings-worse-then-revoked",
        "serving",
        script((1, judge_in_haste), (10, debug_in_haste), (1100, approve(2)), (2300, reject(2))),
        3600,
        qualities=DEBUGGED,
    ),
    Scenario("as-good-late", "serving", script((1, judge_in_haste), (10, approve(2)))),
    Scenario("as-good-for-all-one-knows", "serving", script((1, demand_much), (10, approve(2)))),
    Scenario("observed", "serving", script((1, observe), (10, approve(2)))),
    Scenario("as-good", "serving", script((1, judge_in_hard_times), (10, approve(2)))),
    Scenario("better", "serving", script((1, judge), (10, approve(2))), qualities=((1, Quality.WORSE),)),
    Scenario(
        "hardly-worse",
        "serving",
        script((1, judge), (10, approve(2))),
        qualities=((1, Quality.CLEAN), (2, Quality.HARDLY_WORSE)),
    ),
    Scenario("slower", "serving", script((1, judge_latency), (10, approve(2))), 3600, qualities=SLOWER),
    Scenario("slower-observed", "serving", script((1, observe_latency), (10, approve(2))), 1800, qualities=SLOWER),
)
