"""Both risks of a plan, as sentences."""

import dataclasses

import pytest

from infra.forecast.forecast import power
from infra.forecast.outcomes import Case
from infra.forecast.risks import SUFFICIENT, risks, smallest_seen, smallest_watched
from tests.infra.forecast.cases import AT_ONCE, CANARY, ROLLING, case


def with_background(of: Case, background: float) -> Case:
    return dataclasses.replace(of, load=dataclasses.replace(of.load, background=background))


@pytest.mark.parametrize("rolled_out", [AT_ONCE, CANARY, ROLLING])
def test_the_smallest_regression_that_is_seen_is_seen(rolled_out: object) -> None:
    asked = case(rolled_out, per_second=5)  # type: ignore[arg-type]
    smallest = smallest_seen(asked)
    assert smallest is not None
    less, more = power(asked, [smallest * 0.95, smallest * 1.05])
    assert less < SUFFICIENT < more


@pytest.mark.parametrize(
    ("per_second", "background", "expected"),
    [(1, 0.005, 0.029), (20, 0.005, 0.016), (20, 0.0, 0.011), (0.02, 0.005, None)],
    ids=["60 a minute", "busy", "no background: above 1 %", "fewer than 20 requests in 15 minutes"],
)
def test_what_the_watch_alarm_sees(per_second: float, background: float, expected: float | None) -> None:
    assert smallest_watched(with_background(case(CANARY, per_second=per_second), background)) == expected


SEES = "canary 50% sees in time, with a chance of 90%, a version that fails 17% of its requests."


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            with_background(case(CANARY, per_second=1), 0.005),
            [
                f"{SEES} `wait_seconds: 600` would show 10%.",
                "After the rollout the watch alarm sees one that fails 2.9% within 15 minutes.",
            ],
        ),
        (
            with_background(case(CANARY, per_second=0.01), 0.005),
            [
                "canary 50% sees no version in time with a chance of 90%. `wait_seconds: 2400` would show 64%.",
                "The traffic is too small for the watch alarm, which needs 20 failures in 15 minutes.",
            ],
        ),
        (
            with_background(case(CANARY, per_second=1), 0.02),
            [
                f"{SEES} `wait_seconds: 600` would show 10%.",
                "After the rollout the watch alarm sees one that fails 7.2% within 15 minutes.",
                "error_rate_percent 1 rolls back 3% of the versions that are as good as the live one, if that fails 2% "
                "of its requests.",
            ],
        ),
    ],
    ids=["a canary", "hardly any traffic", "a hard stop below the background"],
)
def test_the_sentences(asked: Case, expected: list[str]) -> None:
    assert list(risks(asked)) == expected
