"""Autoscaling: what the spec asks for, and what people register."""

import dataclasses

from lambdas.gate.spec.autoscaling import Autoscaling, Scheduled
from simulation.scenarios.acts.endpoints import delete_endpoint
from simulation.scenarios.scenario import Do
from simulation.world.example import SPEC
from simulation.world.world import World

SCALED = Autoscaling(2, 8, 1000, 300, 300, (Scheduled("morning", "cron(0 8 * * ? *)", "UTC", 4, 8),))
MORE = dataclasses.replace(SCALED, maximum=16, scheduled=())


def scale(autoscaling: Autoscaling | None, instance_type: str = "ml.m5.large") -> Do:
    variant = dataclasses.replace(SPEC.variant, instance_type=instance_type)
    changed = dataclasses.replace(SPEC, variant=variant, autoscaling=autoscaling)
    return lambda world: world.write_spec(changed)


def delete_scaled_endpoint(world: World) -> None:
    delete_endpoint(world)
    world.scaling.forget()


def add_manual_policy(world: World) -> None:
    """Add a policy that is not the gate's."""
    world.scaling.policies["theirs"] = {"PolicyName": "theirs"}


def remove_manual_policy(world: World) -> None:
    world.scaling.policies.pop("theirs", None)


def autoscale(world: World) -> None:
    world.scaling.register_manually()
