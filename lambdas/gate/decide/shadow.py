"""The rung of a shadow: when a version climbs it, how it ends, and what follows. Pure.

A version climbs the rung if the spec asks for a shadow, and if there is a live version to compare it with. First the
live version is launched anew with the new one as its shadow. Then the rung runs for hours, and each reconcile looks at
what both answered. At its end one update follows: to the new version, or to the live version without the shadow.
"""

from dataclasses import dataclass, replace

from lambdas.gate.decide import answers
from lambdas.gate.decide.action import Alert, Hold, Update, Wait
from lambdas.gate.decide.answers import Found
from lambdas.gate.decide.hold import HOLD_RECONCILE_SECONDS, waiting
from lambdas.gate.decide.judging import PUBLISHED_SECONDS, compared
from lambdas.gate.decide.resize import resize
from lambdas.gate.decide.revert import revert
from lambdas.gate.policy import overriding
from lambdas.gate.policy.freeze import frozen_until
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.spec import Freeze, Gate, Mode, Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.comparison import Findings, Verdict
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.orders import EarlyEnd
from lambdas.gate.state.rung import Copied, Copying, Rung, RungEnd
from lambdas.gate.text import counted, number_text, time_text

LOOK_SECONDS = 600
"""The time between two looks at the copies."""
UNREAD_SECONDS = 3600
"""How long after the end of a rung its metrics are tried to be read."""
CONDEMNING = frozenset((RungEnd.WORSE, RungEnd.DIFFERING, RungEnd.UNPROVEN, RungEnd.ABORTED))
"""After these ends the approval is quarantined."""
PASSING = frozenset((RungEnd.PASSED, RungEnd.PROMOTED))
"""After these ends the version has climbed the rung."""


@dataclass(frozen=True)
class Ended:
    """The end of a rung. `reason`: a text that people read. `found`: what the comparison showed; None if it was not
    made. `answers`: what the compared answers showed; None if they were not. `is_alert`: True if people have to know
    more than that it ended."""

    end: RungEnd
    reason: str
    found: Findings | None = None
    answers: Found | None = None
    is_alert: bool = False


def running(head: Head) -> Rung | None:
    """Return the rung that is not over yet; None if there is none."""
    return head.rung if head.rung and head.rung.end is None else None


def look_at(head: Head, now: float) -> float | None:
    """Return when the copies are looked at again, in seconds since 1970; None if no rung runs."""
    rung = running(head)
    if rung is None:
        return None
    over = rung.until + PUBLISHED_SECONDS
    if now < over and rung.early is None:
        return min(over, now + LOOK_SECONDS)
    is_late = now >= over and rung.copying.shadow.differ is not None
    return now + (LOOK_SECONDS if is_late else HOLD_RECONCILE_SECONDS)


