"""What synth says of an endpoint's plan: one line."""

from dataclasses import dataclass

from infra.config.entry import Entry
from infra.config.limits import ALARM_SECONDS, PUBLISHING_SECONDS
from infra.config.sections.variant import ServerlessVariant
from infra.forecast.entries import case
from infra.forecast.forecast import Forecast, forecast
from infra.forecast.outcomes import Case
from infra.forecast.steps import planned
from infra.forecast.suggestion import ENOUGH, can_be_seen
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from infra.forecast.wording import count, duration, name, percent, rate


@dataclass(frozen=True)
class Advice:
    is_warning: bool
    text: str


def advice(endpoint: str, entry: Entry) -> Advice | None:
    """None where the entry does not say its traffic, and of a serverless variant, of which there is no plan."""
    if entry.traffic is None or isinstance(entry.variant, ServerlessVariant):
        return None
    asked = case(entry, entry.traffic)
    found = forecast(asked)
    if found.chance_in_time < ENOUGH:
        return Advice(True, f"{endpoint}: {_doubt(asked, found)} {_more(endpoint)}")
    return Advice(False, f"{endpoint}: {_promise(asked, found)} {_more(endpoint)}")


def unguarded(endpoint: str, entry: Entry) -> str | None:
    """What synth warns of where the variant is serverless."""
    if not isinstance(entry.variant, ServerlessVariant):
        return None
    told = (
        f"{endpoint}: a serverless endpoint has no deployment guardrails. An approved version gets all traffic at "
        "once; SageMaker watches no alarm, bakes nothing, cannot be told to stop, and rolls nothing back."
    )
    window = entry.rollback_on.watch_seconds
    if not window:
        return f"{told} Nothing guards it, as watch_seconds is 0."
    return (
        f"{told} What guards it: for {duration(window)} after that the standing alarms, and yours, have Approval Gate "
        f"put the last good version back. They need {ALARM_SECONDS} s of errors and up to some {PUBLISHING_SECONDS} s "
        "to fire, and the update back takes its time; meanwhile the bad version answers. There is no plan for it."
    )


def _promise(asked: Case, found: Forecast) -> str:
    detected, answered = found.detected, found.bad_requests
    if detected is None or answered is None:
        raise ValueError("Nothing can be promised of a version that is never seen.")
    at_worst = "" if answered.worst is None else f", {count(answered.worst)} at worst"
    return (
        f"a version that fails {rate(asked.load.error_rate)} of its requests is seen after "
        f"{duration(detected.mean)} on average, having answered {count(answered.mean)} requests{at_worst}."
    )


def _doubt(asked: Case, found: Forecast) -> str:
    bad = f"a version that fails {rate(asked.load.error_rate)} of its requests"
    if not can_be_seen(asked):
        return (
            f"{bad} does not exceed error_rate_percent: {asked.alarm.threshold * 100:g}, so it is not meant to be seen."
        )
    requests, seconds = _exposed(asked)
    before = "before it has all traffic" if asked.rollout.strategy.traits.has_steps else "in its bake"
    tested = f"{count(requests)} request{'' if requests == 1 else 's'} in {duration(seconds)}"
    if requests < 1:
        return f"too quiet to prove anything: {name(asked.rollout)} tries a new version on {tested} {before}."
    return f"{bad} is seen {before} with a chance of {percent(found.chance_in_time)}: it answers {tested}."


def _exposed(asked: Case) -> tuple[float, float]:
    """The requests, and the seconds, that the new fleet is tried with while the old one still has traffic."""
    timeline = Timeline(planned(asked.rollout, asked.instance_count, TYPICAL))
    partial = [end for step, end in zip(timeline.steps, timeline.ends, strict=True) if step.share < 1]
    seconds = partial[-1] if partial else timeline.returnable
    return asked.load.requests_per_second * timeline.traffic(0, seconds), seconds


def _more(endpoint: str) -> str:
    return f"`make plan ENDPOINT={endpoint}` compares the strategies."
