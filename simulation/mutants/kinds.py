"""Mutants of the kinds of endpoints: serverless and asynchronous ones."""

from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide import hold, judgement
from lambdas.gate.rollout.deployment_config import deployment_config
from lambdas.gate.state.attempt import Outcome
from simulation.mutants.mutant import Mutant, answers_with, nothing
from simulation.world.example import SPEC

MUTANTS = (
    Mutant(
        "a serverless endpoint is updated like any other",
        Hosting.switch_endpoint,
        lambda switch, hosting, name, config: hosting.update_endpoint(
            name, config, deployment_config(SPEC.rollout, ()), keep_count=True
        ),
        ("serverless-approve",),
    ),
    Mutant(
        "an endpoint becomes one that its callers cannot call",
        hold._hold_of_another_kind,
        nothing,
        ("real-time-to-asynchronous",),
    ),
    Mutant(
        "a serverless update that failed is reported as a rollback",
        judgement._not_switched,
        answers_with(outcome=Outcome.ROLLED_BACK),
        ("serverless-sick",),
    ),
)
