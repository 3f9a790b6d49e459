"""What the head keeps of the alarms: since when each guards the endpoint, and which were reported. Pure."""

import dataclasses

from lambdas.gate.decide.fired_alarms import why_not_counted
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.guard import Guard, Guards
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.transitions.transition import Transition, evidence


def guarded(head: Head, spec: Spec, seen: SpecSeen, now: float) -> Head:
    """Return the head that knows since when each alarm of the spec guards the endpoint. `seen`: the spec's parameter.

    1. A spec that is older than the last one seen changes nothing. Such a read comes here only while an attempt is
       open.
    2. The spec that was seen last changes nothing.
    3. An alarm that the spec before named too keeps its time.
    4. If a spec in between was not seen, it may have left out an alarm of the user's, so that alarm begins again. The
       standing alarms do not: they come with the endpoint's stack, and a new one is not in ALARM yet.
    5. Any other alarm guards since the spec was written, or since now if the parameter's times do not tell.
    """
    last = head.guards.spec if head.guards else head.spec.version
    if seen.version < last or (head.guards is None and seen == head.spec):  # 1, 2
        return head
    standing = alarms.standing_names(spec)
    begins = seen.modified_at if seen.modified_at > head.spec.modified_at else now
    is_next = head.guards is not None and seen.version <= last + 1

    def guard(name: str) -> Guard:
        known = head.guards.find(name) if head.guards else None
        if known and (is_next or name in standing):  # 3, 4
            return known
        is_older = head.guards is None and name in standing
        return Guard(name, head.spec.modified_at if is_older else begins)  # 5

    guards = Guards(seen.version, tuple(guard(name) for name in dict.fromkeys(alarms.guarding_names(spec))))
    return head if guards == head.guards else dataclasses.replace(head, guards=guards)


def kept(head: Head, spec: Spec) -> Head:
    """Return the head that stores since when each alarm guards the endpoint, so that the next spec does not change
    it."""
    return dataclasses.replace(head, guards=_guards(head, spec))


def reported(spec: Spec, observed: Observed, head: Head, now: float) -> Transition:
    """Return the head and an alert for each alarm in ALARM that does not count. Each firing is reported once."""
    facts: tuple[Fact, ...] = ()
    live, endpoint = head.live, observed.endpoint
    if live is None or live.version is None or endpoint is None:
        return head, facts
    for alarm in observed.standing:
        guard = head.guards.find(alarm.name) if head.guards else None
        why = why_not_counted(spec, head, live, alarm, now)
        is_reported = (
            guard is not None and guard.reported is not None and (alarm.is_undated or guard.reported == alarm.at)
        )
        if why is None or is_reported:
            continue
        head = dataclasses.replace(head, guards=_with_report(_guards(head, spec), alarm))
        detail = {**evidence((alarm,)), "endpoint_status": endpoint.status}
        facts += (Fact(Kind.ALERT, now, why, version=live.version, detail=detail),)
    return head, facts


def _guards(head: Head, spec: Spec) -> Guards:
    names = dict.fromkeys(alarms.guarding_names(spec))
    return head.guards or Guards(head.spec.version, tuple(Guard(name, head.guards_since(name)) for name in names))


def _with_report(guards: Guards, alarm: FiredAlarm) -> Guards:
    """Return the guards with this firing as reported. A watch alarm is no alarm of the spec, so it may not be there."""
    if guards.find(alarm.name) is None:
        return dataclasses.replace(guards, alarms=(*guards.alarms, Guard(alarm.name, alarm.at, reported=alarm.at)))
    alarms_now = (
        dataclasses.replace(guard, reported=alarm.at) if guard.name == alarm.name else guard for guard in guards.alarms
    )
    return dataclasses.replace(guards, alarms=tuple(alarms_now))
