"""The rung of a shadow in the plan: what it takes and costs, and the smallest regression that it shows."""

import math
from collections.abc import Iterator

from infra.forecast.outcomes import Load
from infra.forecast.wording import count, percent, rate
from lambdas.comparer.pairing import MOST_COPIES
from lambdas.gate.decide.answers import ENOUGH, window_seconds
from lambdas.gate.judge.comparison import POWER, visible_regression
from lambdas.gate.judge.share import visible_share
from lambdas.gate.rollout.deployment_config import expected_seconds, reverting
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Differ, Shadow
from lambdas.gate.spec.spec import Rollout
from lambdas.gate.state.shared_minute import Count


def sentences(shadow: Shadow, rules: Judge, rollout: Rollout, instance_count: int, load: Load) -> Iterator[str]:
    """Yield what the rung takes, costs and shows. `load.background`: what share of its requests the live version
    fails."""
    launch = expected_seconds(reverting(rollout), instance_count)
    hours = shadow.instance_count * (shadow.hours + launch / 3600) + instance_count * launch / 3600
    requests = int(load.requests_per_second * shadow.seconds)
    copies = int(requests * shadow.percent / 100)
    yield (
        f"Before that, it is the shadow of the live version for {shadow.hours} h, which takes {hours:.1f} extra "
        f"instance-hours, and gets {count(copies)} copies of requests."
    )
    if shadow.differ:
        yield from _answers(shadow, shadow.differ, requests, copies)
    if copies < shadow.min_requests:
        yield (
            f"That is fewer than min_requests: {shadow.min_requests}, so the shadow is inconclusive. Ask for fewer, "
            "or for more hours or percent."
        )
        return
    old, new = (Count(answered, round(answered * load.background)) for answered in (requests, copies))
    seen = visible_regression(old, new, rules.margin_percent / 100)
    if seen is None:
        yield f"These show no regression with a chance of {percent(POWER)}."
    else:
        yield f"These show, with a chance of {percent(POWER)}, a version that fails {rate(old.rate + seen)} of them."


def _answers(shadow: Shadow, differ: Differ, requests: int, copies: int) -> Iterator[str]:
    """Yield what the comparison of the answers costs and shows."""
    yield (
        f"Meanwhile data capture writes {count(requests)} requests and {count(copies)} copies, with their answers, to "
        "S3."
    )
    windows = math.ceil(shadow.seconds / window_seconds(shadow))
    pairs = min(copies, windows * MOST_COPIES)
    seen = visible_share(pairs, differ.share) if pairs else None
    allowed = f"max_percent: {differ.max_percent:g}"
    if seen is None or seen > min(1.0, ENOUGH * differ.share):
        yield f"{count(pairs)} compared answers are too few for {allowed}, so the shadow is inconclusive."
    else:
        told = f"a version that answers {rate(seen)} of them otherwise"
        yield f"{count(pairs)} compared answers show, with a chance of {percent(POWER)}, {told}, where {allowed}."
