"""Orders of an operator, which the deployer carries out."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.state.orders import Order, OrderKind
from simulation.scenarios.scenario import Do
from simulation.world.example import NAME
from simulation.world.people import OPERATOR, REVIEWER
from simulation.world.world import World


def give(
    world: World,
    kind: OrderKind,
    endpoint: str = NAME,
    *,
    by: str = OPERATOR,
    claimed: str | None = None,
    **fields: Any,
) -> None:
    """Send an order to the deployer. `claimed`: who the sender claims to be, if somebody else."""
    id = f"order-{len(world.ordered):04}"
    world.order(Order(id, kind, endpoint, claimed=claimed or by, **fields), by)


def pause(world: World) -> None:
    give(world, OrderKind.PAUSE, reason="release freeze")


def pause_for(seconds: int, endpoint: str = NAME) -> Do:
    """Pause for a time."""
    return lambda world: give(world, OrderKind.PAUSE, endpoint, reason="release freeze", lasts=seconds)


def resume(world: World) -> None:
    give(world, OrderKind.RESUME)


def abort(world: World) -> None:
    give(world, OrderKind.ABORT, reason="wrong data")


def stop(world: World) -> None:
    """Abort the rollouts of all endpoints."""
    give(world, OrderKind.ABORT, names.ALL, reason="wrong data")


def pause_all(world: World) -> None:
    give(world, OrderKind.PAUSE, names.ALL, reason="audit")


def resume_all(world: World) -> None:
    give(world, OrderKind.RESUME, names.ALL)


def promote(world: World) -> None:
    give(world, OrderKind.PROMOTE, reason="the fix cannot wait")


def retry(number: int) -> Do:
    return lambda world: give(world, OrderKind.RETRY, version=str(number), reason="mended")


def rollback(number: int | None = None) -> Do:
    """Leave the live version for another one, or for the last good one."""
    version = "" if number is None else str(number)
    return lambda world: give(world, OrderKind.ROLLBACK, version=version, reason="customers complain")


def reconcile(world: World) -> None:
    give(world, OrderKind.RECONCILE, reason="its message ended in the dead-letter queue")


def override(check: str, by: str = OPERATOR) -> Do:
    return lambda world: give(world, OrderKind.OVERRIDE, by=by, version="2", check=check, reason="urgent")


def pause_in_another_name(world: World) -> None:
    """Pause, and claim to be somebody else."""
    give(world, OrderKind.PAUSE, reason="release freeze", claimed=REVIEWER)


def pause_late(world: World) -> None:
    """Pause by an order that waits in the queue until it has expired, as in an outage of the deployer."""
    order = Order(f"order-{len(world.ordered):04}", OrderKind.PAUSE, NAME, "release freeze", claimed=OPERATOR)
    world.order(order, OPERATOR, delay=OrderKind.PAUSE.lifetime + 1.0)


def send_again(world: World) -> None:
    """Send the last order once more, with its id."""
    order, by = world.ordered[-1]
    world.order(order, by, repeated=True)
