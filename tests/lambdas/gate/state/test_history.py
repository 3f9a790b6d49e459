"""The bound of the history that all endpoints share."""

from lambdas.gate import codec
from lambdas.gate.state.history import MAXIMUM_BYTES, MAXIMUM_CALLS, History, RecordedCall
from lambdas.gate.state.identity import Identity
from tests.lambdas.builders import NOW, arn


def calls(count: int, arn_of_caller: str = "arn") -> tuple[RecordedCall, ...]:
    return tuple(RecordedCall(f"{n}", NOW + n, arn(2), Identity(arn_of_caller)) for n in range(count))


def test_a_history_that_fits_stays_as_it_is() -> None:
    history = History(NOW, NOW, NOW + 9000, calls(MAXIMUM_CALLS))
    assert history.fitted() == history


def test_the_newest_calls_stay_and_the_history_begins_after_those_left_out() -> None:
    fitted = History(NOW, NOW, NOW + 9000, calls(MAXIMUM_CALLS + 5)).fitted()
    assert (len(fitted.calls), fitted.calls[0].at, fitted.since) == (MAXIMUM_CALLS, NOW + 5, NOW + 5)


def test_long_names_leave_room_for_fewer_calls() -> None:
    fitted = History(NOW, NOW, NOW + 9000, calls(MAXIMUM_CALLS, 2048 * "a")).fitted()
    assert len(codec.encode(fitted).encode()) <= MAXIMUM_BYTES
    assert 0 < len(fitted.calls) < MAXIMUM_CALLS


def test_a_call_is_about_its_version_and_about_any_if_that_could_not_be_read() -> None:
    of_two, of_any = RecordedCall("1", NOW, arn(2), Identity()), RecordedCall("2", NOW, None, Identity())
    history = History(NOW, NOW, NOW, (of_two, of_any))
    assert history.of(arn(2)) == (of_two, of_any)
    assert history.of(arn(3)) == (of_any,)
