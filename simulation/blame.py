"""What an alarm, or a rollout that went back, says against a version; and where no look could know."""

from lambdas.gate.attempt import Purpose
from lambdas.gate.fact import Kind, Row
from lambdas.gate.timing import FUNCTION_TIMEOUT
from simulation.hosting import Update
from simulation.knowable import approvals
from simulation.world import World

BACK = ("alarm", "sick")
"""How rollouts end that go back for what they brought."""


def is_blamed(world: World, version: str, rows: list[Row]) -> bool:
    """Since its last approval an alarm fired for it, or its rollout was rolled back for what the version is."""
    return world.is_blamed(version) or bool(_rolled_back(world, version, rows))


def is_blame_hidden(world: World, version: str, rows: list[Row]) -> bool:
    """All that blamed the version since its last approval happened between the look that opened an attempt and its
    call, or was over before a look."""
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    fired = [at for blamed, at in world.blame if blamed == version and at >= approved]
    since = (*fired, *_rolled_back(world, version, rows))
    return all(
        _is_during_call(world, version, at, approved, rows)
        or _is_unseen(world, version, at)
        or _is_before_patch(world, version, at, rows)
        for at in since
    )


def does_not_fit(world: World, version: str, rows: list[Row]) -> bool:
    """It was rolled back with changed settings, which blames those; with them it is no way back."""
    resizes, ended = _resizes(rows), _ended(world, version)
    return any(update.config in resizes for update in ended)


def _rolled_back(world: World, version: str, rows: list[Row]) -> list[float]:
    """Times of the calls."""
    approved = max((act.at for act in approvals(world, version)), default=0.0)
    resizes, ended = _resizes(rows), _ended(world, version)
    return [update.at for update in ended if update.at >= approved and update.config not in resizes]


def _ended(world: World, version: str) -> list[Update]:
    """Rollouts that went back for what they brought."""
    return [update for update in world.hosting.updates if update.version == version and update.ended in BACK]


def _resizes(rows: list[Row]) -> set[str]:
    opened = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED)
    return {detail["endpoint_config"] for detail in opened if detail["purpose"] == Purpose.RESIZE}


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


def _is_before_patch(world: World, version: str, blamed_at: float, rows: list[Row]) -> bool:
    """AWS patched the endpoint before a look saw the version live. What it is live from is LastModifiedTime."""
    live = {u.config for u in world.hosting.updates if u.version == version and u.at <= blamed_at and u.ended == "live"}
    closed = [row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
    seen = (fact.at + FUNCTION_TIMEOUT for fact in closed if fact.detail["endpoint_config"] in live)
    return any(blamed_at <= patch <= at for at in seen for patch in world.hosting.patches)


def _is_unseen(world: World, version: str, blamed_at: float) -> bool:
    """A standing alarm that had burned before the version was live changes no state when it blames it, and one that is
    out again, or whose version somebody replaced by hand, before a look at an idle endpoint has ended tells nobody."""
    if any((update.version, update.at) == (version, blamed_at) for update in world.hosting.updates):
        return False  # Its rollout's own alarms: SageMaker looks at them.
    lit = [change.name for change in world.alarms.changes if change.at == blamed_at and change.new == "ALARM"]
    if not lit:
        return True
    out = [change.at for change in world.alarms.changes if change.name == lit[0] and change.at > blamed_at]
    out += [act.at for act in world.acts if act.what == "hand" and act.at > blamed_at]
    looks = (look.at for look in world.decisions if look.action not in ("wait", "defer", "close"))
    return bool(out) and not any(blamed_at < at <= min(out) for at in looks)
