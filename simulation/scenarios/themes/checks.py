"""Scenarios about the other checks of the gate: reports, freezes, soaks and stages; and about overrides."""

from lambdas.gate.spec.spec import Mode, Soak, Stage, Until
from simulation.oracle import gate
from simulation.scenarios.acts.alarms import fire_if_errs
from simulation.scenarios.acts.conditions import FREEZE, ask, require
from simulation.scenarios.acts.evidence import deny, make, never_reported, no_report, write_report
from simulation.scenarios.acts.orders import override, pause_all, resume_all
from simulation.scenarios.acts.staging import fire_staging, have_staging, soak
from simulation.scenarios.acts.versions import PRODUCTION, RETIRED, approve, at_stage, edit, promote, reject, turn_out
from simulation.scenarios.scenario import Scenario, script
from simulation.world.example import STAGING
from simulation.world.people import AUTHOR
from simulation.world.resources import Quality

NOT_QUIET = (
    (0, have_staging),
    (1, ask(soak=Soak(STAGING.endpoint, gate.SOAK_SECONDS / 3600))),
    (5, soak(2)),
    (6, fire_staging),
    (10, approve(2)),
)
"""An alarm fires on staging while a version soaks there, so its approval is held."""

SCENARIOS = (
    Scenario(
        "regressed",
        "governed",
        script(
            (0, make(2, f1=0.85, ImageDigest="sha256:1")),
            (1, ask(require=require("f1", "no-worse"), reports_until=Until.APPROVAL)),
            (10, approve(2)),
            (300, write_report(2, 0.95)),
            (310, approve(2)),
        ),
        900,
    ),
    Scenario(
        "another-report",
        "governed",
        script((1, ask(require=require("f1"))), (10, write_report(2, 0.95)), (20, approve(2)), (300, approve(2))),
        600,
    ),
    Scenario("first-required", "made", script((1, ask(require=require("no-worse"))), (10, approve(1))), 500),
    Scenario(
        "unreported",
        "governed",
        script((0, no_report(1)), (1, ask(require=require("no-worse"))), (10, approve(2)), (300, write_report(1, 0.7))),
        900,
    ),
    Scenario(
        "never-reported",
        "governed",
        script((0, never_reported(2)), (1, ask(require=require("not-low"))), (10, approve(2))),
        500,
    ),
    Scenario("unreadable", "governed", script((5, deny(True)), (10, approve(2)), (300, deny(False))), 900),
    Scenario("frozen", "governed", script((1, ask(freeze=(FREEZE,))), (500, approve(2))), 1500),
    Scenario(
        "soaked",
        "governed",
        script(
            (0, have_staging),
            (1, ask(soak=Soak(STAGING.endpoint, gate.SOAK_SECONDS / 3600))),
            (10, approve(2)),
            (100, soak(2)),
        ),
        2300,
    ),
    Scenario(
        "overridden",
        "governed",
        script(
            *NOT_QUIET,
            (300, override("soak")),
        ),
        900,
    ),
    Scenario(
        "overridden-before",
        "governed",
        script(
            *NOT_QUIET,
            (250, pause_all),
            (300, override("soak")),
            (350, approve(2)),
            (400, resume_all),
        ),
        2200,
    ),
    Scenario(
        "overridden-approved-again",
        "governed",
        script(
            *NOT_QUIET,
            (250, pause_all),
            (300, override("soak")),
            (400, resume_all),
            (480, approve(2)),
        ),
        2200,
    ),
    Scenario(
        "advised",
        "governed",
        script(
            (0, make(2, data="s3://elsewhere/2.tar.gz", ImageDigest="sha256:1")),
            (1, ask(mode=Mode.ADVISE, four_eyes=True, require=require("risk-review"))),
            (10, approve(2, AUTHOR)),
            (300, override("artifacts")),
        ),
        900,
    ),
    Scenario("all-paused", "governed", script((5, pause_all), (10, approve(2)), (300, resume_all)), 1000),
    Scenario("all-paused-way-back", "governed-two", script((5, pause_all), (10, reject(2)), (300, resume_all)), 900),
    Scenario(
        "staged",
        "staged",
        script((10, approve(2)), (100, promote(2, PRODUCTION)), (1000, promote(2, RETIRED))),
        1300,
    ),
    Scenario(
        "left-in-flight",
        "staged",
        script((10, approve(2)), (20, promote(2, PRODUCTION)), (200, promote(2, RETIRED))),
        700,
    ),
    Scenario(
        "stage-asked-for",
        "governed",
        script((10, ask(stage=Stage(*PRODUCTION))), (100, at_stage(2)), (110, approve(2))),
        600,
    ),
    Scenario(  # its approval is on hold, and from before it failed after a revert
        "burns-approved-on-hold",
        "governed-two",
        script(
            (1, ask(require=require("risk-review"))),
            (2, turn_out(1, Quality.ERRS)),
            (10, approve(1)),
            (300, fire_if_errs),
            (1500, edit(1, risk="passed")),
        ),
        2800,
        qualities=((2, Quality.ERRS_WHEN_LIVE),),
    ),
    Scenario(
        "held-behind",
        "governed",
        script(
            (1, ask(require=require("risk-review"))),
            (5, edit(2, risk="passed")),
            (10, approve(3)),
            (20, approve(2)),
            (21, approve(3)),
        ),
        600,
    ),
)
