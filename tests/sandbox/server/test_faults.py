"""Which call of a function a fault applies to."""

import pytest

from sandbox.server.faults import CallFault, Effect, Faults
from sandbox.server.request_bodies import parsed


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"call": 2}, [None, "kill-after", None]),
        ({"action": "s:B"}, [None, "kill-after", "kill-after"]),
        ({"action": "s:B", "count": 1}, [None, "kill-after", None]),
        ({"action": "s:B", "call": 3}, [None, None, "kill-after"]),
        ({"count": 3}, ["kill-after"] * 3),
        ({"function": "g", "call": 1}, [None] * 3),
    ],
)
def test_a_fault_applies(fault: dict[str, object], expected: list[str | None]) -> None:
    faults = Faults()
    faults.add(parsed(CallFault, {"function": "f", "effect": "kill-after", "count": 2} | fault))
    calls = enumerate(("s:A", "s:B", "s:B"), start=1)
    assert [faults.take("f", number, action) for number, action in calls] == expected


def test_the_first_fault_is_used_first() -> None:
    faults = Faults()
    faults.add(CallFault("f", Effect.THROTTLE, call=1))
    faults.add(CallFault("f", Effect.KILL_BEFORE, call=1))
    assert [faults.take("f", 1, "s:A") for _ in range(3)] == ["throttle", "kill-before", None]
