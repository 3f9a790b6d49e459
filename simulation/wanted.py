"""What the endpoint may serve once all has settled: an oracle of its own, from what people truly did.

The newest approval wins, where its version is still Approved and sound; otherwise an older one may serve, or what was
good before. Which of these depends on when the deployer looked, so the answer is a set.
"""

import math

from lambdas.gate import names
from lambdas.gate.attempt import Outcome
from lambdas.gate.fact import Kind, Row
from simulation.hosting import HAND_SECONDS, Quality
from simulation.world import NAME, Act, World

_UNSOUND = (Quality.ERRS, Quality.SICK)


def acceptable(world: World, rows: list[Row], *, held: bool) -> set[str | None]:
    """ARNs of versions; names of configs that are no version; statuses; None for no endpoint."""
    hand = next((act for act in reversed(world.acts) if act.what in ("hand", "deleted")), None)
    since = max((n for n, act in enumerate(world.acts) if act.what in ("hand", "deleted", "baseline")), default=0)
    allowed: set[str | None] = set()
    fallen = False
    for version in _by_approval(world, since):
        if _is_sound(world, version, rows) and not _is_given_up(world, version, rows):
            allowed.add(version)
            excused = world.is_blamed(version)
            if not excused and _is_heard(world, version, rows) and not _is_overtaken(world, version, rows):
                break
        fallen = True
    else:
        fallen = True
    if fallen:
        good = {version for version in _fallbacks(world, rows) if not _is_given_up(world, version, rows)}
        allowed |= good
        if not good or any(act.what == "baseline" for act in world.acts):
            allowed |= _standing_still(world)
        if hand is not None:
            allowed.add(hand.version or hand.config if hand.what == "hand" else None)
    if (held and _is_holding(world)) or not allowed or not is_managed(world) or _is_stuck(world, rows):
        allowed |= _standing_still(world)
    return allowed


def _by_approval(world: World, since: int) -> list[str]:
    """Versions approved since that act, the latest approval first."""
    acts = [act.version for act in world.acts[since:] if act.what == "approve"]
    return list(dict.fromkeys(reversed(acts)))


def _approvals(world: World, version: str) -> list[Act]:
    return [act for act in world.acts if act.what == "approve" and act.version == version]


def _is_heard(world: World, version: str, rows: list[Row]) -> bool:
    """What the event would have told shows in the registry as well, unless the version was Approved at the look before,
    which goes for one that was revoked unseen, too; or this is before a first look. An approval like that which is
    lost with its event ranks by the version's approval before it."""
    *before, act = _approvals(world, version)
    if act.heard and not any(version in message.body for message in world.dead_letters):
        return True
    later_baseline = any(row.fact.kind is Kind.BASELINE and row.fact.at > act.at for row in rows)
    seen_revoked = any(
        row.fact.kind is Kind.APPROVAL_REVOKED and row.fact.version == version and before[-1].at <= row.fact.at < act.at
        for row in rows
        if before
    )
    return act.shows and not later_baseline and (not before or seen_revoked)


def _is_overtaken(world: World, version: str, rows: list[Row]) -> bool:
    """Approved after somebody's own change, and yet nothing tells so: within the same second, as the times of events
    are whole ones; or no look saw the change under way, and LastModifiedTime moved once more after the approval, at the
    change's end or because AWS patched the endpoint. It may be overtaken then, if the ledger says that it was."""
    approved = _approvals(world, version)[-1].at
    told = [row.fact.at for row in rows if row.fact.at >= approved and version in _overtaken(row)]
    changes = [act.at for act in world.acts if act.what == "hand" and act.at <= approved]
    if not told or not changes or approved < changes[-1] + 1:
        return bool(told and changes)
    done = changes[-1] + HAND_SECONDS
    modified = max(at for at in (done, *world.hosting.patches) if at <= max(done, told[-1]))
    seen = any(look.action == "wait" and changes[-1] <= look.at < done for look in world.decisions)
    return approved <= modified and not seen


def _overtaken(row: Row) -> set[str | None]:
    superseded = row.fact.detail.get("outcome") == Outcome.SUPERSEDED
    return {*row.fact.detail.get("overtaken", ()), *((row.fact.version,) if superseded else ())}


def _is_holding(world: World) -> bool:
    return bool(world.decisions) and world.decisions[-1].action == "hold"


def _is_sound(world: World, version: str, rows: list[Row]) -> bool:
    package = world.registry.packages.get(version)
    approved = package is not None and package.approval == "Approved" and package.status == "Completed"
    followed = package is not None and f'"{package.group}"' in _spec(world)
    if not approved or not followed or world.quality(version) in _UNSOUND:
        return False
    return not world.is_blamed(version) or _is_excused(world, version, rows)


def _is_excused(world: World, version: str, rows: list[Row]) -> bool:
    """What happens between the look that opens an attempt and its call: approved again then, a version may have one
    more rollout if this one, which is the earlier approval's, is blamed; and an alarm that fires then for what is
    about to be replaced is one that no look sees."""
    approved = max((act.at for act in _approvals(world, version)), default=0.0)
    opened = {row.fact.detail["endpoint_config"]: row.fact.at for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    calls = [(u.version, opened.get(u.config, u.at), u.at) for u in world.hosting.updates]

    def is_excused(blamed_at: float) -> bool:
        again = ((version, blamed_at) == (of, at) and begun <= approved <= at for of, begun, at in calls)
        hidden = (version != of and begun <= blamed_at <= at for of, begun, at in calls)
        return any(again) or any(hidden)

    return all(is_excused(at) for blamed, at in world.blame if blamed == version and at >= approved)


def _spec(world: World) -> str:
    parameter = world.parameters.get(names.spec_parameter(NAME))
    return parameter.value if parameter else ""


def _is_given_up(world: World, version: str, rows: list[Row]) -> bool:
    """The ledger says so of the version's last approval, after that was given, and people were told."""
    opened = [row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED and row.fact.version == version]
    tried = {fact.detail["attempt"]: fact.detail["approval"]["order"] for fact in opened}
    seen = {row.fact.detail["approval"]: row.fact for row in rows if _is_approval(row, version)}
    last = max((*seen, *tried.values()), default=0)
    since = max((act.at for act in _approvals(world, version)), default=0.0)
    is_known = last in seen and seen[last].detail.get("approved_at", seen[last].at) >= math.floor(since)
    alerts = [row.fact for row in rows if row.fact.kind is Kind.ALERT and row.fact.version == version]
    return any((is_known or f.at >= since) and tried.get(f.detail.get("attempt")) == last for f in alerts)


def _is_approval(row: Row, version: str) -> bool:
    return row.fact.kind in (Kind.APPROVAL_SEEN, Kind.RETRY_REQUESTED) and row.fact.version == version


def _fallbacks(world: World, rows: list[Row]) -> set[str]:
    """Versions that truly were live and are sound."""
    live = (update.version for update in world.hosting.updates if update.ended == "live")
    return {version for version in live if _is_sound(world, version, rows)}


def is_managed(world: World) -> bool:
    """The endpoint's stack is there."""
    return names.spec_parameter(NAME) in world.parameters


def _is_stuck(world: World, rows: list[Row]) -> bool:
    """The endpoint has a status that only a person can mend, and people were told."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None or endpoint.status == "InService":
        return False
    return any(row.fact.kind is Kind.ALERT and endpoint.status in row.fact.summary for row in rows)


def _standing_still(world: World) -> set[str | None]:
    """Nothing good is left: what serves keeps serving."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None:
        return {None}
    return {world.hosting.version(endpoint.config) or endpoint.config, endpoint.status}
