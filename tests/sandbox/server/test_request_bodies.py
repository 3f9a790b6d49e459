"""An invalid request body is refused with a sentence that names the error, and none of it is executed."""

from typing import Any

import pytest

from sandbox.server.request_bodies import Advance, AssumptionsBody, FaultsBody, InvalidBody, Load, parsed, read

CALL = {"function": "f", "effect": "throttle"}
PATTERN = {"source": ["aws.ssm"]}


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (Advance, {}, "seconds is missing."),
        (Advance, {"seconds": "-1"}, 'seconds: Input should be greater than or equal to 0; found "-1".'),
        (Load, [1], "the body: Input should be a valid dictionary or instance of Load; found [1]."),
        (
            Load,
            {"endpoint": "", "requests_per_second": 1},
            'endpoint: String should have at least 1 character; found "".',
        ),
        (
            FaultsBody,
            {"explode": 1},
            "There is no explode; there are: drop_events, function_call, capacity, late_captures, slow_calls.",
        ),
        (FaultsBody, {"capacity": {"instance_type": "ml.m5.large"}}, "capacity.available is missing."),
        (
            FaultsBody,
            {"capacity": {"instance_type": "ml.m5.large", "available": -1}},
            "capacity.available: Input should be greater than or equal to 0; found -1.",
        ),
        (
            FaultsBody,
            {"drop_events": {"pattern": PATTERN, "count": "x"}},
            'drop_events.count: Input should be a valid integer, unable to parse string as an integer; found "x".',
        ),
        (
            FaultsBody,
            {"drop_events": {"pattern": {"source": "x"}}},
            "drop_events.pattern: Value error, 'source' must be an object or a non-empty array.; "
            'found {"source": "x"}.',
        ),
        (
            FaultsBody,
            {"function_call": CALL | {"effect": "explode"}},
            "function_call.effect: Input should be 'kill-before', 'kill-after', 'throttle', 'lose-request' or "
            "'lose-answer'; found \"explode\".",
        ),
        (FaultsBody, {"function_call": {"effect": "throttle"}}, "function_call.function is missing."),
        (FaultsBody, {"function_call": CALL | {"calls": 2}}, "There is no function_call.calls."),
        (
            AssumptionsBody,
            {"rolling_back_shows": "rarely"},
            'rolling_back_shows: Input should be a valid boolean, unable to interpret input; found "rarely".',
        ),
    ],
)
def test_an_invalid_body_is_refused_with_the_reason(kind: type[Any], fields: Any, message: str) -> None:
    with pytest.raises(InvalidBody) as raised:
        parsed(kind, fields)
    assert str(raised.value) == message


def test_a_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidBody, match="The body is not JSON"):
        read(Load, b"")


def test_a_field_that_a_body_leaves_out_stays_unchanged() -> None:
    assert read(
        AssumptionsBody, b'{"account_has_trail": false}', now={"rollback_moves_modified": False}
    ) == AssumptionsBody(account_has_trail=False, rollback_moves_modified=False)
