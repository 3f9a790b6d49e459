"""A resize: the live version with other settings of the spec's variant. Pure."""

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.decide.hold import waiting
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.pin import is_what_runs


def resize(spec: Spec, head: Head, live: Live, now: float) -> Decision | None:
    """The live version with the spec's changed settings. An adopted config's settings are not known, so they stand."""
    if live.approval is None or live.settings in (spec.settings, None):
        return None
    if head.is_quarantined(live.approval, spec.settings):
        return Decision(Action.KEEP, "the spec's changed settings were rolled back; what was live before stays")
    count, kind = spec.variant.instance_count, spec.variant.instance_type
    same_fleet = (live.instance_count, live.instance_type) == (count, kind)
    changed = "with other settings" if same_fleet else f"on {count} x {kind}"
    return waiting(head, live.approval, now) or Decision(
        Action.UPDATE,
        f"the spec changed: {version_label(live.approval.version)} {changed}",
        approval=live.approval,
        purpose=Purpose.RESIZE,
    )


def changes_settings_only(head: Head, attempt: Attempt) -> bool:
    """True if the version that the attempt rolls out is what was live before it, and only the settings are new. That is
    so, too, where the version was approved again while the spec asked for other settings. What fires then blames the
    settings, for the version was good before; unless it was not."""
    live = head.live
    if attempt.purpose is not Purpose.UPDATE:
        return attempt.purpose is Purpose.RESIZE
    if live is None or live.approval is None or live.version != attempt.approval.version:
        return False
    if live.settings in (attempt.fleet.settings, None) or live.is_condemned or head.has_quarantined(live):
        return False
    return is_what_runs(live.approval.pin, attempt.approval.pin, pinned=True)


def stays_with_new_settings(before: str | None, config: str) -> str:
    """What people are told where an alarm fires for changed settings. There is no rollout back to the former ones, as
    the entry says which are wanted."""
    return (
        f"only its settings are new, those of {config} instead of those of {before}. The version was good with those, "
        "so it stays and is not quarantined; to go back to them, put them into its entry"
    )
