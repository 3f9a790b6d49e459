"""What the deployer could not know of what people did and of what fired. There, more than one outcome is right.

Each allowance is as narrow as the truth: it asks when an act happened, what reported it, and which reconcile saw it.
"""

import itertools
import math

from lambdas.gate.decide.witness import TOLERANCE_SECONDS
from lambdas.gate.rollout.alarms import CLEARING_SECONDS
from lambdas.gate.spec.judge import JudgeMode
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.timing import FUNCTION_TIMEOUT
from simulation.oracle.pins import content, is_replaced, recorded, registered, registration
from simulation.oracle.records import spec_of
from simulation.world.example import NAME, SPEC
from simulation.world.ground_truth import Act, ended
from simulation.world.hosting import MANUAL_SECONDS
from simulation.world.people import user_context
from simulation.world.reads import SPECIFICATION, as_text
from simulation.world.resources import Update
from simulation.world.world import World
from world.alarms.evaluation import State

BACK = ("alarm", "sick")
KEEP_THE_VERSION = (Purpose.RESIZE, Purpose.SHADOW, Purpose.END_SHADOW)
"""Rollouts after which the same version serves."""
_OVER = (Outcome.SUCCEEDED, Outcome.SHADOWED, Outcome.SUPERSEDED)
NOT_LATER = "a pin is not taken after the approval"
REPLACED = "after the version was registered"
UNREAD = "it could not be read when the version was first seen"


def approvals(world: World, version: str) -> list[Act]:
    """Return the approvals of a version, and the retries of operators, in order."""
    return [act for act in world.acts if act.what == "approve" and act.version == version]


def is_heard(world: World, version: str, rows: list[Row]) -> bool:
    """True if the deployer can know of the last approval of the version.

    Its event reports it. Without its event the registry shows it, with two exceptions: the version was already Approved
    at the last reconcile, or was revoked and approved again without a reconcile in between; or the first reconcile has
    not ended yet. An approval that the deployer cannot know of ranks by the approval before it.
    """
    *before, act = approvals(world, version)
    lost = any(version in message.body for message in world.dead_letters) or _is_forgotten(world, act, rows)
    if act.heard and not lost:
        return True
    later_baseline = any(row.fact.kind is Kind.BASELINE and row.fact.at > act.at - FUNCTION_TIMEOUT for row in rows)
    revoked = [r.fact.at for r in rows if r.fact.kind is Kind.APPROVAL_REVOKED and r.fact.version == version]
    seen_revoked = not before or any(before[-1].at <= at < act.at for at in revoked)
    return act.shows and not later_baseline and seen_revoked


def _is_forgotten(world: World, act: Act, rows: list[Row]) -> bool:
    """True if a reconcile consumed its event while the endpoint's stack did not exist, and a first reconcile came after
    that."""
    unmanaged = [
        reconcile.at
        for reconcile in world.decisions
        if reconcile.at >= act.at and "there is no spec" in reconcile.reason
    ]
    return any(row.fact.kind is Kind.BASELINE and row.fact.at > at for row in rows for at in unmanaged)


def is_overtaken(world: World, version: str, rows: list[Row]) -> bool:
    """True if the version was approved after a manual change, but looks as if it was approved before.

    - Both were within the same second. The times of events are whole seconds.
    - No reconcile saw the change in progress, and LastModifiedTime moved after the approval: at the end of the change,
      or because AWS patched the endpoint.

    The ledger must say that the approval was overtaken. The first reconcile remembers nothing while it waits.
    """
    approved = approvals(world, version)[-1].at
    reported = [row.fact.at for row in rows if row.fact.at >= approved and version in _overtaken(row)]
    changes = [act.at for act in world.acts if act.what == "manual change" and act.at <= approved]
    if not reported or not changes or approved < changes[-1] + 1:
        return bool(reported and changes)
    done = changes[-1] + MANUAL_SECONDS
    modified = max(at for at in (done, *world.hosted.patches) if at <= max(done, reported[-1]))
    waits = (
        reconcile
        for reconcile in world.decisions
        if reconcile.action == "wait" and reconcile.reason.startswith("the endpoint is")
    )
    # The world ends a change with its next event, so a little late.
    latest = modified + TOLERANCE_SECONDS
    return approved <= latest and not any(changes[-1] <= reconcile.at < done for reconcile in waits)


