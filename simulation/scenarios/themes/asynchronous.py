"""Scenarios with asynchronous endpoints."""

from simulation.scenarios.acts.endpoint_kinds import write_asynchronous_spec
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve
from simulation.scenarios.scenario import Scenario, script
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("asynchronous-approve", "asynchronous", script((10, approve(2)))),
    Scenario("asynchronous-errs", "asynchronous", script((10, approve(2))), 700, qualities=((2, Quality.ERRS),)),
    Scenario("asynchronous-to-real-time", "asynchronous", script((10, write_spec)), 400, ends_held=True),
    Scenario("real-time-to-asynchronous", "serving", script((10, write_asynchronous_spec)), 400, ends_held=True),
)
