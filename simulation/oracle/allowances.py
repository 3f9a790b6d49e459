"""What the deployer could know of what people did and of what fired: where it could not, more than one end is right.

Each allowance is as narrow as the truth is: it asks when an act happened, what was told of it, and what a look saw.
"""

import itertools
import math

from lambdas.gate.alarms import CLEARING_SECONDS
from lambdas.gate.attempt import Outcome, Purpose
from lambdas.gate.fact import Fact, Kind, Row
from lambdas.gate.timing import FUNCTION_TIMEOUT
from simulation.oracle.pins import content, registered
from simulation.world.example import NAME, SPEC
from simulation.world.ground_truth import Act, ended
from simulation.world.hosting import MANUAL_SECONDS
from simulation.world.reads import SPECIFICATION
from simulation.world.resources import Update
from simulation.world.world import World

BACK = ("alarm", "sick")


def approvals(world: World, version: str) -> list[Act]:
    """In order."""
    return [act for act in world.acts if act.what == "approve" and act.version == version]


def is_heard(world: World, version: str, rows: list[Row]) -> bool:
    """The last approval of the version. What its event would have told shows in the registry as well, unless the
    version was Approved at the look before, which goes for one that was revoked unseen, too; or this is before a first
    look has ended. An approval like that which is lost with its event ranks by the version's approval before it."""
    *before, act = approvals(world, version)
    lost = any(version in message.body for message in world.dead_letters) or _is_forgotten(world, act, rows)
    if act.heard and not lost:
        return True
    later_baseline = any(row.fact.kind is Kind.BASELINE and row.fact.at > act.at - FUNCTION_TIMEOUT for row in rows)
    revoked = [r.fact.at for r in rows if r.fact.kind is Kind.APPROVAL_REVOKED and r.fact.version == version]
    seen_revoked = not before or any(before[-1].at <= at < act.at for at in revoked)
    return act.shows and not later_baseline and seen_revoked


def _is_forgotten(world: World, act: Act, rows: list[Row]) -> bool:
    """A look took its event while the endpoint's stack was gone, and a first look came after that."""
    unmanaged = [
        reconcile.at
        for reconcile in world.decisions
        if reconcile.at >= act.at and "there is no spec" in reconcile.reason
    ]
    return any(row.fact.kind is Kind.BASELINE and row.fact.at > at for row in rows for at in unmanaged)


def is_overtaken(world: World, version: str, rows: list[Row]) -> bool:
    """Approved after somebody's own change, and yet nothing tells so: within the same second, as the times of events
    are whole ones; or no look saw the change under way, and LastModifiedTime moved once more after the approval, at the
    change's end or because AWS patched the endpoint. It may be overtaken then, if the ledger says that it was. The
    first look remembers nothing while it waits."""
    approved = approvals(world, version)[-1].at
    told = [row.fact.at for row in rows if row.fact.at >= approved and version in _overtaken(row)]
    changes = [act.at for act in world.acts if act.what == "manual change" and act.at <= approved]
    if not told or not changes or approved < changes[-1] + 1:
        return bool(told and changes)
    done = changes[-1] + MANUAL_SECONDS
    modified = max(at for at in (done, *world.hosting.patches) if at <= max(done, told[-1]))
    waits = (
        reconcile
        for reconcile in world.decisions
        if reconcile.action == "wait" and reconcile.reason.startswith("the endpoint is")
    )
    return approved <= modified and not any(changes[-1] <= reconcile.at < done for reconcile in waits)


def is_time_hidden(world: World, version: str, since: float, rows: list[Row]) -> bool:
    """Approved before `since` and edited after it, and no event told of the approval: LastModifiedTime, or the event of
    the edit, which is all there is then, tells of the edit."""
    edited = {math.floor(at) for at, package in world.registry.history if package.arn == version and at >= since}
    seen = [r.fact for r in rows if r.fact.kind is Kind.APPROVAL_SEEN and r.fact.version == version]
    approved = approvals(world, version)
    early = bool(approved) and approved[-1].at < since
    return early and bool(edited) and any(fact.detail["inferred"] for fact in seen)


def is_approver_hidden(world: World, version: str, rows: list[Row]) -> bool:
    """No event told of its last approval, or somebody changed the version between that and the look that saw it; and
    the account's trail did not say who gave that one: of an approval that no look has seen yet, it tells nothing."""
    act = approvals(world, version)[-1]
    seen = [r.fact.at for r in rows if r.fact.kind is Kind.APPROVAL_SEEN and r.fact.version == version]
    until = next((at for at in seen if at >= act.at), world.now) + FUNCTION_TIMEOUT
    changed = any(p.arn == version and act.at < at <= until for at, p in world.registry.history)
    told = (r.fact for r in rows if r.fact.kind is Kind.APPROVER_WITNESSED and r.fact.version == version)
    settled = any(fact.at >= act.at for fact in told)
    return (changed or not act.heard) and not settled


