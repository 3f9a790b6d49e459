"""Scenarios about the alarms that guard the live version, and about those that do not count against it: in ALARM before
they guarded it, or caused by changed settings."""

from simulation.scenarios.acts import orders
from simulation.scenarios.acts.alarms import fire_for_people, fire_kpi, fire_standing, fire_watch, set_alarm
from simulation.scenarios.acts.orders import pause
from simulation.scenarios.acts.specs import debug, give_up_after, name_no_alarm, write_spec
from simulation.scenarios.acts.versions import approve
from simulation.scenarios.scenario import Scenario, script
from simulation.world.example import KPI, STANDING
from simulation.world.resources import Quality

_NAMED_IN_ALARM = script(
    (5, name_no_alarm),
    (100, set_alarm(KPI, "ALARM")),
    (200, write_spec),
    (700, give_up_after(7200)),
)
"""The user's alarm is removed from the spec, fires, and is added again. Then comes an unrelated edit."""

SCENARIOS = (
    Scenario("named-in-alarm", "two", (*_NAMED_IN_ALARM, *script((2000, set_alarm(KPI, "OK")))), 1700),
    Scenario(  # it fires again, during a pause in which the spec is edited once more
        "named-in-alarm-fires-anew",
        "two",
        (
            *_NAMED_IN_ALARM,
            *script(
                (1000, set_alarm(KPI, "OK")),
                (1300, pause),
                (1500, fire_kpi),
                (1700, write_spec),
                (1900, orders.resume),
                (4000, set_alarm(KPI, "OK")),
            ),
        ),
        3600,
    ),
    *(
        Scenario(  # after the watch window of the version's own promotion
            f"settings-burn-{name}",
            "two",
            script((3500, debug), (5000, fire), (7000, set_alarm(alarm, "OK"))),
            6000,
        )
        for name, fire, alarm in (("kpi", fire_kpi, KPI), ("standing", fire_standing, STANDING))
    ),
    Scenario("watched", "serving", script((10, approve(2)), (1300, fire_watch)), 2800),
    Scenario(  # a new version is approved while the live one fails
        "watched-and-replaced",
        "serving",
        script((10, approve(2)), (1300, approve(3)), (1300, fire_watch)),
        2800,
    ),
    Scenario("watched-for-people", "serving", script((10, approve(2)), (1300, fire_for_people)), 2800),
    Scenario("watched-to-the-end", "serving", script((10, approve(2)), (6500, fire_watch)), 9000),
    Scenario("settings-burn-watch", "two", script((3500, debug), (5000, fire_watch)), 6000),
    Scenario("settings-err-late", "two", script((10, debug)), 1800, qualities=((2, Quality.ERRS_LATE),)),
    Scenario(  # the version is approved again while the spec asks for other settings
        "settings-approved-again-err-late",
        "two",
        script((10, approve(2)), (10.5, debug)),
        1800,
        qualities=((2, Quality.ERRS_LATE),),
    ),
)
