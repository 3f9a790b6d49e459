"""Mutants of golden requests: what is played, what is made of the answers, and what is reported of a silent prober."""

from lambdas.gate import golden, judgement
from lambdas.gate.alarms import ARRIVAL_SECONDS
from lambdas.gate.attempt import Attempt
from lambdas.prober import errand
from lambdas.prober.errand import Errand
from simulation.mutants.mutant import Mutant, answers_with, never

MUTANTS = (
    Mutant(
        "a rollout that nobody heard of has passed",
        Attempt.is_unheard,
        never,
        ("golden-unheard",),
    ),
    Mutant(
        "the prober's last message is not waited for",
        judgement._succeeded,
        lambda succeeded, observed, endpoint, head, attempt, now: succeeded(
            observed, endpoint, head, attempt, now + ARRIVAL_SECONDS
        ),
        ("golden-late",),
    ),
    Mutant(
        "whatever is live is known to answer right",
        golden.has_baseline,
        lambda has_baseline, live, digest: bool(live and live.golden and live.golden.digest == digest),
        ("golden-either",),
    ),
    Mutant(
        "a canary is all of the traffic",
        errand._of_rollout,
        answers_with(alone=True),
        ("golden-either",),
    ),
    Mutant(
        "a phase is probed once",
        Errand.due,
        lambda due, errand: due(errand) if errand.over or errand.until is None else None,
        ("golden-full",),
    ),
    Mutant(
        "right answers are not reported",
        Errand._found,
        lambda found, errand, batch, requests, *, is_over: (
            found(errand, batch, requests, is_over=is_over) if errand.until is None or batch.failed else None
        ),
        ("golden-heard",),
    ),
)
