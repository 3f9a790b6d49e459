"""Decides whether everything is settled after the faults have stopped."""

import json

from simulation.oracle.records import head_of
from simulation.world.world import World

SCHEDULED = ("schedule", "sweep", "clean")
RECONCILES_TO_RETRY = 2
"""How many scheduled reconciles it takes until a refused change of autoscaling is tried again."""


def is_settled(world: World) -> bool:
    """True if nothing is in progress: only schedules are left, and the last reconcile did nothing."""
    last = world.decisions[-1].action if world.decisions else ""
    # During a hold or an alert the deployer keeps reconciling. A late event is still to come.
    waiting = any(
        work[0] not in SCHEDULED
        and not (last in ("hold", "alert") and work[0] == "message" and _asks_to_look(work[1].body))
        and not (work[0] == "hosting" and _is_out_of_date(world, *work[1:4]))
        for _, _, work in world.heap
    )
    # CloudTrail will show what an approval waits for.
    waiting = waiting or (last in ("hold", "alert") and world.trail.is_late())
    idle = (last in ("keep", "hold", "alert") or not world.has_rule) and not any(
        pk in ("open", "outbox") for pk, _ in world.table.items
    )
    return idle and not waiting and not _is_retrying(world) and not world.is_cleaning


def _asks_to_look(body: str) -> bool:
    """True if a message only asks for a reconcile."""
    return set(json.loads(body)) <= {"endpoint", "sweep"}


def _is_out_of_date(world: World, step: str, name: str, turn: int) -> bool:
    """True if this work on an endpoint will do nothing."""
    endpoint = world.hosting.endpoints.get(name)
    return endpoint is None or endpoint.turn != turn or not endpoint.is_in_progress


def _is_retrying(world: World) -> bool:
    """True if something that AWS refused during the faults will be tried again."""
    head = head_of(world)
    if head is None:
        return False
    orders, scaling = {approval.order for approval in head.approvals}, head.scaling
    is_refused = scaling is not None and scaling.refused is not None and world.quiet_reconciles <= RECONCILES_TO_RETRY
    return is_refused or any(r.order in orders and r.not_before > world.now for r in head.retries)
