"""What the rows say about the judge's verdicts, against what the versions truly do."""

from typing import Any

from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.transitions import verdict
from simulation.oracle.allowances import BACK
from simulation.oracle.expected_outcome import is_managed
from simulation.oracle.gate import is_paused
from simulation.oracle.pins import is_void
from simulation.world.example import NAME, short
from simulation.world.resources import Quality
from simulation.world.traffic import failing
from simulation.world.world import World

_KINDS = (Kind.JUDGED, Kind.SHADOW_ENDED)
STOP_SECONDS = 120.0
"""How long SageMaker may take to stop a rollout after the judge asked for it."""


def misjudged(world: World, rows: list[Row]) -> list[str]:
    """Return violations of: a verdict follows from the minutes of its row, which both fleets shared, and is true."""
    found = []
    for row in (row for row in rows if row.fact.kind in _KINDS and "comparison" in row.fact.detail):
        detail, version = row.fact.detail, str(row.fact.version)
        if problem := verdict.misjudged(detail):
            found.append(f"22: row {row.number}: {problem}")
        if any(not (old and new) for _, old, _, new, *_ in detail["minutes"]):
            found.append(f"22: the verdict on {short(version)} rests on a minute without both fleets")
        if detail["comparison"]["verdict"] == Verdict.WORSE and not _is_worse(world, version, detail):
            found.append(f"22: {short(version)} was found worse, and is not")
        latency = detail["comparison"].get("latency")
        if latency and latency["verdict"] == Verdict.WORSE and world.quality(version) is not Quality.SLOWER:
            found.append(f"22: {short(version)} was found slower, and is not")
    return found


def unstopped(world: World, rows: list[Row], faults: int) -> list[str]:
    """Return violations of: a fleet that the judge found worse ends on the old one, if its rules say so.

    1. It was found worse in flight, SageMaker had time to stop it, and it went live. A fault may take that time.
    2. It was found worse because of its settings, and serves at the end, although nobody kept it. What serves in place
       of a version is invariant 2's.
    """
    found, endpoint = [], world.hosting.endpoints.get(NAME)
    judged = (row.fact for row in rows if row.fact.kind is Kind.JUDGED)
    for fact in judged:
        detail, version = fact.detail, str(fact.version)
        config, mode, worse = detail["endpoint_config"], detail["judge"]["mode"], detail["comparison"]["verdict"]
        if (worse, mode) != (Verdict.WORSE, JudgeMode.REVERT):
            continue
        live = [at for of, what, at in world.hosted.served if (of, what) == (NAME, config)]
        if not faults and any(at > fact.at + STOP_SECONDS for at in live):  # 1
            found.append(f"22: {short(version)} was found worse in flight, and went live")
        is_of_settings = world.hosting.version(detail["previous_endpoint_config"]) == version
        if endpoint and endpoint.config == config and is_of_settings and not _is_kept(world, version, config, fact.at):
            found.append(f"22: {short(version)} serves with settings that were found worse")  # 2
    return found


def _is_kept(world: World, version: str, config: str, since: float) -> bool:
    """True if people keep a fleet that was found worse at that time, or let nothing take its place. A version that was
    revoked, or changed since its approval, is not rolled out with any settings, and its former ones not again if an
    alarm fired for them."""
    package = world.registry.packages.get(version)
    if package is None or not world.is_approved(package) or is_void(world, version):
        return True
    tried = (update for update in world.hosted.updates if update.version == version and update.at >= since)
    if any(update.ended in BACK for update in tried):
        return True
    if is_paused(world, world.now) or not is_managed(world):
        return True
    later = (act for act in world.acts if act.at >= since)
    return any((act.what, act.version) == ("approve", version) or act.config == config for act in later)


def _is_worse(world: World, version: str, detail: dict[str, Any]) -> bool:
    """True if the new fleet of a verdict fails more requests than the old one, by more than the margin. A shadow has no
    fleet of its own."""
    if "previous_endpoint_config" not in detail:
        return world.quality(version) is Quality.WORSE
    new, old = (failing(world, detail[name]) for name in ("endpoint_config", "previous_endpoint_config"))
    return new - old > Judge(**detail["judge"]).margin_percent / 100
