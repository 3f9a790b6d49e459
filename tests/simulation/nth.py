"""Faults by the operation that they meet, and not by a point, which moves with every call that the product makes."""

from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import LIKELY, Schedule
from simulation.faults.injection import Numbered
from simulation.faults.kinds import Kind
from simulation.scenarios.index import SCENARIOS
from world.assumptions import Assumptions

Planned = tuple[str, int, Kind]
"""An operation or an event, which of its calls, and what happens there."""


def finished(scenario: str, *planned: Planned, assumptions: Assumptions = LIKELY) -> Run:
    """The scenario's run with these faults, each of which has to have happened."""
    run = begin(Schedule(scenario, assumptions), SCENARIOS[scenario])
    expected = {(what, number): kind for what, number, kind in planned}
    run.world.faults = faults = Numbered(expected)
    run.finish()
    assert sorted(faults.injected.values()) == sorted(expected.values()), (scenario, planned)
    return run