def is_time_hidden(world: World, version: str, since: float, rows: list[Row]) -> bool:
    """True if the version was approved before `since` and edited after it, and no event reported the approval.
    LastModifiedTime and the event are then those of the edit."""
    edited = {math.floor(at) for at, package in world.versions.history if package.arn == version and at >= since}
    seen = [r.fact for r in rows if r.fact.kind is Kind.APPROVAL_SEEN and r.fact.version == version]
    approved = approvals(world, version)
    early = bool(approved) and approved[-1].at < since
    return early and bool(edited) and any(fact.detail["inferred"] for fact in seen)


def is_approver_hidden(world: World, version: str, rows: list[Row]) -> bool:
    """True if the deployer cannot know who gave the last approval.

    No event reported it, or the event came while the head was not trusted; or somebody changed the version before a
    reconcile saw the approval; and CloudTrail did not name the approver. CloudTrail's events say nothing about an
    approval that no reconcile has seen yet.
    """
    act = approvals(world, version)[-1]
    seen = [r.fact.at for r in rows if r.fact.kind is Kind.APPROVAL_SEEN and r.fact.version == version]
    until = next((at for at in seen if at >= act.at), world.now) + FUNCTION_TIMEOUT
    changed = any(p.arn == version and act.at < at <= until for at, p in world.versions.history)
    reported = (r.fact for r in rows if r.fact.kind is Kind.APPROVER_WITNESSED and r.fact.version == version)
    settled = any(fact.at >= act.at for fact in reported)
    return (changed or not act.heard or _is_during_edit(world, act, rows)) and not settled


def _is_during_edit(world: World, act: Act, rows: list[Row]) -> bool:
    """True if the head was as somebody had edited it when the approval's event came, or may have been."""
    restored = (row.fact.at for row in rows if row.fact.kind is Kind.RESTORED)
    return bool(world.edited_at) and any(world.edited_at - FUNCTION_TIMEOUT <= act.at <= at for at in restored)


def is_disputed(world: World, version: str) -> bool:
    """True if the last two approvals of the version came at the same time, by the clocks of AWS, from two people."""
    given = approvals(world, version)[-2:]
    return len({act.who for act in given}) == 2 and given[1].at - given[0].at <= TOLERANCE_SECONDS


def is_writer_hidden(world: World, version: str) -> bool:
    """True if the one who gave the last approval was also the last to change the version before the deployer first saw
    it. Nothing tells a change of its status from one of its specification, so it counts as the author's."""
    known, who = registration(world, version), user_context(approvals(world, version)[-1].who)
    if known is None:
        return False
    ends = known.seen_at + FUNCTION_TIMEOUT
    during = (p for at, p in world.versions.history if p.arn == version and known.seen_at < at <= ends)
    seen = (world.versions.at(version, known.seen_at), *during)
    return any(package is not None and package.modified_by == who != {} for package in seen)


def is_override_early(world: World, version: str, rows: list[Row]) -> bool:
    """True if an operator overrode a check after the last approval of the version, but before a reconcile had seen it.
    The override is for the approval before it."""
    approved = approvals(world, version)[-1].at
    let = [act.at for act in world.acts if (act.what, act.version) == ("override", version) and act.at >= approved]
    reported = (row.fact for row in rows if _is_approval(row, version))
    seen = [fact.at for fact in reported if _given_at(fact) >= math.floor(approved)]
    return bool(let) and let[-1] < min(seen, default=math.inf) + FUNCTION_TIMEOUT


def is_change_hidden(world: World, version: str) -> bool:
    """True if the tag of an image was moved before the reconcile that pinned the version, and nothing else was changed.
    Nothing tells whether that was before the approval."""
    package, known = world.registry.packages[version], registered(world, version)
    approved = world.versions.at(version, approvals(world, version)[-1].at)
    if approved is None or approved.specification != package.specification:
        return False
    if known is not None and as_text(package.specification) not in known:
        return False
    if world.gate.pin and is_replaced(world, version):
        return False
    pinned = [reads for (of, _), reads in world.pinned.items() if of == version]
    return bool(pinned) and (SPECIFICATION, version, as_text(package.specification)) in pinned[-1]


