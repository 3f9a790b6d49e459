"""What the endpoint may serve once all has settled: an oracle of its own, from what people truly did.

The newest approval wins, where its version is still Approved and sound; otherwise an older one may serve, or what was
good before. Which of these depends on when the deployer looked, so the answer is a set.
"""

from lambdas.gate.fact import Kind, Row
from simulation.hosting import Quality
from simulation.world import NAME, World

_UNSOUND = (Quality.ERRS, Quality.SICK, Quality.BURNS)


def acceptable(world: World, rows: list[Row], *, held: bool) -> set[str | None]:
    """ARNs of versions; names of configs that are no version; statuses; None for no endpoint."""
    hand = next((act for act in reversed(world.acts) if act.what in ("hand", "deleted")), None)
    since = max((n for n, act in enumerate(world.acts) if act.what in ("hand", "deleted", "baseline")), default=0)
    allowed: set[str | None] = set()
    fallen = False
    for version in _by_approval(world, since):
        if _is_sound(world, version) and not _is_given_up(version, rows):
            allowed.add(version)
            break
        fallen = True
    else:
        fallen = True
    if fallen:
        allowed |= _fallbacks(world)
        if hand is not None:
            allowed.add(hand.version or hand.config if hand.what == "hand" else None)
    if held or not allowed:
        allowed |= _standing_still(world)
    return allowed


def _by_approval(world: World, since: int) -> list[str]:
    """Versions approved since that act, the latest approval first."""
    acts = [act.version for act in world.acts[since:] if act.what == "approve"]
    return list(dict.fromkeys(reversed(acts)))


def _is_sound(world: World, version: str) -> bool:
    package = world.registry.packages.get(version)
    approved = package is not None and package.approval == "Approved" and package.status == "Completed"
    return approved and world.quality(version) not in _UNSOUND and version not in world.blamed


def _is_given_up(version: str, rows: list[Row]) -> bool:
    """The ledger says so, and people were told."""
    return any(row.fact.kind is Kind.ALERT and row.fact.version == version for row in rows)


def _fallbacks(world: World) -> set[str | None]:
    """Versions that truly were live and are sound."""
    return {u.version for u in world.hosting.updates if u.ended == "live" and _is_sound(world, u.version)}


def _standing_still(world: World) -> set[str | None]:
    """Nothing good is left: what serves keeps serving."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None:
        return {None}
    return {world.hosting.version(endpoint.config) or endpoint.config, endpoint.status}