def is_override_early(world: World, version: str, rows: list[Row]) -> bool:
    """An operator let the version pass after its last approval, and before a look that had seen that one ended: it was
    the approval before it that was let pass."""
    approved = approvals(world, version)[-1].at
    let = [act.at for act in world.acts if (act.what, act.version) == ("override", version) and act.at >= approved]
    told = (row.fact for row in rows if _is_approval(row, version))
    seen = [fact.at for fact in told if _given_at(fact) >= math.floor(approved)]
    return bool(let) and let[-1] < min(seen, default=math.inf) + FUNCTION_TIMEOUT


def is_change_hidden(world: World, version: str) -> bool:
    """Its specification or an image's tag was changed before the look that pinned the version, and its artifacts were
    not: nothing tells whether that was before the approval."""
    package, known = world.registry.packages[version], registered(world, version)
    if known is not None and package.specification not in known:
        return False
    pinned = [reads for (of, _), reads in world.pinned.items() if of == version]
    return bool(pinned) and (SPECIFICATION, version, package.specification) in pinned[-1]


def is_blamed(world: World, version: str, rows: list[Row]) -> bool:
    """Since its last approval an alarm fired for it, or its rollout was rolled back for what the version is."""
    return _fired_for(world, version) or bool(_rolled_back(world, version, rows))


def is_blame_hidden(world: World, version: str, rows: list[Row]) -> bool:
    """All that blamed the version since its last approval happened between the look that opened an attempt and its
    call, was over before a look, or looks older than the promotion."""
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
    """It was blamed and approved again, and a change by hand overtook that approval, which the ledger tells, or a later
    approval of another version did, before it was rolled out: what was known of the version before counts then."""
    approved = approvals(world, version)[-1].at
    told = any(row.fact.at >= approved and version in _overtaken(row) for row in rows)
    later = any(act.what == "approve" and act.version != version and act.at > approved for act in world.acts)
    rolled_out = any(update.version == version and update.at >= approved for update in world.hosting.updates)
    return (told or (later and not rolled_out)) and (
        any(blamed == version for blamed, _ in world.blame) or bool(_ended(world, version))
    )


def is_suspected(world: World, version: str, rows: list[Row]) -> bool:
    """Since its last approval an alarm fired while nothing guarded the update to it, for what still served; and nobody
    knew of that version that it burns, so that it could be this one as well."""
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    return any(
        suspected.version == version
        and suspected.at >= approved
        and not (is_blamed(world, suspected.serving, rows) and not is_blame_hidden(world, suspected.serving, rows))
        for suspected in world.suspected
    )


def does_not_fit(world: World, version: str, rows: list[Row]) -> bool:
    """It was rolled back with changed settings, which blames those; with them it is no way back."""
    resizes, ended = _resizes(world, rows), _ended(world, version)
    return any(update.config in resizes for update in ended)


def _fired_for(world: World, version: str) -> bool:
    """Since its last approval, and since it replaced itself: its guard found nothing amiss with other settings."""
    approved = max((act.at for act in world.acts if act.what == "approve" and act.version == version), default=0.0)
    live = [update for update in world.hosting.updates if update.ended == "live"]
    resized = max(
        (new.at for old, new in itertools.pairwise(live) if old.version == new.version == version), default=0.0
    )
    fired = (at for blamed, at in world.blame if blamed == version and at >= approved and at > resized)
    return any(not _is_for_settings(world, version, at) for at in fired)


def _is_for_settings(world: World, version: str, at: float) -> bool:
    """The version serves with other settings than it was first promoted with, and its watch window since then was over:
    what fires blames the settings."""
    served = [(since, world.hosting.version(config)) for name, config, since in world.hosting.served if name == NAME]
    since = [begun for begun, what in served if what == version and begun <= at]
    others = [begun for begun, what in served if what != version and begun <= at]
    own = [begun for begun in since if begun > max(others, default=0.0)]
    return len(own) > 1 and at > own[0] + SPEC.rollback_on.watch_seconds


def _rolled_back(world: World, version: str, rows: list[Row]) -> list[float]:
    """Times of the calls."""
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    resizes, ended = _resizes(world, rows), _ended(world, version)
    return [update.at for update in ended if update.at >= approved and update.config not in resizes]


