"""Which alarms in ALARM count against the live version, and why the others do not. Pure.

An alarm that was in ALARM before it guarded the endpoint, or before the live version served, says nothing about that
version. It counts once it fires again.
"""

from lambdas.gate.decide.resize import stays_with_new_settings
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.text import time_text

ANEW = "it counts once it is OK and fires again"


def failing_alarms(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> tuple[FiredAlarm, ...]:
    """The alarms in ALARM that count against the live version."""
    return tuple(
        alarm
        for alarm in observed.standing
        if not alarms.is_for_people(spec, live, alarm.name)
        and _is_about_live(spec, head, live, alarm, now)
        and alarm.at > _guards_since(head, live, alarm)
        and not _is_of_settings(spec, live, alarm)
    )


def why_not_counted(spec: Spec, head: Head, live: Live, alarm: FiredAlarm, now: float) -> str | None:
    """Return the text of the alert about an alarm that does not count. None if it counts, or if people know already.

    1. AWS does not say since when it is in ALARM.
    2. It was in ALARM before it guarded the endpoint.
    3. It was in ALARM before the version went live. No alert if the alarm only needs time to notice that the version
       before is gone, or if that version was quarantined for it.
    4. It fired for changed settings of a version that was good before.
    """
    is_silent = alarms.is_for_people(spec, live, alarm.name)
    if is_silent or not live.is_watched(spec.rollback_on.watch_seconds, alarm.at):
        return None
    label, guards_since = version_label(live.version or live.config), _guards_since(head, live, alarm)
    if alarm.is_undated:  # 1
        return f"alarm {alarm.name} is in ALARM, and AWS does not say since when: {ANEW}"
    since = f"alarm {alarm.name} is in ALARM since {time_text(alarm.at)}"
    if alarm.at <= guards_since:  # 2
        return f"{since}, before it guarded {spec.endpoint} ({time_text(guards_since)}): {ANEW}"
    if alarm.at < (served_since := _served_since(live, now)):  # 3
        is_known = now < live.since + alarms.CLEARING_SECONDS or _has_replaced(head, alarm)
        return None if is_known else f"{since}, before {label} went live ({time_text(served_since)}): {ANEW}"
    if _is_of_settings(spec, live, alarm) and _is_about_live(spec, head, live, alarm, now):  # 4
        stays = stays_with_new_settings(head.previous_config, live.config)
        return f"{label} is live and {alarm.name} fired: {alarm.reason}; {stays}"
    return None


def _guards_since(head: Head, live: Live, alarm: FiredAlarm) -> float:
    """Since when the alarm guards the endpoint. A watch alarm has guarded its version since it was put."""
    is_watch = alarm.name == alarms.watch_name(head.endpoint, live.config)
    return live.since - 1 if is_watch else head.guards_since(alarm.name)


def _is_about_live(spec: Spec, head: Head, live: Live, alarm: FiredAlarm, now: float) -> bool:
    """True if the alarm went to ALARM while the live version served and was watched. An approval that was given after
    the alarm fired is a decision to keep the version, as it is for a quarantined one."""
    since = max(_served_since(live, now), live.approval.wanted_at if live.approval else 0.0)
    is_watched = live.is_watched(spec.rollback_on.watch_seconds, alarm.at)
    return is_watched and not alarm.is_undated and alarm.at >= max(since, _cleared(spec, head, alarm))


def _served_since(live: Live, now: float) -> float:
    """Since when alarms count against the live fleet. It begins again with a rollout of changed settings.

    If only a shadow came or went, the version is the same as before. An alarm that fired while it was launched anew may
    be about its cold instances. So it counts if it is still in ALARM once the new fleet had the time to clear it.
    """
    if live.suspect_from is not None:
        return live.suspect_from
    is_settled = now >= live.since + alarms.CLEARING_SECONDS
    return live.served_since if live.relaunched and is_settled else live.since


def _cleared(spec: Spec, head: Head, alarm: FiredAlarm) -> float:
    """Until when an alarm may have fired for a fleet that was rolled back. Nobody knows how long a user's alarm goes on
    about that fleet, so it does not count until it fires again."""
    return head.clears_at if alarm.name in spec.rollback_on.alarms else 0.0


def _is_of_settings(spec: Spec, live: Live, alarm: FiredAlarm) -> bool:
    """True if the version's own watch window was over when the alarm fired: only the settings are new since then."""
    return live.version_since is not None and alarm.at > live.version_since + spec.rollback_on.watch_seconds


def _has_replaced(head: Head, alarm: FiredAlarm) -> bool:
    """True if the version that was live when the alarm fired was quarantined, which was reported."""
    return any(
        good.since <= alarm.at and (good.until is None or alarm.at <= good.until) and head.has_quarantined(good)
        for good in head.good
    )
