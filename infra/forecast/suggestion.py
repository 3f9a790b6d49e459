"""A change of an entry whose bad version would not be detected in time."""

import dataclasses

from infra.config import limits
from infra.config.plan import first_wait
from infra.forecast.forecast import forecast
from infra.forecast.outcomes import Case
from infra.forecast.risks import SUFFICIENT
from infra.forecast.wording import percent


def can_be_detected(case: Case) -> bool:
    """True if the bad version's error rate is above the alarm's threshold."""
    return case.load.error_rate > case.alarm.threshold


def suggestion(case: Case) -> str:
    """Return the shortest sufficient wait, in whole minutes, or that there is none."""
    if not can_be_detected(case):
        return f"A rollback_on.error_rate_percent below {case.load.error_rate * 100:g} would detect it."
    key = first_wait(case.rollout.strategy)
    shortest, longest = getattr(case.rollout, key) // 60 + 1, limits.WAIT_SECONDS[1] // 60
    if shortest > longest or _chance(case, key, longest) < SUFFICIENT:
        return f"No {key} would raise this to {percent(SUFFICIENT)}. Your own test requests during the rollout would."
    while shortest < longest:
        middle = (shortest + longest) // 2
        if _chance(case, key, middle) < SUFFICIENT:
            shortest = middle + 1
        else:
            longest = middle
    return f"`{key}: {longest * 60}` would raise this to {percent(_chance(case, key, longest))}."


def _chance(case: Case, key: str, minutes: int) -> float:
    wait = {key: minutes * 60}
    longer = dataclasses.replace(case.rollout, **wait)  # type: ignore[arg-type] # both keys are seconds
    return forecast(dataclasses.replace(case, rollout=longer)).chance_in_time