def ended(spec: Spec, observed: Observed, head: Head, rung: Rung, live: Live, now: float) -> Ended | None:
    """Return how a running rung ends now; None if it goes on. The first case that applies decides:

    1. An operator ordered to stop it.
    2. The spec asks for no shadow any more.
    3. A later approval waits.
    4. Its own approval waits no more: the version was revoked or refused.
    5. The live version is to be replaced: it was revoked, or its alarm fired. So there is nothing to compare with.
    6. The spec has other settings, with which the live version is rolled out first.
    7. A freeze began.
    8. The copies show the version worse.
    9. More of its answers differ from the live version's than may.
    10. An operator ordered to roll the version out now, and the metrics until now can be read. Too few copies, or too
        few answers, do not keep it then.
    11. Its time is over, and the metrics of its last minutes are there, or cannot be read for an hour. Answers that are
        not compared yet are waited for, and the hour begins when that would end.
    """
    label, newest = version_label(rung.version), head.newest
    if rung.abort is not None:  # 1
        return Ended(RungEnd.ABORTED, f"the shadow of {label} was aborted: {rung.abort.reason}")
    if spec.shadow is None:  # 2
        return Ended(RungEnd.NOT_ASKED, f"the shadow of {label} ended: the entry asks for none any more")
    if newest is not None and newest.order != rung.order:  # 3
        later = version_label(newest.version)
        return Ended(RungEnd.OVERTAKEN, f"the shadow of {label} ended: {later} was approved later")
    if newest is None:  # 4
        return Ended(RungEnd.WITHDRAWN, f"the shadow of {label} ended: its approval counts no more")
    back = revert(spec, observed, head, live, now)
    if isinstance(back, Update | Alert):  # 5
        return Ended(RungEnd.LIVE_REPLACED, f"the shadow of {label} ended, and says nothing: {back.reason}")
    if live.settings != spec.settings:  # 6
        return Ended(RungEnd.SETTINGS_CHANGED, f"the shadow of {label} ended: the entry has other settings now")
    floor = observed.floor.floor if observed.floor else None
    until = frozen(spec.gate, floor.gate if floor else None, head, newest, now)
    if until is not None:  # 7
        return Ended(RungEnd.FROZEN, f"the shadow of {label} ended: a freeze until {time_text(until)} began")
    found = _found(rung.copying, observed.copied)
    if found is not None and found.verdict is Verdict.WORSE:  # 8
        return Ended(RungEnd.WORSE, f"the shadow of {label} is worse: {_copies_text(rung, live, found)}", found)
    compared = answers.found(spec, rung)
    if compared is not None and compared.is_differing:  # 9
        old = version_label(live.version or live.config)
        reason = f"the shadow of {label} answers otherwise than {old}: {compared.text}"
        return Ended(RungEnd.DIFFERING, reason, found, compared)
    if rung.early is not None and found is not None:  # 10
        return _promoted(rung, rung.early, live, found, observed.copied, compared, now)
    unread = UNREAD_SECONDS if compared is None else UNREAD_SECONDS + answers.LAST_SECONDS
    settled = rung.until + PUBLISHED_SECONDS + (unread if found is None else 0)
    if now < settled or answers.waits(spec, rung, observed.copied, now):
        return None
    return _over(rung, live, found, observed.copied, compared)  # 11


def frozen(gate: Gate, floor: Gate | None, head: Head, approval: Approval, now: float) -> float | None:
    """Return until when a freeze stops a version, in seconds since 1970; None if none does. `floor`: its gate; None if
    there is none. Nobody overrides a freeze of the floor."""
    is_let = overriding.lets_pass("freeze", head.overrides_of(approval), gate)
    own = () if is_let else _freezes(gate)
    return frozen_until((*own, *(_freezes(floor) if floor else ())), now)


def before(
    spec: Spec, head: Head, live: Live, forward: Update, back: Wait | Hold | Alert | Update | None, now: float
) -> Update | Wait | Hold:
    """Return what comes before `forward`, the rollout of a version that passed the gate; `forward` itself if nothing
    does. `back`: the revert of the live version.

    1. The spec asks for no shadow, or the version passed its rung, with the spec's settings. If SageMaker refuses
       guardrails while there is a shadow, the shadow goes first, so that the rollout is guarded.
    2. The live version is to be replaced: revert first. If there is no good version, nothing can be compared.
    3. The live version may not be launched anew: it was revoked by somebody who is no approver.
    4. Approval Gate did not roll out the live version, so it cannot launch it anew.
    5. The spec has other settings: the live version gets them first.
    """
    label = version_label(forward.approval.version)
    has_passed = head.shadowed == forward.approval.order and live.settings == spec.settings
    if spec.shadow is None or has_passed:  # 1
        is_unguarded = head.rung is not None and bool(head.rung.unguarded)
        is_approved = live.approval is not None and head.is_approved(live.approval.version)
        return withdrawn(spec, head, live, now) if is_unguarded and is_approved else forward
    if isinstance(back, Update):  # 2
        return back
    if forward.fired or isinstance(back, Alert):
        return _left_out(forward, "the live version is to be replaced, so it is no measure")
    if live.version and not head.is_approved(live.version) and isinstance(back, Hold | Wait):  # 3
        return back
    if live.approval is None or live.settings is None:  # 4
        return _left_out(forward, "Approval Gate did not roll out what is live")
    if live.settings != spec.settings:  # 5
        return _with_new_settings(spec, head, live, now)
    shadow = spec.shadow
    by, old = forward.approval.by or "unknown", version_label(live.approval.version)
    reason = f"let {label}, approved by {by}, be the shadow of {old} for {shadow.hours} h"
    reason += f", with copies of {shadow.percent} % of the requests"
    return Update(reason, approval=forward.approval, purpose=Purpose.SHADOW, verdict=forward.verdict)


