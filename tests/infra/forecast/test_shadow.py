"""What the plan says about the rung of a shadow."""

import dataclasses

import pytest

from infra.forecast.shadow import sentences
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Differ, Shadow
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


@pytest.mark.parametrize(
    ("per_second", "max_percent", "expected"),
    [
        (
            20,
            1,
            "120,000 compared answers show, with a chance of 90%, a version that answers 1.168% of them otherwise, "
            "where max_percent: 1.",
        ),
        (0.1, 1, "1,728 compared answers are too few for max_percent: 1, so the shadow is inconclusive."),
    ],
)
def test_the_answers_that_are_compared_cost_captures_and_show_a_share(
    per_second: float, max_percent: float, expected: str
) -> None:
    asked, shadow = case(CANARY, per_second=per_second), dataclasses.replace(SHADOW, differ=Differ(max_percent))
    found = list(sentences(shadow, Judge(), asked.rollout, asked.instance_count, asked.load))
    requests, copies = int(86_400 * per_second), int(17_280 * per_second)
    assert found[1:3] == [
        f"Meanwhile data capture writes {requests:,} requests and {copies:,} copies, with their answers, to S3.",
        expected,
    ]
