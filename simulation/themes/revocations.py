"""Scenarios of what is wanted no more: revoked or deleted before, during and after its rollout, or burning."""

from simulation.acts.alarms import burn
from simulation.acts.versions import approve, change_mind, change_mind_twice, delete_version, pend, reject
from simulation.hosted import Quality
from simulation.scenario import Scenario, script
from simulation.setups import FIRST

SCENARIOS = (
    Scenario("revoke-in-flight", "serving", script((10, approve(2)), (200, reject(2))), 800),
    Scenario("revoke-launching", "serving", script((10, approve(2)), (60, pend(2))), 800),
    Scenario("revoke-at-once", "serving", script((10, approve(2)), (13, reject(2))), 500),
    Scenario("revoke-and-back", "serving", script((10, change_mind(2)), (400, approve(3))), 2000),
    Scenario("revoke-and-back-late", "serving", script((10, change_mind_twice)), 1800),
    Scenario("revoke-creating", "missing", (*FIRST, *script((60, reject(1)))), 700),
    Scenario("revoke-live", "two", script((10, reject(2))), main=True),
    Scenario("revoke-both", "two", script((10, reject(2)), (11, reject(1))), 900),
    Scenario("delete-live", "two", script((10, delete_version(2)))),
    Scenario("revoke-only", "serving", script((10, reject(1))), 400),
    Scenario("revoke-while-updating", "serving", script((10, approve(2)), (200, reject(1))), 1200),
    Scenario("burns", "serving", script((10, approve(2)), (1300, burn)), 2800, qualities=((2, Quality.BURNS),)),
)
