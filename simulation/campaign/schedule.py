"""A schedule: a scenario, the assumptions about AWS, and the faults by point. It is one short text that can be
replayed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from simulation.faults.kinds import Kind
from world.assumptions import Assumptions

_FAULT = re.compile(r"(\d+)([a-z]{2})")


LIKELY = Assumptions()


class ScheduleError(ValueError):
    """The text is not a schedule."""


@dataclass(frozen=True)
class Schedule:
    """As text `SCENARIO[/SWITCHES]:POINTKIND,POINTKIND`, such as `approve/13:12cb,40lo`."""

    scenario: str
    assumptions: Assumptions = LIKELY
    faults: Mapping[int, Kind] = field(default_factory=dict)

    def __str__(self) -> str:
        code = self.assumptions.code()
        world = f"{self.scenario}/{code}" if code else self.scenario
        return f"{world}:{','.join(f'{point}{kind.value}' for point, kind in sorted(self.faults.items()))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the schedule of a text. Raise ScheduleError if it is none."""
        world, _, faults = text.strip().partition(":")
        scenario, _, code = world.partition("/")
        planned: dict[int, Kind] = {}
        try:
            for fault in filter(None, faults.split(",")):
                matched = _FAULT.fullmatch(fault)
                if matched is None:
                    raise ScheduleError(f"{fault!r} is no fault: a point and a kind, such as 12cb")
                planned[int(matched[1])] = Kind(matched[2])
            return cls(scenario, Assumptions.from_code(code), planned)
        except (ValueError, IndexError) as error:
            raise ScheduleError(f"{text!r} is no schedule: {error}") from error
