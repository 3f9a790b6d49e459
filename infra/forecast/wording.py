"""The figures of a plan, as people read them."""

import math

from lambdas.gate.spec.spec import Rollout, SizeType


def percent(chance: float) -> str:
    """Return the chance, rounded down, so that an uncertain one is not shown as 100%."""
    if chance > 1 - 5e-7:
        return "100%"
    if 0 < chance < 0.001:
        return "below 0.1%"
    return f"{math.floor(chance * 1000) / 10:g}%"


def rate(share: float) -> str:
    return f"{share * 100:.4g}%"


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def count(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def name(rollout: Rollout) -> str:
    """Return the strategy with the size of its step: `canary 50%`, `rolling by 2`."""
    strategy = rollout.strategy.value.replace("-", " ")
    if rollout.step is None:
        return strategy
    if rollout.step.type is SizeType.CAPACITY_PERCENT:
        return f"{strategy} {rollout.step.value}%"
    return f"{strategy} by {rollout.step.value}"
