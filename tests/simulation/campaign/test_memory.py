"""What is remembered is what the product itself gives."""

from lambdas.gate import codec
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state import record
from lambdas.gate.state.head import Head
from simulation.campaign import memory, search
from simulation.campaign.schedule import Schedule
from simulation.mutants.mutant import nothing
from simulation.mutants.mutation import mutated
from simulation.world.example import SPEC


def test_schedules_come_out_alike_with_and_without_it() -> None:
    without = search.at_random(7, 5, 0.04), search.exhaust(Schedule("revoke-only"), 1)
    with memory.remembering():
        assert (search.at_random(7, 5, 0.04), search.exhaust(Schedule("revoke-only"), 1)) == without


def test_a_text_is_parsed_once_until_it_is_forgotten() -> None:
    with memory.remembering():
        first = codec.decode(Spec, SPEC.to_json())
        assert codec.decode(Spec, SPEC.to_json()) is first
        memory.forget()
        assert codec.decode(Spec, SPEC.to_json()) is not first
    assert codec.decode(Spec, SPEC.to_json()) is not codec.decode(Spec, SPEC.to_json())


def test_what_decides_in_a_head_is_worked_out_once_until_it_is_forgotten() -> None:
    head, same = (Head(SPEC.endpoint, SpecSeen(1, 0), 0, paused="by nobody") for _ in range(2))
    without = record.state_of(head)
    with memory.remembering():
        first = record.state_of(head)
        assert record.state_of(head) is first
        assert first == record.state_of(same) == without
        memory.forget()
        assert record.state_of(head) is not first
        assert record.state_of(None) == {}


def test_a_function_whose_answers_are_remembered_can_be_mutated() -> None:
    with memory.remembering(), mutated(codec.decode, nothing):
        memory.forget()
        assert codec.decode(Spec, SPEC.to_json()) is None
    memory.forget()
