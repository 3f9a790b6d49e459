"""A record says what the faults of a schedule meet."""

import pytest

from simulation.campaign import search
from simulation.campaign.record import Record
from simulation.campaign.schedule import Schedule, ScheduleError
from simulation.faults.kinds import Kind

POINTS = Schedule.parse("approve/1:5lo,20th,31rv")


def test_a_schedule_and_its_record_have_the_same_faults() -> None:
    record = Record.of(POINTS)
    assert record.schedule == Schedule.parse("approve/1:")
    assert list(record.faults.values()) == [Kind.LOST, Kind.THROTTLED, Kind.REVOKE]
    assert record.placed() == POINTS
    assert search.replay(record.placed()) == search.replay(POINTS)


def test_a_record_is_one_text() -> None:
    text = "approve/1: DescribeEndpoint 1 lo, SageMaker Model Package State Change 2 ed"
    assert str(Record.parse(text)) == text
    assert str(Record.parse(str(Record.of(POINTS)))) == str(Record.of(POINTS))


def test_a_scenario_without_faults_is_a_record() -> None:
    assert Record.parse("approve") == Record(Schedule("approve"), {})


def test_a_fault_that_meets_nothing_any_more_is_left_out() -> None:
    assert Record.parse("approve: DescribeEndpoint 1 lo, DescribeEndpoint 999 lo").placed().faults.keys() == {
        point for point, kind in Record.parse("approve: DescribeEndpoint 1 lo").placed().faults.items()
    }


@pytest.mark.parametrize("text", ["approve: 5lo", "approve: DescribeEndpoint lo", "approve: DescribeEndpoint 1 zz"])
def test_what_names_no_call_or_no_kind_is_no_record(text: str) -> None:
    with pytest.raises(ScheduleError, match="is no fault: what it meets, a number and a kind"):
        Record.parse(text)
