"""The spec asks for a serverless or an asynchronous endpoint."""

import dataclasses
from typing import Any

from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.serving import Asynchronous, Serving
from lambdas.gate.spec.spec import Rollout, Strategy, Variant
from simulation.world.example import SPEC
from simulation.world.resources import VARIANT
from simulation.world.world import World

SERVERLESS = Serverless(2048, 20)
UNGUARDED = dataclasses.replace(
    SPEC,
    variant=Variant(VARIANT, serverless=SERVERLESS),
    rollout=Rollout(Strategy.ALL_AT_ONCE, None, 0, 0, 1800),
)
LATER = dataclasses.replace(SPEC, serving=Serving(asynchronous=Asynchronous("s3://example-inference/out/")))


def write_serverless_spec(world: World) -> None:
    """Ask for a serverless endpoint. The config of manual changes becomes serverless, too: otherwise AWS would take no
    more updates of the gate."""
    serverless = {"VariantName": VARIANT, "ModelName": "by-hand", "ServerlessConfig": SERVERLESS.config}
    _make_anew(world, ProductionVariants=[serverless])
    world.write_spec(UNGUARDED)


def give_memory(world: World) -> None:
    variant = Variant(VARIANT, serverless=dataclasses.replace(SERVERLESS, memory_mb=3072))
    world.write_spec(dataclasses.replace(UNGUARDED, variant=variant))


def write_asynchronous_spec(world: World) -> None:
    """Ask for an asynchronous endpoint. The config of manual changes becomes asynchronous, too: otherwise the gate
    would hold everything after it."""
    _make_anew(world, AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://example-inference/out/"}})
    world.write_spec(LATER)


def _make_anew(world: World, **fields: Any) -> None:
    """Make the config of manual changes anew, with these fields."""
    known = world.hosting.configs["by-hand"]
    world.hosting.configs["by-hand"] = dataclasses.replace(known, fields=known.fields | fields)
