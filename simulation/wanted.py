"""What the endpoint may serve once all has settled: an oracle of its own, from what people truly did.

The newest approval wins, where its version is still Approved and sound; otherwise an older one may serve, or what was
good before. Which of these depends on when the deployer looked, so the answer is a set.
"""

from lambdas.gate import names
from lambdas.gate.fact import Kind, Row
from simulation.blame import does_not_fit, is_blame_hidden, is_blamed
from simulation.hosting import Quality
from simulation.knowable import is_given_up, is_heard, is_overtaken
from simulation.world import NAME, World

_UNSOUND = (Quality.ERRS, Quality.SICK)


def acceptable(world: World, rows: list[Row], *, held: bool) -> set[str | None]:
    """ARNs of versions; names of configs that are no version; statuses; None for no endpoint."""
    hand = next((act for act in reversed(world.acts) if act.what in ("hand", "deleted")), None)
    since = max((n for n, act in enumerate(world.acts) if act.what in ("hand", "deleted", "baseline")), default=0)
    allowed: set[str | None] = set()
    fallen = False
    for version in _by_approval(world, since):
        if _is_sound(world, version, rows) and not is_given_up(world, version, rows):
            allowed.add(version)
            if _is_certain(world, version, rows):
                break
        fallen = True
    else:
        fallen = True
    if fallen:
        good = {version for version in _fallbacks(world, rows) if not is_given_up(world, version, rows)}
        allowed |= good
        firm = (v for v in good if not is_blamed(world, v, rows) and not does_not_fit(world, v, rows))
        if not any(firm) or any(act.what == "baseline" for act in world.acts):
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


def _is_certain(world: World, version: str, rows: list[Row]) -> bool:
    blamed = is_blamed(world, version, rows)
    return not blamed and is_heard(world, version, rows) and not is_overtaken(world, version, rows)


def _is_holding(world: World) -> bool:
    return bool(world.decisions) and world.decisions[-1].action == "hold"


def _is_sound(world: World, version: str, rows: list[Row]) -> bool:
    package = world.registry.packages.get(version)
    approved = package is not None and package.approval == "Approved" and package.status == "Completed"
    followed = package is not None and f'"{package.group}"' in _spec(world)
    if not approved or not followed or world.quality(version) in _UNSOUND:
        return False
    return not is_blamed(world, version, rows) or is_blame_hidden(world, version, rows)


def _spec(world: World) -> str:
    parameter = world.parameters.get(names.spec_parameter(NAME))
    return parameter.value if parameter else ""


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