def stays_refused(world: World, version: str, rows: list[Row]) -> bool:
    """True if the last approval was refused, and stays so whatever is asked for now:

    1. Nothing was recorded before it of what the version loads, and AWS denied that, or did not answer for it.
    2. The spec asked for pins then, and something that the version loads had been replaced.
    """
    given = approvals(world, version)[-1].at
    refused = [r.fact for r in rows if r.fact.kind is Kind.APPROVAL_REFUSED and r.fact.version == version]
    reasons = [fact.summary for fact in refused if fact.at >= given]
    if any(NOT_LATER in reason for reason in reasons):  # 1
        return recorded(world, version) is None and (world.was_denied or world.was_silent)
    return any(REPLACED in reason for reason in reasons) and is_replaced(world, version)  # 2


def is_report_unread(world: World, version: str, rows: list[Row]) -> bool:
    """True if the last approval is held because AWS denied the version's report when the version was first seen. What
    can be read later may be another report."""
    given = approvals(world, version)[-1].at
    held = [row.fact for row in rows if row.fact.kind is Kind.HELD and row.fact.version == version]
    return world.was_denied and any(fact.at >= given and UNREAD in fact.summary for fact in held)


def is_blamed(world: World, version: str, rows: list[Row]) -> bool:
    """True if an alarm fired because of the version since its last approval, or its rollout was rolled back because of
    what the version is."""
    return _fired_for(world, version, rows) or bool(_rolled_back(world, version, rows))


def is_blame_hidden(world: World, version: str, rows: list[Row]) -> bool:
    """True if the deployer cannot know of any alarm or rollback that the version caused since its last approval.

    Each one happened between the reconcile that opened an attempt and its call, was over before a reconcile, or seems
    older than the promotion.
    """
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    fired = [at for blamed, at in world.blame if blamed == version and at >= approved]
    since = (*fired, *_rolled_back(world, version, rows))
    return all(
        _is_during_call(world, version, at, approved, rows)
        or _is_unseen(world, version, at)
        or _is_ascribed_to_another(world, version, at, rows)
        or _is_before_patch(world, version, at, rows)
        for at in since
    )


def is_blame_restored(world: World, version: str, rows: list[Row]) -> bool:
    """True if what was known against the version before its last approval counts again.

    The version was approved again, but that approval was overtaken: by a manual change, which the ledger shows, or by a
    later approval of another version before a rollout.
    """
    approved = approvals(world, version)[-1].at
    reported = any(row.fact.at >= approved and version in _overtaken(row) for row in rows)
    later = any(act.what == "approve" and act.version != version and act.at > approved for act in world.acts)
    rolled_out = any(update.version == version and update.at >= approved for update in world.hosted.updates)
    return (reported or (later and not rolled_out)) and (
        any(blamed == version for blamed, _ in world.blame) or bool(_ended(world, version))
    )


def is_unjudged(version: str, rows: list[Row], *, by_latency: bool) -> bool:
    """True if the version went live, and its last rollout was over before a minute counted that both fleets shared, or
    before its latency was known. So the judge could not find it worse, whatever an earlier fleet showed."""
    judged = [row.fact for row in rows if row.fact.version == version and "comparison" in row.fact.detail]
    if by_latency:
        judged = [fact for fact in judged if fact.kind is Kind.JUDGED]
    if not judged:
        return False
    found = judged[-1].detail["comparison"]
    return bool((found["latency"] if by_latency else found)["minutes"] == 0)


def is_without_judge(world: World, version: str, rows: list[Row]) -> bool:
    """True if nothing compared the version: the spec has no judge, and the version was no shadow, because there was
    nothing to compare it with."""
    spec = spec_of(world)
    if spec is None or spec.judged_by.mode is not JudgeMode.OFF or spec.shadow is None:
        return False
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    opened = [row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED and row.fact.version == version]
    recent = [detail for detail in opened if detail["approval"]["at"] >= math.floor(approved)]
    return bool(recent) and all(detail["purpose"] != Purpose.SHADOW for detail in recent)


