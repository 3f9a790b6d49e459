"""Mutants of what guards against hostile input."""

import json
from dataclasses import replace

from lambdas.gate.aws import s3
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Result
from lambdas.gate.state import chain
from simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "a row holds texts as people wrote them",
        chain._made_safe,
        lambda made_safe, fact: fact,
        ("hostile-words",),
    ),
    Mutant(
        "a version without containers is tried",
        checks._containers,
        lambda containers, question: replace(containers(question), result=Result.PASSED),
        ("made-of-nothing",),
    ),
    Mutant(
        "a report with a number twice has the last one",
        s3.parsed,
        lambda parsed, text: json.loads(text),
        ("garbled-report",),
    ),
    Mutant(
        "an alarm that does not exist is quiet",
        CloudWatch.states,
        lambda states, watch, names: dict.fromkeys(names) | states(watch, names),
        ("soaked-unwatched",),
    ),
    Mutant(
        "only the history of alarms tells whether a version was quiet",
        CloudWatch.states,
        lambda states, watch, names: dict.fromkeys(states(watch, names)),
        ("soaked-in-alarm",),
    ),
)