def stays(head: Head, obstacle: object) -> bool:
    """True if the endpoint keeps its shadow while nothing is rolled out: the rung was passed, and its version, which is
    still the newest approval, waits for a check of the gate or for its next try."""
    rung, newest = head.rung, head.newest
    if rung is None:
        return True
    is_next = newest is not None and newest.order == rung.order
    return is_next and rung.end in PASSING and isinstance(obstacle, Hold | Wait)


def withdrawn(spec: Spec, head: Head, live: Live, now: float) -> Update | Wait | Hold:
    """Return the update that takes the shadow of an ended rung off the endpoint. Usually the rollout of changed
    settings does. If SageMaker refuses its guardrails because of the shadow, the shadow goes beside the former ones."""
    if _is_launchable(spec, head, live):
        return _without(head, live, now)
    return _with_new_settings(spec, head, live, now)


def unknown_settings(approval: Approval, now: float) -> Hold:
    """Return the hold of a shadow that would go beside settings that SSM's history no longer has."""
    label = version_label(approval.version)
    reason = f"the shadow cannot go: {label} would be launched anew with its settings, and SSM's history of its entry"
    reason += " no longer has these; put them into its entry"
    notice = Notice(Code.LIVE_NOT_LAUNCHABLE, f"{approval.version}: unknown settings")
    return Hold(reason, now + HOLD_RECONCILE_SECONDS, notice=notice)


def next_look(rung: Rung, now: float) -> Wait:
    """Return the wait while a rung runs."""
    share = f"{rung.copying.shadow.percent} % of the requests"
    reason = (
        f"{version_label(rung.version)} gets copies of {share} until {time_text(rung.until)}, and answers no caller"
    )
    return Wait(reason, now + LOOK_SECONDS)


def _without(head: Head, live: Live, now: float, settings: str | None = None) -> Update | Wait:
    if live.approval is None:
        raise ValueError("A rung needs a live version.")
    was = f" of {version_label(head.rung.version)}" if head.rung else ""
    reason = f"{version_label(live.approval.version)} without the shadow{was}"
    update = Update(reason, approval=live.approval, purpose=Purpose.END_SHADOW, settings=settings)
    return waiting(head, live.approval, now) or update


def _is_launchable(spec: Spec, head: Head, live: Live) -> bool:
    """True if the live version may be launched anew as it is."""
    return live.approval is not None and live.settings == spec.settings and head.is_approved(live.approval.version)


def _left_out(forward: Update, why: str) -> Update:
    return replace(forward, reason=f"{forward.reason}; without a shadow before: {why}")


def _with_new_settings(spec: Spec, head: Head, live: Live, now: float) -> Update | Wait | Hold:
    """Return the rollout of the entry's changed settings, or the hold if they were rolled back before. The shadow goes
    first if SageMaker refuses guardrails because of it."""
    is_unguarded = head.rung is not None and bool(head.rung.unguarded)
    if is_unguarded and live.approval is not None and live.settings and head.is_approved(live.approval.version):
        return _without(head, live, now, live.settings)
    resized = resize(spec, head, live, now)
    return resized if isinstance(resized, Update | Wait) else _settings_held(live, now)


def _settings_held(live: Live, now: float) -> Hold:
    label = version_label(live.version or live.config)
    reason = f"the entry's changed settings were rolled back, so {label} cannot be launched anew; restore its settings"
    notice = Notice(Code.LIVE_NOT_LAUNCHABLE, f"{live.version}: settings")
    return Hold(reason, now + HOLD_RECONCILE_SECONDS, notice=notice)


