"""What the product has stored about the endpoint: its head, its rows and its spec."""

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import HEAD, ROW, partition, row_from_item
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from simulation.world.example import NAME
from simulation.world.world import World


def head_of(world: World) -> Head | None:
    item = world.table.items.get((partition(NAME), HEAD))
    return codec.decode(Head, item["head"]["S"]) if item else None


def spec_of(world: World) -> Spec | None:
    parameter = world.parameters.get(names.spec_parameter(NAME))
    return Spec.from_json(parameter.value) if parameter else None


def rows_of(world: World, endpoint: str = NAME) -> list[Row]:
    """Return the rows, in order."""
    own = partition(endpoint)
    keys = sorted(key for key in world.table.items if key[0] == own and key[1].startswith(ROW))
    return [row_from_item(world.table.items[key]) for key in keys]