def is_suspected(world: World, version: str, rows: list[Row]) -> bool:
    """True if an alarm may have been caused by the version, although another version caused it.

    It fired since the version's last approval, while nothing guarded the update to it, because of the version that was
    still serving; and nobody knew that the serving version causes alarms.
    """
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    return any(
        suspected.version == version
        and suspected.at >= approved
        and not (is_blamed(world, suspected.serving, rows) and not is_blame_hidden(world, suspected.serving, rows))
        for suspected in world.suspected
    )


def does_not_fit(world: World, version: str, rows: list[Row]) -> bool:
    """True if the version was rolled back with changed settings. The settings are the cause, and with them the version
    is not launched anew."""
    resizes, ended = _resizes(world, rows), _ended(world, version)
    return any(update.config in resizes for update in ended)


def has_failed_again(world: World, version: str, rows: list[Row]) -> bool:
    """True if a revert to the version was rolled back: it failed with the settings with which it was good, too."""
    purposes = _purposes(rows)
    return any(purposes.get(update.config) is Purpose.REVERT for update in _ended(world, version))


def _fired_for(world: World, version: str, rows: list[Row]) -> bool:
    """True if an alarm fired because of the version since its last approval, and since a rollout of it with other
    settings succeeded. An alarm at the end of a revert to it does not count: people are told of it, and it stays."""
    approved = max((act.at for act in world.acts if act.what == "approve" and act.version == version), default=0.0)
    purposes = _purposes(rows)
    relaunched = {config for config, purpose in purposes.items() if purpose.keeps_live}
    served = [(config, at) for name, config, at in world.hosted.served if name == NAME]
    ends = {at for config, at in served if purposes.get(config) is Purpose.REVERT}
    live = [update for update in world.hosted.updates if update.ended == "live"]
    pairs = itertools.pairwise(update for update in live if update.config not in relaunched)
    resized = max((new.at for old, new in pairs if old.version == new.version == version), default=0.0)
    fired = (at for blamed, at in world.blame if blamed == version and at >= approved and at > resized)
    return any(not _is_for_settings(world, version, at) and at not in ends for at in fired)


def _is_for_settings(world: World, version: str, at: float) -> bool:
    """True if the version serves with other settings than at its first promotion, and the watch window since then was
    over. Then the settings are the cause."""
    served = [(since, world.hosting.version(config)) for name, config, since in world.hosted.served if name == NAME]
    since = [begun for begun, what in served if what == version and begun <= at]
    others = [begun for begun, what in served if what != version and begun <= at]
    own = [begun for begun in since if begun > max(others, default=0.0)]
    return len(own) > 1 and at > own[0] + SPEC.rollback_on.watch_seconds


def _rolled_back(world: World, version: str, rows: list[Row]) -> list[float]:
    """Return the times of the calls whose rollouts were rolled back because of the version."""
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    resizes, ended = _resizes(world, rows), _ended(world, version)
    return [update.at for update in ended if update.at >= approved and update.config not in resizes]


def _ended(world: World, version: str) -> list[Update]:
    """Return the rollouts of the version that were rolled back because of what they brought."""
    return [update for update in world.hosted.updates if update.version == version and update.ended in BACK]


def _resizes(world: World, rows: list[Row]) -> set[str]:
    """Return the configs of rollouts that changed only the settings of the live version, whether it had been approved
    again or not."""
    resizes = {config for config, purpose in _purposes(rows).items() if purpose in KEEP_THE_VERSION}
    return resizes | {update.config for update in world.hosted.updates if _brings_the_same(world, update)}


def _purposes(rows: list[Row]) -> dict[str, Purpose]:
    """Return what each attempt was for, by its config."""
    opened = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED)
    return {detail["endpoint_config"]: Purpose(detail["purpose"]) for detail in opened}


def _brings_the_same(world: World, update: Update) -> bool:
    served = [(config, at) for name, config, at in world.hosted.served if name == NAME and at <= update.at]
    if not served or world.hosting.version(served[-1][0]) != update.version:
        return False
    config, promoted = served[-1]
    # The live version is what it was at its own call, even if it was changed during the rollout.
    called = next((each.at for each in world.hosted.updates if each.config == config), promoted)
    return content(world, update.version, called) == content(world, update.version, update.at)


