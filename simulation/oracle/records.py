"""What the product has stored about the endpoint: its head, its rows and its spec."""

import json
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import HEAD, ROW, SCHEDULE, partition, row_from_item
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import SCHEDULES, Head
from simulation.world.example import NAME
from simulation.world.world import World

_PLACE = ("revision", "rows", "hash", "digest", *SCHEDULES)
"""The last ones are in the head's item of an earlier release."""


def head_of(world: World) -> Head | None:
    item, schedule = (world.table.items.get((partition(NAME), sk)) for sk in (HEAD, SCHEDULE))
    if item is None:
        return None
    scheduled = json.loads(schedule["schedule"]["S"]) if schedule else {}
    return codec.decode(Head, codec.encode(scheduled | json.loads(item["head"]["S"])))


def deciding_json(item: dict[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a head's item that decide: all but its place in the chain. Nothing for no head."""
    fields = json.loads(item["head"]["S"]) if item else {}
    return {name: value for name, value in fields.items() if name not in _PLACE and value not in (None, [])}


def stored_of(world: World) -> dict[str, Any]:
    """Return the fields of the stored head that decide."""
    return deciding_json(world.table.items.get((partition(NAME), HEAD)))


def spec_of(world: World) -> Spec | None:
    parameter = world.parameters.get(names.spec_parameter(NAME))
    return Spec.from_json(parameter.value) if parameter else None


def rows_of(world: World, endpoint: str = NAME) -> list[Row]:
    """Return the rows, in order."""
    own = partition(endpoint)
    keys = sorted(key for key in world.table.items if key[0] == own and key[1].startswith(ROW))
    return [row_from_item(world.table.items[key]) for key in keys]
