"""A resize: the live version with other settings of the spec's variant. Pure."""

from lambdas.gate.action import Action, Decision
from lambdas.gate.approval import version_label
from lambdas.gate.attempt import Purpose
from lambdas.gate.head import Head
from lambdas.gate.hold import waiting
from lambdas.gate.live import Live
from lambdas.gate.spec import Spec


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
