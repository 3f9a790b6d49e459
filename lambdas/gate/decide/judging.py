"""The judge during a rollout: when it looks at the metrics, and what its verdict means for the attempt. Pure."""

from dataclasses import replace

from lambdas.gate.decide.action import Close
from lambdas.gate.judge.at_rest import at_rest
from lambdas.gate.judge.comparison import ALPHA, compare
from lambdas.gate.judge.latency import LATENCY_ALPHA, by_latency
from lambdas.gate.rollout import deployment_config
from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Outcome, Purpose
from lambdas.gate.state.comparison import Comparison, Findings, Judging, Verdict
from lambdas.gate.state.head import Head
from lambdas.gate.state.shared_minute import Count, SharedMinute
from lambdas.gate.text import time_text

PUBLISHED_SECONDS = 180
"""The age at which a minute is taken to be whole in CloudWatch. A datapoint that is later still is in the next look,
because each look reads all minutes anew."""
LOOK_SECONDS = 60
"""The time between two looks."""
AGAIN_SECONDS = 900
"""How long after the judge stopped a rollout the same approval is tried once more, on a new fleet."""


def judging(spec: Spec, purpose: Purpose) -> Judging | None:
    """Return how the judge compares an attempt's version with the live one; None if it does not.

    1. `judge.mode` is off.
    2. A first creation has no live version, and a revert is to replace a failing one.
    3. Serverless and asynchronous endpoints, and rollouts in one step, have no minutes in which both versions serve.
    """
    rules, rollout = spec.judged_by, spec.rollout
    if rules.mode is JudgeMode.OFF:  # 1
        return None
    if not purpose.goes_forward:  # 2
        return None
    if spec.variant.serverless or spec.serving.asynchronous or not rollout.strategy.traits.has_steps:  # 3
        return None
    return Judging(rules, spec.variant.name, deployment_config.last_phase_seconds(rollout))


def first_look(attempt: Attempt) -> float | None:
    """Return when the judge first looks at an accepted attempt, in seconds since 1970; None if it never does."""
    return next_look(attempt.began + PUBLISHED_SECONDS) if attempt.is_to_compare else None


def next_look(now: float) -> float:
    """Return when the judge looks again. All looks at an endpoint fall on whole minutes, so that two chains of messages
    become one."""
    return (now // LOOK_SECONDS + 1) * LOOK_SECONDS


def settled_at(attempt: Attempt, modified_at: float) -> float | None:
    """Return when all minutes that both fleets shared are in the metrics, with the one in which the last traffic moved
    and the one after it, in seconds since 1970; None if the end of the rollout is not known. `modified_at`: the
    LastModifiedTime of the endpoint, which serves the new config."""
    ended = attempt.ended(modified_at)
    if ended is None or attempt.judging is None:
        return None
    return ended - attempt.judging.alone_seconds + 2 * LOOK_SECONDS + PUBLISHED_SECONDS


def shared(judging: Judging, minutes: tuple[SharedMinute, ...]) -> tuple[SharedMinute, ...]:
    """Return the minutes that count."""
    return tuple(at_rest(minutes, judging.rules.warm_up_minutes))


def compared(rules: Judge, minutes: tuple[SharedMinute, ...]) -> Findings:
    """Return what the minutes that count show. Failed and slow requests share the chance ALPHA of a false verdict."""
    limits = {"margin": rules.margin_percent / 100, "must_see": rules.must_see_percent / 100}
    if rules.latency is None:
        return Findings(**vars(compare(minutes, **limits, alpha=ALPHA)))
    failed = compare(minutes, **limits, alpha=ALPHA - LATENCY_ALPHA)
    return Findings(**vars(failed), latency=compare(by_latency(minutes), **limits, alpha=LATENCY_ALPHA))


def is_found_worse(judging: Judging, minutes: tuple[SharedMinute, ...] | None) -> bool:
    """True if the minutes since the attempt began give a final verdict. False if they could not be read."""
    return minutes is not None and compared(judging.rules, shared(judging, minutes)).is_final(judging.rules)


def stopped(head: Head, attempt: Attempt, found: Findings, now: float) -> Close:
    """Return how to close an attempt that the judge stopped.

    A verdict is about a fleet: one bad instance makes it worse, whatever the version. So the same approval is tried
    once more, on a new fleet. If that one is worse too, the approval is quarantined.
    """
    label = version_label(attempt.approval.version)
    reason = f"{label} was rolled back: {worse_text(head, attempt, found)}"
    before = head.retry(attempt.approval.order, attempt.fleet.settings)
    if before.found_worse:
        reason += "; a second fleet was worse too"
        return Close(reason, now, outcome=Outcome.ROLLED_BACK, quarantine=True)
    again = now + AGAIN_SECONDS
    reason += f"; it is tried once more, on a new fleet, at {time_text(again)}"
    return Close(reason, again, outcome=Outcome.ROLLED_BACK, retry=replace(before, not_before=again, found_worse=True))


def worse_text(head: Head, attempt: Attempt, found: Findings) -> str:
    """Return why an attempt's version does not stay, as a text."""
    if found.verdict is Verdict.WORSE or found.latency is None:
        return f"the judge found it worse: {_failures_text(head, attempt, found)}"
    return f"the judge found it slower: {_slow_text(head, attempt, found.latency)}"


def verdict_text(head: Head, attempt: Attempt, found: Findings) -> str:
    """Return what the judge found, as a text."""
    text = _by_failures(head, attempt, found)
    return f"{text}; {_by_latency(head, attempt, found.latency)}" if found.latency else text


def _by_failures(head: Head, attempt: Attempt, found: Comparison) -> str:
    if found.minutes == 0:
        return "the judge has no minutes in which both versions served: inconclusive"
    failed = _failures_text(head, attempt, found)
    if found.verdict is Verdict.WORSE:
        return f"the judge found it worse: {failed}"
    seen = "no regression" if found.visible is None else f"a regression of {100 * found.visible:.2g} percentage points"
    shown = f"these requests would have shown {seen} with 90%"
    if found.verdict is Verdict.INCONCLUSIVE:
        return f"the judge saw no difference, and {shown}: {failed}: inconclusive"
    return f"the judge did not find it worse: {failed}; {shown}"


def _by_latency(head: Head, attempt: Attempt, found: Comparison) -> str:
    if found.minutes == 0:
        return "it has no minutes to compare the latency"
    is_slower = found.verdict is Verdict.WORSE
    return f"it found it slower: {_slow_text(head, attempt, found)}" if is_slower else "it did not find it slower"


def _failures_text(head: Head, attempt: Attempt, found: Comparison) -> str:
    new, old = _versions(head, attempt)
    return f"{new} failed {_of(found.new)} requests, {old} {_of(found.old)} in the same minutes"


def _slow_text(head: Head, attempt: Attempt, found: Comparison) -> str:
    new, old = _versions(head, attempt)
    latency = attempt.judging.rules.latency if attempt.judging else None
    bound = f"{latency.slower_than_ms:,} ms" if latency else "the bound"
    slow = f"{new} answered {_share(found.new)} of its requests later than {bound}"
    return f"{slow}, {old} {_share(found.old)}, in the same minutes"


def _versions(head: Head, attempt: Attempt) -> tuple[str, str]:
    """Return what the new and the live version are called."""
    new, live = version_label(attempt.approval.version), head.live
    old = version_label(live.version or live.config) if live else "the live version"
    return new, f"{old} with the former settings" if old == new else old


def _of(count: Count) -> str:
    return f"{count.failures:,} of {count.requests:,}"


def _share(count: Count) -> str:
    return f"{100 * count.rate:.2g}%"
