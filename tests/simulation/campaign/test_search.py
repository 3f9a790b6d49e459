"""Which further faults are tried."""

from simulation.campaign import memory, search
from simulation.campaign.schedule import Schedule
from simulation.faults.kinds import Kind


def test_a_further_fault_comes_within_so_many_invocations_of_the_deployer() -> None:
    """The throttled call ends the first invocation. Two more follow before the faults stop."""
    throttled = Schedule("revoke-only", faults={3: Kind.THROTTLED})
    with memory.remembering():
        none, first, second, third = (search.exhaust(throttled, 1, invocations=n).schedules for n in range(4))
        every = search.exhaust(throttled, 1).schedules
    assert none == first == 1 < second < third == every


def test_a_first_fault_is_tried_at_every_point() -> None:
    with memory.remembering():
        assert search.exhaust(Schedule("nothing"), 1, invocations=0) == search.exhaust(Schedule("nothing"), 1)