def is_given_up(world: World, version: str, rows: list[Row]) -> bool:
    """True if the ledger says, after the last approval of the version, that this approval is given up, and an alert was
    sent. An attempt that only changed the settings gives up these, and its version stays.

    A row has the time at which its reconcile began. A reconcile that ended after the approval has tried that approval.
    """
    opened = [row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED and row.fact.version == version]
    rolled_out = (fact for fact in opened if fact.detail["purpose"] not in (Purpose.RESIZE, Purpose.END_SHADOW))
    tried = {fact.detail["attempt"]: fact.detail["approval"]["order"] for fact in rolled_out}
    seen = {row.fact.detail["approval"]: row.fact for row in rows if _is_approval(row, version)}
    last = max((*seen, *tried.values()), default=0)
    since = max((act.at for act in approvals(world, version)), default=0.0)
    is_known = last in seen and _given_at(seen[last]) >= math.floor(since)
    over = [row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
    others = {one["attempt"] for one in over if one["outcome"] in _OVER}
    reported = [row.fact for row in rows if row.fact.kind is Kind.ALERT and row.fact.version == version]
    alerts = [fact for fact in reported if fact.detail.get("attempt") not in others]
    return any((is_known or _end(world, f.at) >= since) and tried.get(f.detail.get("attempt")) == last for f in alerts)


def manual_returns(world: World, rows: list[Row]) -> dict[str, float]:
    """Return when a person put back the config from before a rollout, by the config of the rollout, if no reconcile
    ended before that was done.

    The endpoint is then InService on the old config, as after a rollback for which SageMaker gives no reason. A
    reconcile meanwhile does not help if SageMaker names the next config: that is what a rollback would name, too.
    """
    opened = {row.fact.detail["endpoint_config"]: row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    closed = {row.fact.detail["endpoint_config"]: row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED}
    reconciles = ended(world.decisions)
    changes = [
        act
        for act in world.acts
        if act.what == "manual change"
        and not (world.assumptions.updating_shows_old_config and _within(reconciles, act.at, act.at + MANUAL_SECONDS))
    ]
    found: dict[str, float] = {}
    for live in (update.config for update in world.hosted.updates if update.ended == "live"):
        if live in opened and live in closed:
            before = opened[live].detail["previous_endpoint_config"]
            at = [a.at for a in changes if a.config == before and opened[live].at < a.at <= closed[live].at]
            found |= {live: at[-1]} if at else {}
    return found


def unseen_manual_changes(world: World, rows: list[Row]) -> set[float]:
    """Return the times of manual changes that no reconcile could see.

    A person put back what was there before the previous change, and no reconcile came between the two, or began during
    the second. If the previous change was manual, its time is returned, too.
    """
    found = set(manual_returns(world, rows).values())
    changes = [act for act in world.acts if act.what == "manual change"]
    for first, between, last in zip(changes, changes[1:], changes[2:], strict=False):
        rolled_out = any(first.at < update.at < last.at for update in world.hosted.updates)
        if first.config == last.config and not rolled_out and not _are_distinguishable(world, between.at, last.at):
            found |= {between.at, last.at}
    return found


def is_between_unseen(world: World, version: str) -> bool:
    """True if the version was approved between the last two manual changes, which look like one change that began
    before the approval: no reconcile ended between them."""
    changes = [act.at for act in world.acts if act.what == "manual change"][-2:]
    given = [act.at for act in approvals(world, version)]
    if len(changes) < 2 or not given or not changes[0] <= given[-1] < changes[1]:
        return False
    return not _are_distinguishable(world, *changes)


def _are_distinguishable(world: World, first: float, last: float) -> bool:
    """True if a reconcile tells the two manual changes apart: it ended between the end of the first and the start of
    the last, or it began and ended during the last."""
    reconciles = ended(world.decisions)
    return _within(reconciles, first + MANUAL_SECONDS, last) or _within(
        reconciles, last + FUNCTION_TIMEOUT, last + MANUAL_SECONDS
    )


def _end(world: World, begun: float) -> float:
    """Return when the reconcile ended that began then. If another one ended first, its end is returned: it wrote a row,
    too."""
    return min(
        begun + FUNCTION_TIMEOUT, next((reconcile.at for reconcile in world.decisions if reconcile.at > begun), begun)
    )


def _within(reconciles: list[float], begin: float, end: float) -> bool:
    return any(begin < at < end for at in reconciles)


def _is_approval(row: Row, version: str) -> bool:
    return row.fact.kind in (Kind.APPROVAL_SEEN, Kind.RETRY_REQUESTED) and row.fact.version == version


def _given_at(fact: Fact) -> float:
    """Return when the approval of this row was given, or when its retry was ordered."""
    at: float = fact.detail.get("approved_at", fact.at)
    return at


def _overtaken(row: Row) -> set[str | None]:
    detail = row.fact.detail
    itself = detail.get("outcome") == Outcome.SUPERSEDED or detail.get("overtaken_by")
    return {*detail.get("overtaken", ()), *((row.fact.version,) if itself else ())}


def _is_during_call(world: World, version: str, blamed_at: float, approved: float, rows: list[Row]) -> bool:
    """True if the alarm fired between opening the attempt and the call.

    If the version is approved again in that time, only its earlier approval is blamed for this rollout, so it may have
    one more. If the alarm was caused by what is about to be replaced, no reconcile sees it.
    """
    opened = {row.fact.detail["endpoint_config"]: row.fact.at for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    for update in world.hosted.updates:
        begun = opened.get(update.config, update.at)
        if update.version == version:
            happened = update.at == blamed_at and begun <= approved <= update.at
        else:
            happened = begun <= blamed_at <= update.at
        if happened:
            return True
    return False


def _is_ascribed_to_another(world: World, version: str, blamed_at: float, rows: list[Row]) -> bool:
    """True if the deployer ascribes the alarm to another version's fleet, which was rolled back and whose alarms may
    not have cleared yet; and the next rollout had begun by then."""
    opened = {r.fact.detail["attempt"]: r.fact.at for r in rows if r.fact.kind is Kind.ATTEMPT_OPENED}
    closed = (row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED)
    others = (fact for fact in closed if fact.version != version)
    for back in (fact for fact in others if fact.detail["outcome"] != Outcome.SUCCEEDED):
        began, clears_at = opened[back.detail["attempt"]], back.at + CLEARING_SECONDS
        if any(began <= blamed_at <= _end(world, at) for at in opened.values() if back.at <= at < clears_at):
            return True
    return False


def _is_before_patch(world: World, version: str, blamed_at: float, rows: list[Row]) -> bool:
    """True if the alarm fired between the end of the version's rollout and the reconcile that saw that end, and AWS
    patched the endpoint in that time. The patch moves LastModifiedTime, from which the version counts as live."""
    live = {u.config: u.at for u in world.hosted.updates if u.version == version and u.ended == "live"}
    closed = [row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
    seen = [(live[c], _end(world, f.at)) for f in closed if (c := f.detail["endpoint_config"]) in live]
    patched = ((begun, at) for begun, end in seen for at in world.hosted.patches if begun < at <= end)
    return any(begun < blamed_at <= at for begun, at in patched)


def _is_unseen(world: World, version: str, blamed_at: float) -> bool:
    """True if no reconcile could see the alarm.

    - It fired after the watch window of the rollout.
    - It was in ALARM before the version was live, so its state did not change.
    - It cleared, or a manual change replaced the version, before a reconcile of an idle endpoint ended.
    - Only reconciles during a pause saw it, and those start nothing.
    """
    live = (update for update in world.hosted.updates if update.version == version and update.ended == "live")
    begun = [update.at for update in live if update.at <= blamed_at]
    if begun and blamed_at > begun[-1] + SPEC.rollback_on.watch_seconds:
        return True
    if any((update.version, update.at) == (version, blamed_at) for update in world.hosted.updates):
        return False  # SageMaker itself reacts to the alarms of its rollout.
    changes = list(world.alarms.state_updates())
    lit = [change.name for change in changes if change.at == blamed_at and change.new.value is State.ALARM]
    if not lit:
        return True
    out = [change.at for change in changes if change.name == lit[0] and change.at > blamed_at]
    out += [act.at for act in world.acts if act.what == "manual change" and act.at > blamed_at]
    idle = (reconcile for reconcile in world.decisions if reconcile.action not in ("wait", "defer", "close"))
    return bool(out) and not any(
        blamed_at < reconcile.at <= min(out) and "paused" not in reconcile.reason for reconcile in idle
    )
