"""Mutants of the kinds of endpoints: serverless and asynchronous ones."""

from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "a serverless endpoint is updated like any other",
        GATE + "attempting",
        "            elif not attempt.is_guarded:\n",
        "            elif False:\n",
        ("serverless-approve",),
    ),
    Mutant(
        "an endpoint becomes one that its callers cannot call",
        GATE + "hold",
        "    elif spec.serving.asynchronous and not endpoint.is_asynchronous:\n",
        "    elif False:\n",
        ("real-time-to-asynchronous",),
    ),
    Mutant(
        "a serverless update that failed is told as a rollback",
        GATE + "judgement",
        "    if attempt.fleet.serverless:\n",
        "    if False:\n",
        ("serverless-sick",),
    ),
)
