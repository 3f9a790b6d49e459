"""The way back: to the last good version, where the live one was revoked, burns or does not stay. Pure."""

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.decide.fired_alarms import burning_alarms
from lambdas.gate.decide.hold import waiting
from lambdas.gate.policy import checks
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.limits import bars
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import FiredAlarm, Observed


def way_back(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Decision | None:
    """Back to the last good version, if the live one was revoked or burns within its watch window."""
    burning = burning_alarms(spec, observed, head, live)
    if live.version and not head.is_approved(live.version):
        why, quarantine = f"{version_label(live.version)} is live and was revoked", False
    elif live.version and burning and now < head.clears_at:
        reason = f"{burning[0].name} may still tell of the fleet that was rolled back; it is read again when it cannot"
        return Decision(Action.WAIT, reason, look_again_at=head.clears_at)
    elif live.version and burning:
        why = f"{version_label(live.version)} is live and {burning[0].name} fired: {burning[0].reason}"
        quarantine = True
    elif live.approval and (live.is_condemned or head.has_quarantined(live)):
        # Its alarm may be out by now; that it fired was written down when it was first to be replaced.
        why, quarantine = f"{version_label(live.approval.version)} is live and is quarantined", False
    else:
        return None
    back = _last_good(spec, head, live)
    if back is None:
        return Decision(Action.ALERT, f"{why}; there is no good version to go back to, so it keeps serving")
    return waiting(head, back, now) or Decision(
        Action.UPDATE,
        f"{why}; back to {version_label(back.version)}",
        approval=back,
        purpose=Purpose.REVERT,
        quarantine=quarantine,
        fired=burning,
    )


def _last_good(spec: Spec, head: Head, live: Live) -> Approval | None:
    """Never one that burned when it was live, whatever the settings were and are: two versions would take turns."""
    for good in head.good:
        approval = good.approval
        if (
            approval
            and approval.version != live.version
            and head.is_approved(approval.version)
            and not good.is_condemned
            and not _has_burned(head, good, (spec.settings, good.settings or ""))
        ):
            return approval
    return None


def _has_burned(head: Head, good: Live, settings: tuple[str, str]) -> bool:
    return any(q.settings in settings and bars(q, good) for q in head.quarantined)


def is_held_up(spec: Spec, head: Head, newest: Approval, burning: tuple[FiredAlarm, ...]) -> bool:
    """One of the user's alarms burns, which would end the next rollout at once: first back, and forward once it is
    out. Only an operator lets a version go without it."""
    let = any(override.check == checks.ALARMS for override in head.overrides_of(newest))
    return not let and any(alarm.name in spec.rollback_on.alarms for alarm in burning)
