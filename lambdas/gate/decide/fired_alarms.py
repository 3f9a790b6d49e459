"""Which alarms in ALARM count against the live version, and why the others do not. Pure.

An alarm that was in ALARM before it guarded the endpoint, or before the live version served, tells nothing about that
version. It counts when it fires anew.
"""

from datetime import UTC, datetime

from lambdas.gate.decide.resize import stays_with_new_settings
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import FiredAlarm, Observed

ANEW = "it counts once it is OK and fires again"


def burning_alarms(spec: Spec, observed: Observed, head: Head, live: Live) -> tuple[FiredAlarm, ...]:
    """The alarms in ALARM that count against the live version."""
    return tuple(
        alarm
        for alarm in observed.standing
        if _is_heard(spec, head, live, alarm)
        and alarm.at > head.guards_since(alarm.name)
        and not _is_of_settings(spec, live, alarm)
    )


def why_not_counted(spec: Spec, head: Head, live: Live, alarm: FiredAlarm, now: float) -> str | None:
    """What people are told about an alarm that does not count; None for one that counts, or about which they know.

    1. AWS does not say since when it is in ALARM.
    2. It was in ALARM before it guarded the endpoint.
    3. It was in ALARM before the version went live. Not if it may just need its time to see the version before gone,
       nor if that one was quarantined for it.
    4. It fired for changed settings of a version that was good before.
    """
    if not live.is_watched(spec.rollback_on.watch_seconds, alarm.at):
        return None
    label, guards_since = version_label(live.version or live.config), head.guards_since(alarm.name)
    if alarm.is_undated:  # 1
        return f"alarm {alarm.name} is in ALARM, and AWS does not say since when: {ANEW}"
    since = f"alarm {alarm.name} is in ALARM since {_time(alarm.at)}"
    if alarm.at <= guards_since:  # 2
        return f"{since}, before it guarded {spec.endpoint} ({_time(guards_since)}): {ANEW}"
    if alarm.at < _served_since(live):  # 3
        is_known = now < live.since + alarms.CLEARING_SECONDS or _has_replaced(head, alarm)
        return None if is_known else f"{since}, before {label} went live ({_time(live.since)}): {ANEW}"
    if _is_of_settings(spec, live, alarm) and _is_heard(spec, head, live, alarm):  # 4
        stays = stays_with_new_settings(head.previous_config, live.config)
        return f"{label} is live and {alarm.name} fired: {alarm.reason}; {stays}"
    return None


def _is_heard(spec: Spec, head: Head, live: Live, alarm: FiredAlarm) -> bool:
    """True if the alarm went to ALARM while the live version served and was watched. Who approved the version again
    once it had fired wants it all the same, as with a quarantined one."""
    since = max(_served_since(live), live.approval.wanted_at) if live.approval else _served_since(live)
    is_watched = live.is_watched(spec.rollback_on.watch_seconds, alarm.at)
    return is_watched and not alarm.is_undated and alarm.at >= max(since, _cleared(spec, head, alarm))


def _served_since(live: Live) -> float:
    """Since when the live fleet is on trial. A rollout of changed settings that nothing ended has acquitted the version
    of what fired before."""
    return live.since if live.suspect_from is None else live.suspect_from


def _cleared(spec: Spec, head: Head, alarm: FiredAlarm) -> float:
    """Until when an alarm may have fired for a fleet that was rolled back. How long one of the user's then goes on to
    tell of it nobody knows, so it does not count until it fires anew."""
    return head.clears_at if alarm.name in spec.rollback_on.alarms else 0.0


def _is_of_settings(spec: Spec, live: Live, alarm: FiredAlarm) -> bool:
    """True if the version's own watch window was over when the alarm fired: only the settings are new since then."""
    return live.version_since is not None and alarm.at > live.version_since + spec.rollback_on.watch_seconds


def _has_replaced(head: Head, alarm: FiredAlarm) -> bool:
    """True if the version that was live when the alarm fired was quarantined, which people were told."""
    return any(
        good.since <= alarm.at and (good.until is None or alarm.at <= good.until) and head.has_quarantined(good)
        for good in head.good
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
