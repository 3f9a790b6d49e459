"""The prober in the simulation: what its calls may meet, and that the probing of a rollout goes on whatever it was."""

import pytest

from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind as Fact
from simulation.faults.kinds import Kind
from simulation.oracle.records import rows_of
from tests.simulation.nth import Planned, finished


def outcome(scenario: str, *planned: Planned) -> Outcome:
    closed = [row.fact for row in rows_of(finished(scenario, *planned).world) if row.fact.kind is Fact.ATTEMPT_CLOSED]
    return Outcome(closed[-1].detail["outcome"])


@pytest.mark.parametrize(
    "planned",
    [
        ("PutMetricData", 1, Kind.DENIED),
        ("PutMetricData", 1, Kind.INTERNAL),
        ("PutMetricData", 1, Kind.LOST),
        *(("InvokeEndpoint", number, kind) for number in (3, 4) for kind in (Kind.DENIED, Kind.INTERNAL, Kind.LOST)),
        *(("SendMessage", number, Kind.DENIED) for number in (1, 2, 3, 4)),
    ],
    ids=str,
)
def test_one_refusal_does_not_keep_a_canary_that_answers_wrong(planned: Planned) -> None:
    assert outcome("golden", planned) is Outcome.ROLLED_BACK
