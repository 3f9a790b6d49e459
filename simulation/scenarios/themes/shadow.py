"""Scenarios in which an approved version is the live one's shadow before it is rolled out."""

from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.spec.minimum_requests import Otherwise
from simulation.scenarios.acts.alarms import fire_kpi_in_flight, fire_standing, set_alarm
from simulation.scenarios.acts.endpoints import change_manually_to, patch
from simulation.scenarios.acts.evidence import rewrite
from simulation.scenarios.acts.orders import abort, pause, promote, resume, rollback, stop
from simulation.scenarios.acts.shadow import (
    ask_for_answers,
    ask_for_more_copies,
    ask_for_no_shadow,
    ask_for_shadow,
    freeze_beside_shadow,
    resize_beside_shadow,
)
from simulation.scenarios.acts.specs import follow_other_group
from simulation.scenarios.acts.versions import approve, reject
from simulation.scenarios.scenario import Scenario, script
from simulation.scenarios.themes.janitor import LEAST
from simulation.world.comparer import Comparing
from simulation.world.example import KPI
from simulation.world.resources import Quality

SHADOWED, RUNNING = 60.0, 1500.0
"""While the shadow is launched, and while it gets copies."""
PASSED = 5000.0
"""After a version has passed, if a pause keeps it from being rolled out."""
APPROVED = (10, approve(2))
ASKED = ((1, ask_for_shadow()), APPROVED)
QUIET_AT, LATE_AT, SILENT_AT = 5400.0, 13_000.0, 31_000.0
"""After the shadow has ended, also if captures are late, or if answers are waited for in vain."""

