"""What becomes of the good versions that a revert takes: it is reported before a revert needs them. Pure."""

import dataclasses
from itertools import takewhile

from lambdas.gate.decide.revert import is_withdrawn, targets, why_left_out
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code
from lambdas.gate.transitions.transition import Transition

NONE_LEFT = "no good version is left to revert to, so a live version that fails keeps serving"


def reported(settings: str, before: Head, head: Head, now: float) -> tuple[Fact, ...]:
    """Return an alert if a revert no longer takes the version that it would have taken, because that version was
    changed or lost its approval; and a fact for each good version whose content was restored.

    Versions further back are not reported: a revert would not take them now. A quarantined version was reported when it
    failed. `settings`: those of the spec. `before`: the head before what this reconcile learned.
    """
    known = {good.version: good for good in before.good}
    restored = (
        Fact(Kind.CONTENT_RESTORED, now, _restored(settings, head, good), version=good.version)
        for good in head.good
        if good.differs is None and (old := known.get(good.version)) is not None and old.differs is not None
    )
    return (*_lost(settings, before, head, now), *restored)


def _lost(settings: str, before: Head, head: Head, now: float) -> tuple[Fact, ...]:
    good, left = {each.version: each for each in head.good}, targets(settings, head, head.live)
    taken = {each.version for each in left}
    first = takewhile(lambda each: each.version not in taken, targets(settings, before, before.live))
    lost = [now_good for each in first if (now_good := good.get(each.version)) is not None]
    in_flight = head.attempt.approval.version if head.attempt else None
    lost = [each for each in lost if is_withdrawn(head, each) and each.version != in_flight]
    if not lost:
        return ()
    parts = [f"a revert does not take {_named(settings, head, lost)}"]
    parts.append(f"it takes {_label(left[0])} instead" if left else NONE_LEFT)
    parts += _fix(lost, is_needed=not left)
    detail = {"left_out": left_out(settings, head, lost), "takes": left[0].version if left else None}
    return (Fact(Kind.ALERT, now, "; ".join(parts), version=lost[0].version, detail=detail),)


def at_rollout(settings: str, head: Head, after: Head, approval: Approval, now: float) -> Transition:
    """Return the head and an alert if a rollout begins after which a revert finds no good version, although there are
    former versions. It is sent once for an approval, and not if people know already that there is none. `after`: the
    head as it will be once the approval's version is live."""
    withdrawn = [good for good in after.good if is_withdrawn(after, good)]
    is_known = head.no_target == approval.order or (head.notice_key or "").startswith(f"{Code.NO_GOOD_VERSION.value}/")
    if targets(settings, after, after.live) or not withdrawn or is_known:
        return head, ()
    label = version_label(approval.version)
    parts = [
        f"{label} is rolled out without a good version to revert to: {_named(settings, after, withdrawn)}",
        f"if {label} fails after its bake, it keeps serving",
        *_fix(withdrawn, is_needed=True),
    ]
    detail = {"approval": approval.order, "left_out": left_out(settings, after, withdrawn), "takes": None}
    fact = Fact(Kind.ALERT, now, "; ".join(parts), version=approval.version, detail=detail)
    return dataclasses.replace(head, no_target=approval.order), (fact,)


def left_out(settings: str, head: Head, good: list[Live]) -> list[dict[str, str | None]]:
    """Part of a row's detail: the good versions that a revert does not take, and why."""
    return [{"version": each.version, "why": why_left_out(settings, head, head.live, each)} for each in good]


def _fix(lost: list[Live], *, is_needed: bool) -> list[str]:
    changed = [each for each in lost if each.differs is not None]
    if changed:
        return [f"to have {_label(changed[0])} back, put back what was approved"]
    return ["to have one again, approve another good version and let it go live"] if is_needed else []


def _restored(settings: str, head: Head, good: Live) -> str:
    why = why_left_out(settings, head, head.live, good)
    end = f"but a revert does not take it: {why}" if why else "so a revert takes it again"
    return f"what {_label(good)} loads is what was approved again, {end}"


def _named(settings: str, head: Head, good: list[Live]) -> str:
    return ", nor ".join(f"{_label(each)} ({why_left_out(settings, head, head.live, each)})" for each in good)


def _label(good: Live) -> str:
    return version_label(good.version or good.config)