def _found(copying: Copying, copied: Copied | None) -> Findings | None:
    return None if copied is None else compared(copying.rules, copied.minutes)


def _over(rung: Rung, live: Live, found: Findings | None, copied: Copied | None, compared: Found | None) -> Ended:
    """The time is over, and the version was not found worse. Too little evidence is judged by `evidence.otherwise`."""
    label, rules = version_label(rung.version), rung.copying.rules
    text, lacking = _shown(rung, live, found, copied, compared), _lacking(rung, found, compared)
    if not lacking:
        return Ended(RungEnd.PASSED, f"{label} passed its shadow: {text}", found, compared)
    reason = f"the shadow of {label} is inconclusive: {'; '.join(filter(None, (text, lacking)))}"
    if rules.otherwise is Otherwise.REVERT:
        return Ended(RungEnd.UNPROVEN, f"{reason}, so it is not rolled out", found, compared)
    is_alert = rules.otherwise is Otherwise.ALERT
    return Ended(RungEnd.PASSED, f"{reason}; it is rolled out", found, compared, is_alert=is_alert)


def _promoted(
    rung: Rung,
    early: EarlyEnd,
    live: Live,
    found: Findings,
    copied: Copied | None,
    compared: Found | None,
    now: float,
) -> Ended:
    """An operator ends the rung, and the version was not found worse until now. The text says what was left out."""
    hours = max(0.0, rung.until - now) / 3600
    left_out = f"left out: {number_text(round(hours, 1))} of {counted(rung.copying.shadow.hours, 'hour')}"
    parts = (_shown(rung, live, found, copied, compared), _lacking(rung, found, compared), left_out)
    reason = f"{version_label(rung.version)} was promoted before its shadow was over: {early.reason}"
    return Ended(RungEnd.PROMOTED, "; ".join((reason, *filter(None, parts))), found, compared)


def _shown(rung: Rung, live: Live, found: Findings | None, copied: Copied | None, compared: Found | None) -> str:
    """Return what the copies and the answers showed, as a text; an empty one if neither could be read."""
    slower = rung.copying.shadow.slower_than_ms
    of_copies = f"{_copies_text(rung, live, found)}{_latency_text(slower, copied)}" if found else ""
    return "; ".join(filter(None, (of_copies, compared.text if compared else "")))


def _lacking(rung: Rung, found: Findings | None, compared: Found | None) -> str:
    """Return why the copies or the answers are too little evidence, as a text; an empty one if they are enough."""
    least = rung.copying.shadow.min_requests
    if found is None:
        return "the metrics could not be read"
    if found.new.requests < least:
        return f"fewer than the {least:,} of the minimum"
    if found.verdict is Verdict.INCONCLUSIVE:
        return "only a large regression would have been seen"
    return compared.lacking if compared else ""


def _copies_text(rung: Rung, live: Live, found: Findings) -> str:
    new, old = version_label(rung.version), version_label(live.version or live.config)
    return (
        f"{new} failed {found.new.failures:,} of {found.new.requests:,} copies, "
        f"{old} {found.old.failures:,} of {found.old.requests:,} requests"
    )


def _latency_text(most: int | None, copied: Copied | None) -> str:
    """Return how long both took. Latency is observed, and ends no rung: copies do not wait for anybody."""
    slower = copied.slower_ms if copied else None
    if most is None or copied is None or slower is None or copied.live_ms is None or copied.shadow_ms is None:
        return ""
    times = f"; it took {number_text(round(copied.shadow_ms))} ms on average, the live version "
    times += f"{number_text(round(copied.live_ms))} ms"
    return times + (f", so it is more than {most} ms slower" if slower > most else "")


def _freezes(gate: Gate) -> tuple[Freeze, ...]:
    return gate.freeze if gate.mode is Mode.ENFORCE else ()
