"""Scenarios about versions that are first seen already approved, so that only CloudTrail tells what was approved."""

from simulation.scenarios.acts.conditions import ask
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.unseen import (
    MONTHS,
    approve_and_specify,
    approve_unseen,
    let_months_pass,
    register_approved,
    show_history_late,
    swap_in_approval,
)
from simulation.scenarios.acts.versions import approve
from simulation.scenarios.scenario import Scenario, script

SCENARIOS = (
    Scenario("approved-unseen", "governed", script((10, approve_unseen(10))), 1200),
    Scenario("approved-unseen-edited", "governed", script((10, approve_unseen(10, edited=True))), 1200),
    Scenario(
        "history-late",
        "governed",
        script((10, approve_unseen(10, edited=True)), (20, show_history_late)),
        4500,
    ),
    Scenario(
        "respecified-after",
        "governed",
        script((10, approve_and_specify(10)), (1200, approve(10))),
        2600,
    ),
    Scenario("swapped-in-approval", "governed", script((10, swap_in_approval(10)), (1200, approve(10))), 2600),
    Scenario("registered-approved", "missing", script((0, register_approved(1)), (10, write_spec))),
    Scenario(  # the first reconcile finds what was approved before the history begins
        "approved-long-ago",
        "made",
        script((0, approve(1)), (1, let_months_pass), (MONTHS + 10, ask()), (MONTHS + 600, approve(1))),
        MONTHS + 900,
    ),
)
