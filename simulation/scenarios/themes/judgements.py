"""Scenarios about what else judges a rollout: the user's own alarm, and the number of requests."""

from lambdas.gate.spec.minimum_requests import Otherwise
from simulation.scenarios.acts import orders
from simulation.scenarios.acts.alarms import fire_kpi, fire_kpi_in_flight, set_alarm
from simulation.scenarios.acts.endpoints import change_manually_to
from simulation.scenarios.acts.orders import pause
from simulation.scenarios.acts.specs import ask_for_requests
from simulation.scenarios.acts.versions import approve, change_mind, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.world.example import KPI
from simulation.world.resources import Quality

SCENARIOS = (
    Scenario("errs-late", "serving", script((10, approve(2))), 1800, qualities=((2, Quality.ERRS_LATE),)),
    Scenario(
        "kpi-burns",
        "serving",
        script((5, set_alarm(KPI, "ALARM")), (10, approve(2)), (500, set_alarm(KPI, "OK"))),
        1800,
    ),
    Scenario(  # the user's own alarm ends a rollout, and stays in ALARM for the live version
        "kpi-burns-in-flight",
        "two",
        script((10, approve(3)), (300, fire_kpi_in_flight), (2600, set_alarm(KPI, "OK"))),
        3000,
    ),
    Scenario(
        "kpi-burns-revert",
        "two",
        script((5, set_alarm(KPI, "ALARM")), (10, reject(2)), (2000, set_alarm(KPI, "OK"))),
        1400,
    ),
    Scenario(
        "kpi-burns-live",
        "two",
        script((5, fire_kpi), (2000, set_alarm(KPI, "OK"))),
        2400,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(
        "kpi-burns-and-replaced",
        "two",
        script(
            (4, pause),
            (5, fire_kpi),
            (6, approve(3)),
            (300, orders.resume),
            (2000, set_alarm(KPI, "OK")),
        ),
        3600,
    ),
    *(
        Scenario(
            f"inconclusive-{otherwise}",
            "serving",
            script((5, ask_for_requests(otherwise)), (10, approve(2))),
            2400,
        )
        for otherwise in Otherwise
    ),
    Scenario(
        "inconclusive-approved-again",
        "serving",
        script((5, ask_for_requests(Otherwise.REVERT)), (10, approve(2)), (300, change_mind(2))),
        2400,
    ),
    Scenario(
        "inconclusive-put-back",
        "serving",
        script((5, ask_for_requests(Otherwise.ACCEPT)), (10, approve(2)), (810, change_manually_to(1))),
        2400,
    ),
)
