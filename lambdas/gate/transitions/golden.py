"""Results of golden requests in the ledger: evidence about an attempt, or the baseline of the live version.

While the old and the new fleet share the traffic, an answer does not say which of them gave it. A wrong answer is the
new fleet's if the live version answered the whole set right when it had all traffic. That result is its baseline.

A result counts only if the endpoint's prober sent it. Anybody may send one who may send to the inbox.
"""

import dataclasses
from typing import Any

from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.transitions.transition import Transition


def has_baseline(live: Live | None, digest: str) -> bool:
    """True if the live version answered every request of this set right."""
    if live is None or live.golden is None or live.golden.is_part:
        return False
    return (live.golden.digest, live.golden.failed) == (digest, 0)


def settle(spec: Spec, head: Head, found: tuple[GoldenResult, ...], now: float) -> Transition:
    """Return the head with the results that count, and an alert if the live version answers wrong, once for each set.

    1. Results of the prober that the spec names count.
    2. If the spec has golden requests and names no prober, its stack was not deployed since an earlier release. No
       result counts, and people are told once which stack to deploy. The row has the first result.
    """
    role_id = spec.golden.role_id if spec.golden else None
    head, facts = _unproved(spec, head, found, now)  # 2
    for result in sorted((each for each in found if each.is_from(role_id)), key=lambda each: each.at):  # 1
        attempt = head.attempt
        if attempt and result.config == attempt.fleet.config:
            head = dataclasses.replace(head, attempt=_judged(head.live, attempt, result))
        elif head.live and _is_about(head.live, attempt, result):
            head, more = _checked(head, head.live, result, now)
            facts += more
    return head, facts


def moved(head: Head, spec: Spec) -> Head:
    """Return the head whose attempt is guarded by the metric that the spec's prober puts.

    A spec without a namespace changes nothing: it may be a read that is older than the attempt.
    """
    attempt, namespace = head.attempt, spec.golden.namespace if spec.golden else None
    if attempt is None or attempt.golden_set is None or namespace in (None, attempt.golden_namespace):
        return head
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, golden_namespace=namespace))


def _unproved(spec: Spec, head: Head, found: tuple[GoldenResult, ...], now: float) -> Transition:
    if spec.golden is None or spec.golden.role_id is not None:
        return (dataclasses.replace(head, unproved=None) if head.unproved else head), ()
    if head.unproved or not found:
        return head, ()
    first = min(found, key=lambda each: each.at)
    reason = (
        "results of golden requests do not count: the spec does not name the prober's role; "
        f"deploy the stack {names.STACK}-{head.endpoint}"
    )
    parts = evidence(first)["golden_requests"] | {"config": first.config, "sender": first.sender, "counts": False}
    return dataclasses.replace(head, unproved=True), (Fact(Kind.ALERT, now, reason, detail={"golden_requests": parts}),)


def _judged(live: Live | None, attempt: Attempt, result: GoldenResult) -> Attempt:
    """The attempt with a result, if the result is evidence about it.

    The first wrong answers stay. Answers that either fleet may have given are no evidence. Right answers count only if
    all traffic was on the new fleet, and only for the attempt's own set.
    """
    before = attempt.golden
    if before is not None and before.failed:
        return attempt
    if result.failed:
        is_evidence = result.alone or has_baseline(live, result.digest)
    else:
        is_known = before is not None and before.digest == result.digest and not before.is_part
        is_evidence = result.alone and not is_known and attempt.golden_set in (None, result.digest)
    return dataclasses.replace(attempt, golden=result) if is_evidence else attempt


def _is_about(live: Live, attempt: Attempt | None, result: GoldenResult) -> bool:
    if result.config is not None:
        return result.config == live.config
    return attempt is None and result.at >= live.since


def _checked(head: Head, live: Live, result: GoldenResult, now: float) -> tuple[Head, tuple[Fact, ...]]:
    before = live.golden
    is_whole = before is not None and not before.is_part
    if before is not None and is_whole and (before.digest, before.failed > 0) == (result.digest, result.failed > 0):
        return head, ()
    head = dataclasses.replace(head, live=dataclasses.replace(live, golden=result))
    if not result.failed:
        return head, ()
    what = version_label(live.version) if live.version else live.config
    reason = f"{what} is live and answers wrong: {result.text}"
    return head, (Fact(Kind.ALERT, now, reason, version=live.version, detail=evidence(result)),)


def evidence(result: GoldenResult) -> dict[str, dict[str, Any]]:
    """Part of a row's detail: a result."""
    return {
        "golden_requests": {
            "digest": result.digest,
            "failed": result.failed,
            "wrong": [dataclasses.asdict(each) for each in result.wrong],
        }
    }
