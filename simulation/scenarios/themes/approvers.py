"""Scenarios about who may approve, and about approvals that wait for a condition."""

from lambdas.gate.spec.spec import OnDispute, WitnessSource
from simulation.scenarios.acts.conditions import ask, require
from simulation.scenarios.acts.endpoints import delete_endpoint
from simulation.scenarios.acts.evidence import have_trail, make, rewrite
from simulation.scenarios.acts.orders import override
from simulation.scenarios.acts.unseen import show_history_late
from simulation.scenarios.acts.versions import (
    approve,
    delete_version,
    edit,
    reject,
    reject_and_approve,
    reject_and_edit,
)
from simulation.scenarios.scenario import Scenario, script
from simulation.world.people import AUTHOR, NOBODY, PUBLISHER_ARN, REVIEWER, TOOL
from simulation.world.registry import ACCOUNT

CHOSEN = ("user/reviewer",)
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/data-science/"
"""A role that several people use."""

_TOLD_LATE = ((10, approve(2)), (10.5, approve(2, TOOL)), (20, show_history_late))
"""Two people approve within one second, and CloudTrail shows it late."""

SCENARIOS = (
    Scenario("adopted-approved-again", "adopted", script((0, approve(1)), (1, ask()), (100, approve(1))), 400),
    Scenario("pinned", "governed", script((10, approve(2)))),
    Scenario("copied", "copied", script((1, ask(four_eyes=True)), (10, approve(2))), copied=True),
    Scenario(
        "four-eyes",
        "governed",
        script(
            (0, make(2, author=f"{SESSION}ann")),
            (1, ask(four_eyes=True)),
            (10, approve(2, f"{SESSION}bo")),
            (200, approve(2)),
        ),
        900,
    ),
    Scenario(
        "four-eyes-first",
        "made",
        script(
            (0, approve(1, AUTHOR)),
            (10, ask(four_eyes=True)),
            (100, approve(1, PUBLISHER_ARN)),
            (200, approve(1)),
        ),
        600,
    ),
    Scenario(
        "witnessed",
        "governed",
        script((0, have_trail), (1, ask(four_eyes=True)), (5, reject(3)), (10, approve(2)), (11, edit(2))),
        900,
    ),
    Scenario(
        "disputed",
        "governed",
        script(
            (0, have_trail),
            (1, ask(four_eyes=True, require=require("risk-review"))),
            (10, approve(2)),
            (10.5, edit(2)),
            (100, edit(2, risk="passed")),
            (300, approve(2)),
        ),
        900,
    ),
    Scenario(  # two people approve within one second, which CloudTrail tells while the version is in flight
        "approved-by-two",
        "governed",
        script(
            (0, have_trail), (1, ask(four_eyes=True)), (10, approve(2)), (10.5, approve(2, TOOL)), (1200, approve(2))
        ),
        1500,
    ),
    Scenario(  # CloudTrail tells that only once the version is live
        "approved-by-two-live",
        "governed",
        script((0, have_trail), (1, ask(four_eyes=True)), *_TOLD_LATE, (8000, approve(2))),
        8600,
    ),
    Scenario(
        "disputed-reverted",
        "governed",
        script((0, have_trail), (1, ask(four_eyes=True, on_dispute=OnDispute.REVERT)), *_TOLD_LATE),
        8600,
    ),
    Scenario(
        "vouched",
        "governed",
        script((1, ask(four_eyes=True, witness=WitnessSource.CLOUDTRAIL)), (10, approve(2))),
        1500,
    ),
    Scenario(
        "hidden",
        "governed",
        script((1, ask(four_eyes=True)), (10, approve(2, AUTHOR)), (11, edit(2)), (400, approve(2))),
        1000,
    ),
    Scenario(
        "deleted-while-held",
        "governed",
        script(
            (1, ask(require=require("risk-review"))),
            (10, approve(2)),
            (100, delete_endpoint),
            (400, edit(2, risk="passed")),
        ),
        900,
    ),
    Scenario(
        "chosen",
        "governed",
        script(
            (1, ask(approvers=("user/reviewer",))),
            (10, approve(2, AUTHOR)),
            (11, edit(2)),
            (100, approve(2, AUTHOR)),
            (200, approve(2)),
        ),
        600,
    ),
    Scenario(
        "swapped",
        "governed",
        script(
            (1, ask(require=require("risk-review"))),
            (10, approve(2)),
            (100, rewrite(2)),
            (150, edit(2, risk="passed")),
            (400, approve(2)),
        ),
        1000,
    ),
    Scenario(  # the live version stays, until an approver confirms it
        "outsider-revokes",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject(2, AUTHOR)), (400, reject(2))),
        1200,
    ),
    Scenario("outsider-revokes-only", "governed-two", script((1, ask(approvers=CHOSEN)), (10, reject(2, AUTHOR))), 400),
    Scenario(
        "outsider-revokes-approved-again",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject(2, AUTHOR)), (400, approve(2)), (700, reject(2))),
        1500,
    ),
    Scenario(  # nobody knows who revoked it, so it takes effect
        "outsider-revokes-and-edits",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject_and_edit(2, AUTHOR))),
        900,
    ),
    Scenario(
        "outsider-revokes-and-edits-witnessed",
        "governed-two",
        script((0, have_trail), (1, ask(approvers=CHOSEN)), (10, reject_and_edit(2, AUTHOR))),
        900,
    ),
    Scenario(
        "outsider-deletes",
        "governed-two",
        script((0, have_trail), (1, ask(approvers=CHOSEN)), (10, delete_version(2, AUTHOR)), (700, approve(3))),
        1900,
    ),
    Scenario(  # CloudTrail's event history shows too late who did it, so it takes effect
        "outsider-deletes-unseen",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, delete_version(2, AUTHOR)), (10.5, show_history_late)),
        1500,
    ),
    Scenario(
        "outsider-revokes-in-flight",
        "governed",
        script((1, ask(approvers=CHOSEN)), (10, approve(2)), (200, reject(2, AUTHOR))),
        900,
    ),
    Scenario(
        "outsider-revokes-unasked",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject(2, AUTHOR)), (400, ask())),
        1200,
    ),
    Scenario(  # what the newest approval waits for is reported together with the revocation
        "outsider-revokes-and-approves",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject(2, AUTHOR)), (400, approve(3, AUTHOR)), (700, approve(3))),
        1900,
    ),
    Scenario(  # the approver's rejection takes effect, although the version is Approved
        "outsider-approves-again",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject_and_approve(2, REVIEWER)), (700, approve(2))),
        1900,
    ),
    Scenario(
        "outsider-approves-again-witnessed",
        "governed-two",
        script((0, have_trail), (1, ask(approvers=CHOSEN)), (10, reject_and_approve(2, REVIEWER))),
        900,
    ),
    Scenario(  # it was not revoked, so it stays live
        "outsider-approves-live",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, approve(2, AUTHOR)), (400, reject(2))),
        1200,
    ),
    Scenario(  # it may have been revoked, so it is not to go live
        "outsider-approves-in-flight",
        "governed",
        script((1, ask(approvers=CHOSEN)), (10, approve(2)), (200, reject_and_approve(2, REVIEWER))),
        900,
    ),
    Scenario(  # version 1 was good before
        "outsider-approves-way-back",
        "governed-two",
        script((1, ask(approvers=CHOSEN)), (10, reject(1)), (100, approve(1, AUTHOR)), (400, reject(2))),
        900,
    ),
    Scenario(
        "author-approves-again",
        "governed-two",
        script((1, ask(four_eyes=True)), (10, reject_and_approve(2, REVIEWER))),
        900,
    ),
    Scenario(  # neither the author nor the approver breaks the glass
        "overridden-by-a-third",
        "governed",
        script(
            (1, ask(approvers=("user/head-of-risk",))),
            (10, approve(2)),
            (100, override("approvers", AUTHOR)),
            (200, override("approvers", REVIEWER)),
            (400, override("approvers")),
        ),
        900,
    ),
    Scenario(
        "anonymous",
        "governed",
        script(
            (0, make(2, author=NOBODY)),
            (1, ask(four_eyes=True)),
            (10, approve(2, NOBODY)),
            (100, approve(2)),
            (300, override("four_eyes")),
        ),
        900,
    ),
)
