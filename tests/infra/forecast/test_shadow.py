"""What the plan says about the rung of a shadow."""

import dataclasses

import pytest

from infra.forecast.shadow import sentences
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from tests.infra.forecast.cases import CANARY, case

SHADOW = Shadow(percent=20, hours=24, min_requests=1000, instance_count=1)


@pytest.mark.parametrize(
    ("per_second", "background", "expected"),
    [
        (
            20,
            0.005,
            [
                "Before that, it is the shadow of the live version for 24 h, which takes {hours} extra instance-hours, "
                "and gets 345,600 copies of requests.",
                "These show, with a chance of 90%, a version that fails 0.7398% of them.",
            ],
        ),
        (
            0.01,
            0.005,
            [
                "Before that, it is the shadow of the live version for 24 h, which takes {hours} extra instance-hours, "
                "and gets 172 copies of requests.",
                "That is fewer than min_requests: 1000, so the shadow is inconclusive. Ask for fewer, or for more "
                "hours or percent.",
            ],
        ),
    ],
    ids=["busy", "too quiet"],
)
def test_the_rung_takes_time_and_instances_and_shows_a_regression(
    per_second: float, background: float, expected: list[str]
) -> None:
    asked = case(CANARY, per_second=per_second)
    load = dataclasses.replace(asked.load, background=background)
    found = list(sentences(SHADOW, Judge(), asked.rollout, asked.instance_count, load))
    hours = found[0].split("takes ")[1].split(" extra")[0]
    assert found == [each.format(hours=hours) for each in expected]
    assert 24 < float(hours) < 28