SCENARIOS = (
    Scenario("shadow", "serving", script(*ASKED), QUIET_AT),
    Scenario("shadow-worse", "serving", script(*ASKED), QUIET_AT, qualities=((2, Quality.WORSE),)),
    Scenario("shadow-sick", "serving", script(*ASKED), main=True, qualities=((2, Quality.SICK),)),
    Scenario("shadow-unlucky", "serving", script(*ASKED), QUIET_AT, qualities=((2, Quality.UNLUCKY),)),
    Scenario("shadow-errs", "serving", script(*ASKED), QUIET_AT, qualities=((2, Quality.ERRS),)),
    Scenario("shadow-answers", "serving", script((1, ask_for_answers()), APPROVED), QUIET_AT),
    Scenario(
        "shadow-differs",
        "serving",
        script((1, ask_for_answers()), APPROVED),
        QUIET_AT,
        qualities=((2, Quality.DIFFERING),),
    ),
    Scenario("shadow-answers-late", "serving", script((1, ask_for_answers(Comparing.LATE)), APPROVED), LATE_AT),
    Scenario(
        "shadow-differs-late",
        "serving",
        script((1, ask_for_answers(Comparing.LATE)), APPROVED),
        LATE_AT,
        qualities=((2, Quality.DIFFERING),),
    ),
    Scenario("shadow-silent", "serving", script((1, ask_for_answers(Comparing.SILENT)), APPROVED), SILENT_AT),
    Scenario(
        "shadow-forged",
        "serving",
        script((1, ask_for_answers(Comparing.FORGED)), APPROVED),
        SILENT_AT,
        qualities=((2, Quality.DIFFERING),),
    ),
    Scenario("shadow-rejected-early", "serving", script(*ASKED, (SHADOWED, reject(2)))),
    Scenario("shadow-rejected", "serving", script(*ASKED, (RUNNING, reject(2))), QUIET_AT),
    Scenario("shadow-overtaken", "serving", script(*ASKED, (RUNNING, approve(3))), QUIET_AT),
    Scenario("shadow-aborted-early", "serving", script(*ASKED, (SHADOWED, abort))),
    Scenario("shadow-aborted", "serving", script(*ASKED, (RUNNING, abort)), QUIET_AT),
    Scenario("shadow-stopped", "serving", script(*ASKED, (RUNNING, stop)), QUIET_AT),
    Scenario("shadow-promoted-early", "serving", script(*ASKED, (SHADOWED, promote)), QUIET_AT),
    Scenario("shadow-promoted", "serving", script(*ASKED, (RUNNING, promote)), QUIET_AT),
    Scenario(
        "shadow-promoted-worse",
        "serving",
        script(*ASKED, (RUNNING, promote)),
        QUIET_AT,
        qualities=((2, Quality.WORSE),),
    ),
    Scenario("shadow-paused", "serving", script(*ASKED, (RUNNING, pause), (5000.0, resume)), QUIET_AT),
    Scenario("shadow-frozen", "serving", script(*ASKED, (RUNNING, freeze_beside_shadow)), QUIET_AT, ends_held=True),
    Scenario("shadow-resized", "serving", script(*ASKED, (RUNNING, resize_beside_shadow)), QUIET_AT),
    Scenario("shadow-no-more", "serving", script(*ASKED, (RUNNING, ask_for_no_shadow)), QUIET_AT),
    Scenario("shadow-patched", "serving", script(*ASKED, (RUNNING, patch)), QUIET_AT),
    Scenario(
        "shadow-too-few", "serving", script((1, ask_for_more_copies(Otherwise.REVERT)), (10, approve(2))), QUIET_AT
    ),
    Scenario(
        "shadow-too-few-alert", "serving", script((1, ask_for_more_copies(Otherwise.ALERT)), (10, approve(2))), QUIET_AT
    ),
    Scenario(
        "shadow-live-rejected", "two", script((1, ask_for_shadow()), (10, approve(3)), (RUNNING, reject(2))), QUIET_AT
    ),
    Scenario(
        "shadow-live-errs",
        "two",
        script((1, ask_for_shadow()), (10, approve(3)), (RUNNING, fire_standing)),
        QUIET_AT,
    ),
    Scenario(
        "shadow-live-left", "two", script((1, ask_for_shadow()), (10, approve(3)), (RUNNING, rollback())), QUIET_AT
    ),
    Scenario("shadow-live-alone", "serving", script(*ASKED, (RUNNING, reject(1))), QUIET_AT),
    Scenario(
        "shadow-by-hand",
        "two",
        script((1, ask_for_shadow()), (10, approve(3)), (RUNNING, change_manually_to(1))),
        QUIET_AT,
    ),
    Scenario("shadow-first", "missing", script((1, ask_for_shadow()), (10, approve(1)))),
    Scenario("shadow-adopted", "adopted", script((1, ask_for_shadow()), (10, approve(2)))),
    Scenario(
        "shadow-scaled",
        "serving",
        script((1, ask_for_shadow(autoscaling=Autoscaling(1, 4, 100, 60, 60))), (10, approve(2))),
        QUIET_AT,
    ),
    Scenario(
        "shadow-kpi",
        "serving",
        script(*ASKED, (SHADOWED + 100, fire_kpi_in_flight), (500.0, set_alarm(KPI, "OK"))),
        QUIET_AT,
    ),
    Scenario(
        "shadow-worse-kpi",
        "serving",
        script(
            *ASKED,
            *((at, fire_kpi_in_flight) for at in (1850.0, 2350.0)),
            *((at, set_alarm(KPI, "OK")) for at in (2000.0, 2500.0)),
        ),
        QUIET_AT,
        qualities=((2, Quality.WORSE),),
    ),
    Scenario(
        "shadow-resize-errs",
        "serving",
        script(
            *ASKED,
            (RUNNING, resize_beside_shadow),
            (RUNNING + 180, fire_kpi_in_flight),
            (RUNNING + 400, set_alarm(KPI, "OK")),
            (RUNNING + 1200, reject(2)),
        ),
        QUIET_AT,
        ends_held=True,
    ),
    Scenario(
        "shadow-live-changed",
        "governed",
        script((1, rewrite(1)), (2, ask_for_shadow()), (10, approve(2))),
        QUIET_AT,
        ends_held=True,
    ),
    Scenario("shadow-cleaned", "serving", script(*ASKED), QUIET_AT, cleaned=LEAST),
    Scenario(
        "shadow-passed-resized",
        "serving",
        script(*ASKED, (RUNNING, pause), (PASSED, resize_beside_shadow), (PASSED + 600, resume)),
        2 * PASSED,
    ),
    Scenario(
        "shadow-passed-aborted",
        "serving",
        script(*ASKED, (RUNNING, pause), (PASSED, abort), (PASSED + 600, resume)),
        QUIET_AT + 1200,
    ),
    Scenario("shadow-adopted-anew", "serving", script(*ASKED, (RUNNING, follow_other_group)), QUIET_AT),
)
