"""Faults by the operation that they meet, and not by a point, which moves with every call that the product makes."""

from collections import Counter

from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import LIKELY, Schedule
from simulation.faults.injection import Faults, Kinds
from simulation.faults.kinds import Kind
from simulation.scenarios.index import SCENARIOS
from world.assumptions import Assumptions

Planned = tuple[str, int, Kind]
"""An operation or an event, which of its calls, and what happens there."""


class Nth(Faults):
    def __init__(self, planned: tuple[Planned, ...]) -> None:
        super().__init__()
        self.planned = {(what, number): kind for what, number, kind in planned}
        self._seen: Counter[str] = Counter()

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        self._seen[what] += 1
        kind = self.planned.get((what, self._seen[what]))
        if kind is None or kind not in kinds():
            return None
        self.injected[point] = kind
        return kind


def finished(scenario: str, *planned: Planned, assumptions: Assumptions = LIKELY) -> Run:
    """The scenario's run with these faults, each of which has to have happened."""
    run = begin(Schedule(scenario, assumptions), SCENARIOS[scenario])
    run.world.faults = faults = Nth(planned)
    run.finish()
    assert sorted(faults.injected.values()) == sorted(faults.planned.values()), (scenario, planned)
    return run
