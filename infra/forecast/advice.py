"""What synth warns of in an endpoint's plan, in one line."""

from infra.config.entry import Entry
from infra.config.limits import ALARM_SECONDS, PUBLISHING_SECONDS
from infra.config.sections.variant import ServerlessVariant
from infra.forecast.entries import case
from infra.forecast.forecast import Forecast, forecast
from infra.forecast.outcomes import Case
from infra.forecast.risks import SUFFICIENT, lost
from infra.forecast.steps import planned
from infra.forecast.suggestion import can_be_detected
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from infra.forecast.wording import count, duration, name, percent, rate


def advice(endpoint: str, entry: Entry) -> str | None:
    """Return a warning if the plan of the entry would probably not detect a bad version in time, or would lose a good
    one. None also if the entry gives no traffic, or is serverless."""
    if entry.traffic is None or isinstance(entry.variant, ServerlessVariant):
        return None
    own = case(entry, entry.traffic)
    found = forecast(own)
    is_seen = found.chance_in_time >= SUFFICIENT or (not can_be_detected(own) and _is_judged(entry, own))
    doubts = [] if is_seen else [_doubt(own, found)]
    if loss := lost(own, found):
        doubts.append(loss)
    if not doubts:
        return None
    return f"{endpoint}: {' '.join(doubts)} `make plan ENDPOINT={endpoint}` compares the strategies."


def unguarded(endpoint: str, entry: Entry) -> str | None:
    """Return a warning for a serverless variant, which has no deployment guardrails."""
    if not isinstance(entry.variant, ServerlessVariant):
        return None
    warning = (
        f"{endpoint}: a serverless endpoint has no deployment guardrails. An approved version gets all traffic at "
        "once. SageMaker watches no alarm, keeps no old fleet, cannot stop the update, and rolls nothing back."
    )
    window = entry.rollback_on.watch_seconds
    if not window:
        return f"{warning} Nothing guards the version, because watch_seconds is 0."
    return (
        f"{warning} If a standing alarm, or one of yours, fires within the next {duration(window)}, Approval Gate puts "
        f"the last good version back. An alarm needs {ALARM_SECONDS} s of errors and up to about {PUBLISHING_SECONDS} "
        "s to fire, and the update back takes time. Until then the bad version answers. There is no plan for it."
    )


def _doubt(own: Case, found: Forecast) -> str:
    bad = f"a version that fails {rate(own.load.error_rate)} of its requests"
    if not can_be_detected(own):
        threshold = f"error_rate_percent: {own.alarm.threshold * 100:g}"
        fix = " `judge: {mode: revert}` compares it with the live version." if _has_steps(own) else ""
        return f"{bad} is not stopped by the alarms, because it does not exceed {threshold}.{fix}"
    requests, seconds = _exposed(own)
    before = "before it has all traffic" if _has_steps(own) else "during its bake"
    tested = f"{count(requests)} request{'' if requests == 1 else 's'} in {duration(seconds)}"
    if requests < 1:
        return f"too little traffic to judge a version: {name(own.rollout)} tests it with {tested} {before}."
    return f"{bad} is detected {before} with a chance of {percent(found.chance_in_time)}. It answers {tested}."


def _is_judged(entry: Entry, own: Case) -> bool:
    """True if the judge stops a version that fails too little for the alarms."""
    return entry.judge.mode == "revert" and _has_steps(own)


def _has_steps(own: Case) -> bool:
    return own.rollout.strategy.traits.has_steps


def _exposed(own: Case) -> tuple[float, float]:
    """Return the requests, and the seconds, with which the new fleet is tested while the old fleet has traffic too."""
    timeline = Timeline(planned(own.rollout, own.instance_count, TYPICAL))
    partial = [end for step, end in zip(timeline.steps, timeline.ends, strict=True) if step.share < 1]
    seconds = partial[-1] if partial else timeline.last_rollback
    return own.load.requests_per_second * timeline.traffic(0, seconds), seconds
