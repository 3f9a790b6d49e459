"""The watch alarms in the head: which are put, and which are over. Pure."""

import dataclasses

from lambdas.gate.decide.action import Close
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Attempt, Outcome
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.watch import Watch


def watch(spec: Spec | None, attempt: Attempt, decision: Close, since: float, now: float) -> Watch | None:
    """Return the watch that begins when the attempt is closed; None if there is none. A version that is to be replaced
    anyway is not watched, nor one that went live so long ago that its watch window is over. `spec`: None if the
    endpoint's stack was deleted. `since`: when the version went live."""
    is_kept = decision.outcome is Outcome.SHADOWED
    is_to_go = decision.quarantine or decision.restores_settings
    is_live = is_kept or (decision.outcome is Outcome.SUCCEEDED and not is_to_go)
    if spec is None or attempt.watch_above is None or not is_live or not alarms.is_watchable(spec):
        return None
    until = since + spec.rollback_on.watch_seconds
    return Watch(attempt.fleet.config, until, attempt.watch_above) if now <= until else None


def begun(head: Head, watch: Watch | None) -> Head:
    """Return the head that knows of a watch alarm. It is to be deleted whatever happens next."""
    return head if watch is None else dataclasses.replace(head, watches=(*(head.watches or ()), watch))


def over(spec: Spec, head: Head, standing: tuple[FiredAlarm, ...], now: float) -> tuple[Watch, ...]:
    """Return the watches whose alarm is to be deleted.

    1. Another version is live, or nobody knows any more that this one is watched.
    2. The watch window is over, and the alarm is not in ALARM since a time within the window, which counts.
    """

    def is_over(watch: Watch) -> bool:
        live = head.live
        if live is None or live.config != watch.config or live.watched_above is None:  # 1
            return True
        until, name = live.since + spec.rollback_on.watch_seconds, alarms.watch_name(head.endpoint, watch.config)
        return now > until and not any(alarm.name == name and alarm.at <= until for alarm in standing)  # 2

    return tuple(filter(is_over, head.watches or ()))


def without(head: Head, ended: tuple[Watch, ...]) -> Head:
    """Return the head without watches whose alarms are deleted."""
    left = tuple(watch for watch in head.watches or () if watch not in ended)
    return dataclasses.replace(head, watches=left or None)


def prolonged(spec: Spec, head: Head) -> Head:
    """Return the head that knows until when the live version is watched by the present spec, so that the janitor keeps
    its alarm."""
    live = head.live
    if live is None or head.watches is None:
        return head
    until = live.since + spec.rollback_on.watch_seconds
    watches = tuple(dataclasses.replace(w, until=until) if w.config == live.config else w for w in head.watches)
    return dataclasses.replace(head, watches=watches)
