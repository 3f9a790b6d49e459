"""Slow requests: which minutes compare them, equal versions are hardly ever slower, and a slower one is found."""

import dataclasses
import math
import random

import pytest

from lambdas.gate.decide.judging import compared
from lambdas.gate.judge.latency import LATENCY_ALPHA, by_latency
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.state.comparison import Findings, Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute, Slow

RULES = Judge(JudgeMode.REVERT, margin_percent=0, latency=Latency(JudgeMode.REVERT, 200))


SLOW = Slow(3, 4)


def minute(old: int, new: int, slow: Slow | None = SLOW) -> SharedMinute:
    """`old`, `new`: requests of the fleets. Each failed one of them."""
    return SharedMinute(0.0, Count(old, 1), Count(new, 1), slow)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (minute(600, 600), [SharedMinute(0.0, Count(600, 3), Count(600, 4))]),
        (minute(700, 300), [SharedMinute(0.0, Count(700, 3), Count(300, 4))]),
        (minute(701, 299), []),
        (minute(900, 100), []),
        (minute(600, 600, None), []),
        (minute(0, 0, Slow(0, 0)), []),
    ],
    ids=["half", "a third, nearly", "less", "one of ten", "not known", "no requests"],
)
def test_minutes_count_in_which_the_new_fleet_is_about_half_as_large(
    given: SharedMinute, expected: list[SharedMinute]
) -> None:
    assert list(by_latency([given])) == expected


def test_both_signals_share_the_chance_of_a_false_verdict() -> None:
    """As many failures are enough for the whole chance, and not for what latency leaves of it."""
    shared = (SharedMinute(0.0, Count(300, 1), Count(300, 13), Slow(1, 13)),)
    alone = compared(dataclasses.replace(RULES, latency=None), shared)
    both = compared(RULES, shared)
    assert (alone.verdict, alone.latency) == (Verdict.WORSE, None)
    assert (both.verdict, both.is_slower) == (Verdict.NOT_WORSE_SEEN, False)


def drawn(rng: random.Random, requests: int, share: float) -> int:
    return sum(rng.random() < share for _ in range(requests))


def rollout(rng: random.Random, requests: int, share: float, old: float, new: float) -> Findings:
    """Twelve minutes. `share`: of the new fleet. `old`, `new`: how many of the versions' requests are slow."""
    minutes = []
    for at in range(12):
        on_new = drawn(rng, requests, share)
        slow = Slow(drawn(rng, requests - on_new, old), drawn(rng, on_new, new))
        minutes.append(SharedMinute(60.0 * at, Count(requests - on_new, 0), Count(on_new, 0), slow))
    return compared(RULES, tuple(minutes))


@pytest.mark.parametrize("slow", [0.01, 0.05, 0.5])
@pytest.mark.parametrize(("requests", "share"), [(20, 0.5), (120, 0.33), (120, 0.7)])
def test_an_equal_version_is_hardly_ever_slower(requests: int, share: float, slow: float) -> None:
    """Of 200 pairs, with no margin. A count above the promise by less than three standard errors is chance."""
    rng, pairs = random.Random(7), 200
    lost = sum(rollout(rng, requests, share, slow, slow).is_slower for _ in range(pairs))
    assert lost <= pairs * LATENCY_ALPHA + 3 * math.sqrt(pairs * LATENCY_ALPHA)


def test_a_slower_version_is_found_and_its_failures_are_not_blamed() -> None:
    rng, rollouts = random.Random(7), 40
    found = [rollout(rng, 300, 0.5, 0.02, 0.08) for _ in range(rollouts)]
    assert sum(each.is_slower for each in found) >= 0.95 * rollouts
    assert {each.verdict for each in found} == {Verdict.NOT_WORSE_SEEN}


def test_a_faster_version_is_not_slower() -> None:
    rng = random.Random(7)
    assert not any(rollout(rng, 300, 0.5, 0.08, 0.02).is_slower for _ in range(20))


@pytest.mark.parametrize(
    ("mode", "latency", "is_worse", "is_slower", "is_condemned", "is_final"),
    [
        (JudgeMode.REVERT, JudgeMode.REVERT, False, True, True, True),
        (JudgeMode.REVERT, JudgeMode.OBSERVE, False, True, False, False),
        (JudgeMode.REVERT, JudgeMode.OBSERVE, True, False, True, True),
        (JudgeMode.OBSERVE, JudgeMode.REVERT, False, True, False, False),
        (JudgeMode.OBSERVE, JudgeMode.OBSERVE, True, True, False, True),
        (JudgeMode.REVERT, JudgeMode.REVERT, False, False, False, False),
    ],
)
def test_a_slower_version_goes_if_both_modes_say_so(
    mode: JudgeMode, latency: JudgeMode, is_worse: bool, is_slower: bool, is_condemned: bool, is_final: bool
) -> None:
    rules = Judge(mode, latency=Latency(latency, 200))
    bad, good = (300, 90), (300, 3)
    failed, slow = (bad if is_worse else good), (bad if is_slower else good)
    shared = SharedMinute(0.0, Count(*good), Count(*failed), Slow(good[1], slow[1]))
    found = compared(rules, (shared,))
    assert (found.condemns(rules), found.is_final(rules)) == (is_condemned, is_final)
