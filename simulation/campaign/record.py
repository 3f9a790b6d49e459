"""A schedule for the record: its faults by what they meet. Points move with every call that the product makes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from simulation.campaign.beginnings import begin
from simulation.campaign.schedule import Schedule, ScheduleError
from simulation.faults.injection import Faults, Met, Numbered, Numbering
from simulation.faults.kinds import Kind
from simulation.scenarios.index import SCENARIOS

_FAULT = re.compile(r"(.+) (\d+) ([a-z]{2})")


@dataclass(frozen=True)
class Record:
    """As text `SCENARIO[/SWITCHES]: WHAT NUMBER KIND, WHAT NUMBER KIND`, such as `approve: ListTags 2 cb`: the second
    ListTags. `schedule`: without faults."""

    schedule: Schedule
    faults: Mapping[Met, Kind]

    def __str__(self) -> str:
        faults = (f"{what} {number} {kind.value}" for (what, number), kind in self.faults.items())
        return f"{self.schedule} {', '.join(faults)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the record of a text. Raises ScheduleError if it is none."""
        world, _, faults = text.partition(":")
        planned: dict[Met, Kind] = {}
        for fault in filter(None, faults.strip().split(", ")):
            matched = _FAULT.fullmatch(fault)
            if matched is None or matched[3] not in set(Kind):
                raise ScheduleError(f"{fault!r} is no fault: what it meets, a number and a kind, such as ListTags 2 cb")
            planned[matched[1], int(matched[2])] = Kind(matched[3])
        return cls(Schedule.parse(world), planned)

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """Return the record of a schedule."""
        faults = Numbering(schedule.faults)
        _run(schedule, faults)
        return cls(replace(schedule, faults={}), faults.met)

    def placed(self) -> Schedule:
        """Return the schedule in today's product. It lacks the faults that meet nothing any more."""
        faults = Numbered(self.faults)
        _run(self.schedule, faults)
        return replace(self.schedule, faults=dict(faults.injected))


def _run(schedule: Schedule, faults: Faults) -> None:
    run = begin(schedule, SCENARIOS[schedule.scenario])
    run.world.faults = faults
    run.finish()
