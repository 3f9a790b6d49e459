import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.campaign import search
from simulation.campaign.schedule import Schedule, ScheduleError
from simulation.faults.kinds import Kind
from simulation.scenarios.index import SCENARIOS
from world.assumptions import Assumptions

assumptions = st.builds(Assumptions, **{field.name: st.booleans() for field in dataclasses.fields(Assumptions)})
faults = st.dictionaries(st.integers(0, 999), st.sampled_from(Kind), max_size=6)
schedules = st.builds(Schedule, st.sampled_from(sorted(SCENARIOS)), assumptions, faults)


@given(schedules)
def test_a_schedule_comes_back_from_its_text(schedule: Schedule) -> None:
    assert Schedule.parse(str(schedule)) == schedule


def test_the_text_names_what_is_not_as_by_default() -> None:
    schedule = Schedule("approve", Assumptions.from_code("13"), {40: Kind.LOST, 12: Kind.CRASH_BEFORE})
    assert (str(schedule), str(Schedule("approve"))) == ("approve/13:12cb,40lo", "approve:")


@pytest.mark.parametrize(
    "text", ["approve:12", "approve:cb", "approve:12zz", "approve:12cb 40lo", "approve/z:", "a/x:"]
)
def test_what_is_no_schedule_is_refused_and_named(text: str) -> None:
    with pytest.raises(ScheduleError, match="is no schedule"):
        Schedule.parse(text)


@given(schedules.filter(lambda schedule: schedule.faults), st.data())
def test_shrinking_keeps_the_faults_and_switches_that_are_needed_and_no_others(
    schedule: Schedule, data: st.DataObject
) -> None:
    needed = data.draw(st.sets(st.sampled_from(sorted(schedule.faults))))
    switches = (
        data.draw(st.sets(st.sampled_from(schedule.assumptions.code()))) if schedule.assumptions.code() else set()
    )

    def broken(tried: Schedule) -> tuple[str, ...]:
        fails = needed <= tried.faults.keys() and switches <= set(tried.assumptions.code())
        return ("broken",) if fails else ()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "replay", broken)
        smallest = search.shrink(schedule)
    assert smallest.faults == {point: schedule.faults[point] for point in needed}
    assert set(smallest.assumptions.code()) == switches
