"""A resize: the live version is rolled out again with the spec's changed settings. Pure."""

from lambdas.gate.decide.action import Alert, Keep, Update, Wait
from lambdas.gate.decide.hold import HOLD_RECONCILE_SECONDS, waiting
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.pin import is_what_runs

KEPT = "the entry's changed settings were rolled back; the former settings stay"


def resize(spec: Spec, head: Head, live: Live, now: float) -> Keep | Wait | Update | None:
    """Return the rollout of the live version with the spec's changed settings, if they changed. An adopted config's
    settings are not known, so they stay."""
    if live.approval is None or live.settings is None:
        return None
    if kept := other_settings(spec.settings, head, live):
        return Keep(kept)
    if live.settings == spec.settings:
        return None
    count, kind = spec.variant.instance_count, spec.variant.instance_type
    same_fleet = (live.instance_count, live.instance_type) == (count, kind)
    changed = "with other settings" if same_fleet else f"on {count} x {kind}"
    return waiting(head, live.approval, now) or Update(
        f"the spec changed: {version_label(live.approval.version)} {changed}",
        approval=live.approval,
        purpose=Purpose.RESIZE,
    )


def changes_settings_only(head: Head, attempt: Attempt) -> bool:
    """True if the attempt rolls out the version that was live before it, and only the settings are new. An alarm that
    fires then blames the settings, because the version was good before. The same goes for a shadow that comes or goes.

    This includes a version that gets its former settings back, and one that was approved again while the spec asked for
    other settings. It excludes a live version that was quarantined for itself or has to be replaced.
    """
    live = head.live
    if attempt.purpose is not Purpose.UPDATE:
        keeps = attempt.purpose is Purpose.RESIZE or attempt.purpose.keeps_live
        return keeps or restores_settings(head, attempt)
    if live is None or live.approval is None or live.version != attempt.approval.version:
        return False
    if live.settings in (attempt.fleet.settings, None) or live.is_condemned or _is_at_fault(head, live):
        return False
    return is_what_runs(live.approval.pin, attempt.approval.pin, pinned=True)


def restores_settings(head: Head, attempt: Attempt) -> bool:
    """True if the attempt is a revert of the live version to its former settings."""
    is_live = head.live is not None and head.live.version == attempt.approval.version
    return attempt.purpose is Purpose.REVERT and is_live


def _is_at_fault(head: Head, live: Live) -> bool:
    """True if the live version itself is quarantined, and not only its settings."""
    return head.has_quarantined(live) and live.better_settings is None


def restore_settings(spec: Spec, head: Head, live: Live, now: float) -> Wait | Update | None:
    """Return the rollout of the settings that the live version had before, if the judge found the present ones worse.

    1. They are not worse, or the spec asks for others now, so these are rolled out.
    2. The former settings failed too, which was reported. The version keeps serving, because it is not at fault.
    """
    better = live.better_settings
    if better is None or live.approval is None or live.settings != spec.settings:  # 1
        return None
    if head.is_quarantined(live.approval, better):  # 2
        return None
    label = version_label(live.approval.version)
    return waiting(head, live.approval, now) or Update(
        f"{label} is live, and the judge found its changed settings worse; back to its former settings",
        approval=live.approval,
        purpose=Purpose.REVERT,
        settings=better,
    )


def unknown_settings(approval: Approval, now: float) -> Alert:
    """Return the alert that the former settings of a version are not known any more."""
    return Alert(
        f"{version_label(approval.version)} needs its former settings, because those of its entry failed with it or "
        "are worse, and SSM's history of its spec no longer has them; put them into its entry",
        now + HOLD_RECONCILE_SECONDS,
        notice=Notice(Code.SETTINGS_UNKNOWN, approval.version),
    )


def other_settings(settings: str, head: Head, live: Live) -> str | None:
    """Return why a version is not live with the settings that its entry asks for, or does not stay so, in words; None
    if it is and does. `settings`: those of the spec."""
    approval, better = live.approval, live.better_settings
    if approval is not None and better is not None and live.settings == settings:
        failed = head.is_quarantined(approval, better)
        end = "and its former settings failed too, so it keeps these" if failed else "so it gets its former ones back"
        return f"the judge found its settings worse, {end}"
    is_other = live.settings not in (settings, None)
    return KEPT if approval is not None and is_other and head.is_quarantined(approval, settings) else None


def stays_with_new_settings(before: str | None, config: str) -> str:
    """Return the text for an alarm that fired for changed settings. The former settings are not rolled out again: the
    entry in endpoints.yaml says which settings are wanted."""
    return (
        f"only its settings are new, those of {config} instead of those of {before}. The version was good with those, "
        "so it stays live and is not quarantined; to restore them, put them into its entry"
    )
