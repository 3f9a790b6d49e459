"""Scenarios with serverless endpoints."""

from simulation.scenarios.acts import orders
from simulation.scenarios.acts.alarms import fire_if_errs, flap, set_alarm
from simulation.scenarios.acts.endpoint_kinds import give_memory, write_serverless_spec
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.setups import FIRST_SERVERLESS
from simulation.world.example import KPI
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("serverless-first", "missing", FIRST_SERVERLESS, 600),
    Scenario("serverless-approve", "serverless", script((10, approve(2)))),
    Scenario(
        "serverless-burns",
        "serverless",
        script((10, approve(2)), (600, fire_if_errs)),
        2000,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(
        "serverless-burns-and-replaced",
        "serverless",
        script((10, approve(2)), (600, fire_if_errs), (600, approve(3))),
        2000,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(
        "serverless-burns-flapping",
        "serverless",
        script((10, approve(2)), (600, fire_if_errs), (735, flap)),
        2000,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario("serverless-sick", "serverless", script((10, approve(2))), 900, qualities=((2, Quality.SICK),)),
    Scenario("serverless-unlucky", "serverless", script((10, approve(2))), 2500, qualities=((2, Quality.UNLUCKY),)),
    Scenario("serverless-revoked", "serverless", script((10, approve(2)), (60, reject(2))), 900),
    Scenario("serverless-aborted", "serverless", script((10, approve(2)), (60, orders.abort)), 900),
    Scenario(
        "serverless-kpi-burns",
        "serverless",
        script((5, set_alarm(KPI, "ALARM")), (10, approve(2)), (500, set_alarm(KPI, "OK"))),
        1800,
    ),
    Scenario("serverless-memory", "serverless", script((10, give_memory))),
    Scenario("serverless-to-instances", "serverless", script((10, write_spec)), 400, ends_held=True),
    Scenario("instances-to-serverless", "serving", script((10, write_serverless_spec)), 400, ends_held=True),
)
