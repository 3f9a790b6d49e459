"""Copies of requests, as a shadow variant gets them: the comparison stays a fair one.

A failure of the live version and that of its copy may have one cause, the request. Metrics do not tell such twins from
two failures of different requests. Each twin speaks against a worse version. So twins only make the comparison more
careful.
"""

import math
import random

import pytest

from lambdas.gate.judge.comparison import RATIOS, _evidence, compare
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute

COPIED = (0.01, 0.1, 0.5, 1.0)
"""Shares of the requests that are copied, from 0 to 1."""


def evidence_of_one(copied: float, *, old: int, new: int) -> float:
    """Return how much these failures of a minute multiply the evidence of a ratio, on average over the ratios."""
    minute = SharedMinute(0.0, Count(10_000, old), Count(round(10_000 * copied), new))
    ((_, evidence),) = _evidence([minute])
    return math.exp(evidence) / len(RATIOS)


@pytest.mark.parametrize("copied", COPIED)
@pytest.mark.parametrize("chance", [0.0, 1e-3, 0.02, 0.3, 0.7, 1.0])
def test_no_request_raises_the_expected_evidence_whatever_its_chance_to_fail(copied: float, chance: float) -> None:
    """Equal versions fail a request with the same chance, each by itself. The chance may be any: 1 stands for a request
    that no model can answer, whose copy fails as well. Requests are independent given their chances, so what holds of
    one holds of any mixture of them."""
    expected = 0.0
    for is_copied, likely in ((True, copied), (False, 1 - copied)):
        for old in (0, 1):
            for new in (0, 1) if is_copied else (0,):
                own = chance if old else 1 - chance
                its_copy = (chance if new else 1 - chance) if is_copied else 1.0
                expected += likely * own * its_copy * evidence_of_one(copied, old=old, new=new)
    assert expected <= 1 + 1e-9


@pytest.mark.parametrize("copied", COPIED)
def test_twins_speak_against_a_worse_version(copied: float) -> None:
    assert evidence_of_one(copied, old=1, new=1) < evidence_of_one(copied, old=0, new=1)


@pytest.mark.parametrize("twins", [0.0, 0.5, 1.0])
def test_an_equal_shadow_is_hardly_ever_found_worse(twins: float) -> None:
    """Of 100 rungs of an hour. `twins`: the share of failures that the request causes."""
    rng, lost = random.Random(7), 0
    for _ in range(100):
        minutes = []
        for at in range(60):
            caused = sum(rng.random() < 0.02 * twins for _ in range(100))
            own, its = (sum(rng.random() < 0.02 * (1 - twins) for _ in range(100)) for _ in range(2))
            copied = sum(rng.random() < 0.5 for _ in range(caused))
            minutes.append(SharedMinute(60.0 * at, Count(100, caused + own), Count(50, copied + its // 2)))
        lost += compare(minutes, margin=0.0, must_see=0.1).verdict is Verdict.WORSE
    assert lost <= 1


def test_a_worse_shadow_is_found() -> None:
    minutes = [SharedMinute(60.0 * at, Count(200, 1), Count(100, 4)) for at in range(60)]
    assert compare(minutes, margin=0.002, must_see=0.1).verdict is Verdict.WORSE