def _ended(world: World, version: str) -> list[Update]:
    """Rollouts that went back for what they brought."""
    return [update for update in world.hosting.updates if update.version == version and update.ended in BACK]


def _resizes(world: World, rows: list[Row]) -> set[str]:
    """Configs of rollouts that brought what served before with other settings, whether somebody had approved it again
    or not."""
    opened = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED)
    resizes = {detail["endpoint_config"] for detail in opened if detail["purpose"] == Purpose.RESIZE}
    return resizes | {update.config for update in world.hosting.updates if _brings_the_same(world, update)}


def _brings_the_same(world: World, update: Update) -> bool:
    served = [(config, at) for name, config, at in world.hosting.served if name == NAME and at <= update.at]
    if not served or world.hosting.version(served[-1][0]) != update.version:
        return False
    config, promoted = served[-1]
    # What serves is what it was at its own call, whatever became of it during the rollout.
    called = next((each.at for each in world.hosting.updates if each.config == config), promoted)
    return content(world, update.version, called) == content(world, update.version, update.at)


def is_given_up(world: World, version: str, rows: list[Row]) -> bool:
    """The ledger says so of the version's last approval, after that was given, and people were told. Rows have the time
    at which their look began; one that ended after the approval has tried it."""
    opened = [row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED and row.fact.version == version]
    tried = {fact.detail["attempt"]: fact.detail["approval"]["order"] for fact in opened}
    seen = {row.fact.detail["approval"]: row.fact for row in rows if _is_approval(row, version)}
    last = max((*seen, *tried.values()), default=0)
    since = max((act.at for act in approvals(world, version)), default=0.0)
    is_known = last in seen and _given_at(seen[last]) >= math.floor(since)
    over = [row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
    others = {one["attempt"] for one in over if one["outcome"] in (Outcome.SUCCEEDED, Outcome.SUPERSEDED)}
    told = [row.fact for row in rows if row.fact.kind is Kind.ALERT and row.fact.version == version]
    alerts = [fact for fact in told if fact.detail.get("attempt") not in others]
    return any((is_known or _end(world, f.at) >= since) and tried.get(f.detail.get("attempt")) == last for f in alerts)


def manual_returns(world: World, rows: list[Row]) -> dict[str, float]:
    """By endpoint config that went live: when somebody put back what had been there before, and no look ended before
    that was done. The endpoint is InService on the old config then, as after a rollback for which SageMaker gives no
    reason."""
    opened = {row.fact.detail["endpoint_config"]: row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    closed = {row.fact.detail["endpoint_config"]: row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED}
    reconciles = ended(world.decisions)
    changes = [
        act
        for act in world.acts
        if act.what == "manual change" and not _within(reconciles, act.at, act.at + MANUAL_SECONDS)
    ]
    found: dict[str, float] = {}
    for live in (update.config for update in world.hosting.updates if update.ended == "live"):
        if live in opened and live in closed:
            before = opened[live].detail["previous_endpoint_config"]
            at = [a.at for a in changes if a.config == before and opened[live].at < a.at <= closed[live].at]
            found |= {live: at[-1]} if at else {}
    return found


def unseen_manual_changes(world: World, rows: list[Row]) -> set[float]:
    """When somebody put back what had been there before the change before theirs, of a rollout or by hand, and no look
    came between, or began while they did so; and when that change before was by hand."""
    found = set(manual_returns(world, rows).values())
    changes = [act for act in world.acts if act.what == "manual change"]
    for first, between, last in zip(changes, changes[1:], changes[2:], strict=False):
        rolled_out = any(first.at < update.at < last.at for update in world.hosting.updates)
        if first.config == last.config and not rolled_out and not _are_distinguishable(world, between.at, last.at):
            found |= {between.at, last.at}
    return found


def is_between_unseen(world: World, version: str) -> bool:
    """Approved between the last two changes by hand, and no look ended after the first was done and before the second
    was: they look like one, which began before the approval."""
    changes = [act.at for act in world.acts if act.what == "manual change"][-2:]
    given = [act.at for act in approvals(world, version)]
    if len(changes) < 2 or not given or not changes[0] <= given[-1] < changes[1]:
        return False
    return not _are_distinguishable(world, *changes)


def _are_distinguishable(world: World, first: float, last: float) -> bool:
    """Two changes by hand: a look ended when the first was done and the last was still to come, or one that began after
    the last had begun ended while it lasted."""
    reconciles = ended(world.decisions)
    return _within(reconciles, first + MANUAL_SECONDS, last) or _within(
        reconciles, last + FUNCTION_TIMEOUT, last + MANUAL_SECONDS
    )


def _end(world: World, begun: float) -> float:
    """Of the look that began then, as another may have ended, and wrote a row."""
    return min(
        begun + FUNCTION_TIMEOUT, next((reconcile.at for reconcile in world.decisions if reconcile.at > begun), begun)
    )


def _within(reconciles: list[float], begin: float, end: float) -> bool:
    return any(begin < at < end for at in reconciles)


def _is_approval(row: Row, version: str) -> bool:
    return row.fact.kind in (Kind.APPROVAL_SEEN, Kind.RETRY_REQUESTED) and row.fact.version == version


def _given_at(fact: Fact) -> float:
    """When the approval of the row was given, or its retry asked for."""
    at: float = fact.detail.get("approved_at", fact.at)
    return at


def _overtaken(row: Row) -> set[str | None]:
    detail = row.fact.detail
    itself = detail.get("outcome") == Outcome.SUPERSEDED or detail.get("overtaken_by")
    return {*detail.get("overtaken", ()), *((row.fact.version,) if itself else ())}


def _is_during_call(world: World, version: str, blamed_at: float, approved: float, rows: list[Row]) -> bool:
    """Approved again then, the version may have one more rollout if this one, which is the earlier approval's, is
    blamed. An alarm that fires then for what is about to be replaced is one that no look sees."""
    opened = {row.fact.detail["endpoint_config"]: row.fact.at for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    for update in world.hosting.updates:
        begun = opened.get(update.config, update.at)
        if update.version == version:
            happened = update.at == blamed_at and begun <= approved <= update.at
        else:
            happened = begun <= blamed_at <= update.at
        if happened:
            return True
    return False


def _is_ascribed_to_another(world: World, version: str, blamed_at: float, rows: list[Row]) -> bool:
    """As long as an alarm may still tell of another's fleet that was rolled back, it tells nothing of what serves; and
    by then the next rollout had begun."""
    opened = {r.fact.detail["attempt"]: r.fact.at for r in rows if r.fact.kind is Kind.ATTEMPT_OPENED}
    closed = (row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED)
    others = (fact for fact in closed if fact.version != version)
    for back in (fact for fact in others if fact.detail["outcome"] != Outcome.SUCCEEDED):
        began, clears_at = opened[back.detail["attempt"]], back.at + CLEARING_SECONDS
        if any(began <= blamed_at <= _end(world, at) for at in opened.values() if back.at <= at < clears_at):
            return True
    return False


def _is_before_patch(world: World, version: str, blamed_at: float, rows: list[Row]) -> bool:
    """Between the end of its rollout and the look that saw that, an alarm fired and AWS patched the endpoint: its
    LastModifiedTime, from which on the version is known to be live, is the patch's."""
    live = {u.config: u.at for u in world.hosting.updates if u.version == version and u.ended == "live"}
    closed = [row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
    seen = [(live[c], _end(world, f.at)) for f in closed if (c := f.detail["endpoint_config"]) in live]
    patched = ((begun, at) for begun, end in seen for at in world.hosting.patches if begun < at <= end)
    return any(begun < blamed_at <= at for begun, at in patched)


def _is_unseen(world: World, version: str, blamed_at: float) -> bool:
    """A standing alarm that had burned before the version was live changes no state when it blames it, and one that is
    out again, or whose version somebody replaced by hand, before a look at an idle endpoint has ended tells nobody; nor
    does one that is seen during a pause, when nothing begins. Later than the watch window after its rollout began, it
    may judge nothing any more."""
    live = (update for update in world.hosting.updates if update.version == version and update.ended == "live")
    begun = [update.at for update in live if update.at <= blamed_at]
    if begun and blamed_at > begun[-1] + SPEC.rollback_on.watch_seconds:
        return True
    if any((update.version, update.at) == (version, blamed_at) for update in world.hosting.updates):
        return False  # Its rollout's own alarms: SageMaker reconciles at them.
    lit = [change.name for change in world.alarms.changes if change.at == blamed_at and change.new == "ALARM"]
    if not lit:
        return True
    out = [change.at for change in world.alarms.changes if change.name == lit[0] and change.at > blamed_at]
    out += [act.at for act in world.acts if act.what == "manual change" and act.at > blamed_at]
    idle = (reconcile for reconcile in world.decisions if reconcile.action not in ("wait", "defer", "close"))
    return bool(out) and not any(
        blamed_at < reconcile.at <= min(out) and "paused" not in reconcile.reason for reconcile in idle
    )
