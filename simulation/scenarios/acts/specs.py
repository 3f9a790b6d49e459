"""The spec is written, changed, broken and removed."""

import dataclasses

from lambdas.gate import names
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.spec.serving import Serving, Variable
from lambdas.gate.spec.spec import Spec, Variant
from simulation.scenarios.scenario import Do
from simulation.world.example import NAME, SPEC
from simulation.world.resources import VARIANT
from simulation.world.world import World

OTHER_GROUP = "OtherGroup"


def write_spec(world: World) -> None:
    world.write_spec(SPEC)


def rename_variant(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, variant=dataclasses.replace(SPEC.variant, name="Other")))


def break_spec(world: World) -> None:
    """Write a spec that cannot be read, as a person might."""
    name = names.spec_parameter(NAME)
    known = world.parameters[name]
    world.parameters[name] = known.edited("{}", world.now)
    world.emit("Parameter Store Change", {"name": name})


def resize(instance_type: str, count: int) -> Do:
    changed = dataclasses.replace(SPEC, variant=Variant(VARIANT, instance_type, count))
    return lambda world: world.write_spec(changed)


def debug(world: World) -> None:
    """Ask for another serving setting on the same fleet."""
    world.write_spec(debugged(SPEC))


def debugged(spec: Spec) -> Spec:
    return dataclasses.replace(spec, serving=Serving(environment=(Variable("LOG_LEVEL", "debug"),)))


def ask_for_requests(otherwise: Otherwise) -> Do:
    return lambda world: world.write_spec(dataclasses.replace(SPEC, enough=MinimumRequests(100, otherwise)))


def notify_waiting(world: World) -> None:
    """Ask for notifications about versions that wait for an approval."""
    world.write_spec(dataclasses.replace(SPEC, notify_waiting=True))


def name_no_alarm(world: World) -> None:
    """Remove the user's alarm from the spec."""
    world.write_spec(dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, alarms=())))


def give_up_after(seconds: int) -> Do:
    return lambda world: world.write_spec(dataclasses.replace(SPEC, capacity_seconds=seconds))


def destroy_stack(world: World) -> None:
    world.parameters.clear()
    world.has_rule = False


def redeploy_stack(world: World) -> None:
    world.write_spec(SPEC, anew=True)


def follow_other_group(world: World) -> None:
    world.register(1, group=OTHER_GROUP)
    world.review(1, "Approved", OTHER_GROUP)
    world.write_spec(dataclasses.replace(SPEC, model_package_group=OTHER_GROUP))
