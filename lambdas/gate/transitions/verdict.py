"""The judge's verdict in the ledger: its row keeps the minutes that it rests on, so that anybody can compute it again.
Pure."""

import dataclasses
from typing import Any

from lambdas.gate import codec
from lambdas.gate.decide.judgement import is_live
from lambdas.gate.decide.judging import compared, settled_at, shared, verdict_text
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.comparison import Findings
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint, Observed
from lambdas.gate.state.shared_minute import Count, SharedMinute, Slow
from lambdas.gate.transitions.transition import Transition


def judged(head: Head, observed: Observed, now: float) -> Transition:
    """Return the head with the judge's verdict on the open attempt, and its row, once the verdict is final.

    1. There is nothing to compare, or the metrics could not be read.
    2. The version is worse, or is stopped because it is slower. Later minutes do not change that.
    3. Any other verdict is final once the new fleet is live and all shared minutes are known.
    """
    attempt, endpoint, minutes = head.attempt, observed.endpoint, observed.minutes
    if attempt is None or attempt.judging is None or endpoint is None or minutes is None:  # 1
        return head, ()
    rules, counted = attempt.judging.rules, shared(attempt.judging, minutes)
    found = compared(rules, counted)
    if not found.is_final(rules) and not _is_over(attempt, endpoint, now):  # 2, 3
        return head, ()
    fact = Fact(
        Kind.JUDGED,
        now,
        verdict_text(head, attempt, found),
        version=attempt.approval.version,
        detail={
            "attempt": attempt.number,
            "endpoint_config": attempt.fleet.config,
            "previous_endpoint_config": attempt.previous_config,
            **evidence(rules, counted, found),
        },
    )
    judging = dataclasses.replace(attempt.judging, comparison=found)
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, judging=judging)), (fact,)


def _is_over(attempt: Attempt, endpoint: Endpoint, now: float) -> bool:
    """True if no minute that both fleets share is still to come."""
    settled = settled_at(attempt, endpoint.modified_at)
    return is_live(endpoint, attempt) and (settled is None or now >= settled)


def evidence(rules: Judge, minutes: tuple[SharedMinute, ...], found: Findings) -> dict[str, Any]:
    """Part of a row's detail: a verdict, the rules, and the minutes that count. Each minute is its start, and the
    requests and failures of the old and the new fleet; then, if they are known, the slow requests of both."""
    return {
        "comparison": codec.written(found),
        "judge": codec.written(rules),
        "minutes": [
            [each.at, each.old.requests, each.old.failures, each.new.requests, each.new.failures, *_slow(each)]
            for each in minutes
        ],
    }


def _slow(minute: SharedMinute) -> tuple[int, ...]:
    return (minute.slow.old, minute.slow.new) if minute.slow else ()


def misjudged(detail: dict[str, Any]) -> str | None:
    """Return how the verdict in a row's detail differs from what its minutes show, in words; None if it does not. The
    visible regression is left out, because another machine may round it differently."""
    try:
        rules, minutes = _rules(detail["judge"]), tuple(map(_minute, detail["minutes"]))
        found, written = codec.written(compared(rules, minutes)), dict(detail["comparison"])
        by_latency = _differs(found.pop("latency", None), written.pop("latency", None))
        return _differs(found, written) or (by_latency and f"by latency {by_latency}")
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return "its verdict cannot be computed again"


def _rules(written: dict[str, Any]) -> Judge:
    given = dict(written).get("latency")
    latency = None if given is None else Latency(JudgeMode(given["mode"]), given["slower_than_ms"])
    return Judge(**written | {"latency": latency})


def _minute(written: list[Any]) -> SharedMinute:
    at, old_requests, old_failures, new_requests, new_failures, *slow = written
    old, new = Count(old_requests, old_failures), Count(new_requests, new_failures)
    return SharedMinute(at, old, new, Slow(*slow) if slow else None)


def _differs(found: dict[str, Any] | None, written: dict[str, Any] | None) -> str | None:
    """Return how what is written about a signal differs from what its minutes show; None if it does not."""
    if found is None or written is None:
        return None if found is written else "its minutes were not compared"
    if all(written[name] == found[name] for name in found if name != "visible"):
        return None
    counts = " with other counts" if written["verdict"] == found["verdict"] else ""
    return f"its minutes show {found['verdict']}, and it says {written['verdict']}{counts}"
