"""The revert: back to the last good version if the live version was revoked, is quarantined or fails. Pure."""

from lambdas.gate.decide import doubt
from lambdas.gate.decide.action import Alert, Hold, Update, Wait
from lambdas.gate.decide.fired_alarms import failing_alarms
from lambdas.gate.decide.hold import waiting
from lambdas.gate.decide.resize import restore_settings
from lambdas.gate.decide.revocation import kept_waiting
from lambdas.gate.policy import checks, overriding
from lambdas.gate.spec.spec import OnDispute, Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.limits import bars
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.state.tries import Quarantined

DISPUTED = "its approver is disputed"
"""Why a revert does not take a good version that `targets` has and `undisputed_targets` does not."""


def revert(spec: Spec, observed: Observed, head: Head, live: Live, now: float) -> Wait | Hold | Alert | Update | None:
    """The rollout back to the last good version, if the live version was revoked or quarantined, or if its alarm fired
    within its watch window. A revocation that has not taken effect keeps the version, but no failing one. So does a
    dispute about its approver, unless `Gate.on_dispute` says otherwise. If only its settings are worse, the version
    gets its former settings back."""
    is_failing = False
    restoring = restore_settings(spec, head, live, now)
    failing = failing_alarms(spec, observed, head, live, now)
    disputed = doubt.reason(spec, observed, head, live.approval) if live.approval else None
    is_revoked = live.revoked_at is not None or not (live.version and head.is_approved(live.version))
    if live.version and is_revoked and live.revocation is None:
        cause, why = "revoked", f"{version_label(live.version)} is live and was revoked"
    elif restoring:
        return restoring
    elif live.version and failing and now < head.clears_at:
        reason = f"{failing[0].name} may still be about the fleet that was rolled back; it is read again later"
        return Wait(reason, head.clears_at)
    elif live.version and failing:
        why = f"{version_label(live.version)} is live and {failing[0].name} fired: {failing[0].reason}"
        cause, is_failing = f"{failing[0].name}: {failing[0].reason}", True
    elif live.approval and live.better_settings is None and (live.is_condemned or head.has_quarantined(live)):
        # Its alarm may be OK by now. The quarantine was written down when it was first to be replaced.
        cause, why = "quarantined", f"{version_label(live.approval.version)} is live and is quarantined"
    elif disputed and spec.gate.on_dispute is OnDispute.REVERT:
        cause, why = "disputed", f"{version_label(live.version or live.config)} is live, and {disputed}"
    elif live.revocation:
        return kept_waiting(live, live.revocation, is_again=bool(live.version and head.is_approved(live.version)))
    elif disputed:
        return doubt.kept(live, disputed)
    else:
        return None
    good = next(iter(undisputed_targets(spec, observed, head, live)), None)
    back = good.approval if good else None
    if good is None or back is None:
        notice = Notice(Code.NO_GOOD_VERSION, f"{live.version or live.config}: {cause}")
        return Alert(f"{why}; there is no good version to revert to, so it keeps serving", notice=notice)
    settings = own_settings(spec.settings, head, good)
    with_what = "" if settings is None else " with its former settings"
    return waiting(head, back, now) or Update(
        f"{why}; back to {version_label(back.version)}{with_what}",
        approval=back,
        purpose=Purpose.REVERT,
        quarantines_live=is_failing,
        fired=failing,
        settings=settings,
    )


def targets(settings: str, head: Head, live: Live | None) -> tuple[Live, ...]:
    """Return the good versions that a revert takes, in its order. `settings`: those of the spec. If none is left that
    is good with these, a revert takes those that only these settings failed with, with their own."""
    intact = tuple(good for good in candidates(settings, head, live) if good.differs is None)
    fit = tuple(good for good in intact if own_settings(settings, head, good) is None)
    return fit or intact


def undisputed_targets(spec: Spec, observed: Observed, head: Head, live: Live | None) -> tuple[Live, ...]:
    """Return the good versions that a revert takes, in its order, without those that it would leave at once for a
    dispute: `why_left_out` says nothing of these, and DISPUTED does."""
    return targets(spec.settings, doubt.undisputed(spec, observed, head), live)


def candidates(settings: str, head: Head, live: Live | None) -> tuple[Live, ...]:
    """Return the good versions that a revert takes if what they load is what was approved, in its order."""
    takes = [good for good in head.good if _why_never(settings, head, live, good) is None]
    return tuple(sorted(takes, key=lambda good: own_settings(settings, head, good) is not None))


def why_left_out(settings: str, head: Head, live: Live | None, good: Live) -> str | None:
    """Return why a revert does not take this good version, in words; None if it does."""
    why = _why_never(settings, head, live, good) or good.differs
    if why is not None or good in targets(settings, head, live):
        return why
    return "the settings of its entry failed with it, and another good version is left"


def own_settings(settings: str, head: Head, good: Live) -> str | None:
    """Return the settings with which a revert takes the version; None for those of the spec, unless they failed with
    it. `settings`: those of the spec."""
    is_unfit = good.approval is not None and head.is_quarantined(good.approval, settings)
    return good.settings if is_unfit else None


def is_withdrawn(head: Head, good: Live) -> bool:
    """True if the version lost its approval, or if what it loads was changed, while another version was live."""
    return good.differs is not None or not (good.version and head.is_approved(good.version))


def _why_never(settings: str, head: Head, live: Live | None, good: Live) -> str | None:
    """Return why a revert does not take this good version, whatever it loads; None if it may. Never one whose alarm
    fired while it was live: two versions would take turns."""
    approval = good.approval
    if approval is None:
        return "it is a config that Approval Gate did not make"
    if live is not None and approval.version == live.version:
        return "it is live"
    if not head.is_approved(approval.version):
        return "it is no longer Approved" if good.revoked_as is None else f"it is {good.revoked_as}"
    if good.revoked_at is not None:
        return "it was revoked, and no approval since then was accepted"
    if good.is_condemned:
        return "it was replaced because it failed or was not judged by enough requests"
    failure = next((q for q in head.quarantined if _is_at_fault(q, good, settings)), None)
    return None if failure is None else f"it is quarantined: {failure.reason}"


def _is_at_fault(quarantined: Quarantined, good: Live, settings: str) -> bool:
    """True if the good version failed since it was live, with its own settings or with `settings`. Other settings than
    its own are the cause if the same approval was good with its own."""
    own = good.settings or ""
    if good.approval is None or not bars(quarantined, good):
        return False
    if not own or not quarantined.is_of(good.approval, settings):
        return quarantined.settings in (settings, own)
    return own == settings


def is_held_up(spec: Spec, head: Head, newest: Approval, failing: tuple[FiredAlarm, ...]) -> bool:
    """True if one of the user's alarms is in ALARM, which would end the next rollout at once. Then revert first, and
    roll out the newest approval once the alarm is OK. An operator's override lets the rollout go without the alarm."""
    let = overriding.lets_pass(checks.ALARMS, head.overrides_of(newest), spec.gate)
    return not let and any(alarm.name in spec.rollback_on.alarms for alarm in failing)
