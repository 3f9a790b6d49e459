"""A resize: the live version is rolled out again with the spec's changed settings. Pure."""

from lambdas.gate.decide.action import Keep, Update, Wait
from lambdas.gate.decide.hold import waiting
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.pin import is_what_runs


def resize(spec: Spec, head: Head, live: Live, now: float) -> Keep | Wait | Update | None:
    """Return the rollout of the live version with the spec's changed settings, if they changed. An adopted config's
    settings are not known, so they stay."""
    if live.approval is None or live.settings in (spec.settings, None):
        return None
    if head.is_quarantined(live.approval, spec.settings):
        return Keep("the spec's changed settings were rolled back; the former settings stay")
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
    fires then blames the settings, because the version was good before.

    This includes a version that was approved again while the spec asked for other settings. It excludes a live version
    that was quarantined or has to be replaced.
    """
    live = head.live
    if attempt.purpose is not Purpose.UPDATE:
        return attempt.purpose is Purpose.RESIZE
    if live is None or live.approval is None or live.version != attempt.approval.version:
        return False
    if live.settings in (attempt.fleet.settings, None) or live.is_condemned or head.has_quarantined(live):
        return False
    return is_what_runs(live.approval.pin, attempt.approval.pin, pinned=True)


def stays_with_new_settings(before: str | None, config: str) -> str:
    """Return the text for an alarm that fired for changed settings. The former settings are not rolled out again: the
    entry in endpoints.yaml says which settings are wanted."""
    return (
        f"only its settings are new, those of {config} instead of those of {before}. The version was good with those, "
        "so it stays live and is not quarantined; to restore them, put them into its entry"
    )
