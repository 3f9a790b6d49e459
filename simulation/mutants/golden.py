"""Mutants of golden requests: what is played, what is made of the answers, and what is reported of a silent prober."""

from lambdas.gate.aws import inbox
from lambdas.gate.decide import judgement
from lambdas.gate.rollout.alarms import ARRIVAL_SECONDS
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.transitions import golden
from lambdas.prober import probe_task
from lambdas.prober.probe_task import ProbeTask
from simulation.mutants.mutant import Mutant, always, answers_with, never

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
        probe_task._of_rollout,
        answers_with(alone=True),
        ("golden-either",),
    ),
    Mutant(
        "a phase is probed once",
        ProbeTask.due,
        lambda due, task: due(task) if task.over or task.until is None else None,
        ("golden-full",),
    ),
    Mutant(
        "senders of golden results are not compared",
        GoldenResult.is_from,
        always,
        ("golden-forged",),
    ),
    Mutant(
        "a golden result is by whom it names",
        inbox._golden_result,
        lambda golden_result, content, body, sender, own: golden_result(content, body, f"{own}:session", own),
        ("golden-forged",),
    ),
    Mutant(
        "the alarm of a rollout stays where no prober puts metrics any more",
        golden.moved,
        lambda moved, head, spec: head,
        ("golden-moved",),
    ),
    Mutant(
        "right answers are not reported",
        ProbeTask._found,
        lambda found, task, batch, requests, *, is_over: (
            found(task, batch, requests, is_over=is_over) if task.until is None or batch.failed else None
        ),
        ("golden-heard",),
    ),
)
