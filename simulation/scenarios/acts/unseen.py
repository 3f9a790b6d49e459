"""Versions that people approve before any reconcile has seen them."""

from simulation.scenarios.acts.evidence import make
from simulation.scenarios.scenario import Do
from simulation.world.example import arn
from simulation.world.ground_truth import Act
from simulation.world.people import REVIEWER, caller
from simulation.world.world import World
from world.call import Call

MONTHS = 91 * 86_400.0


def approve_unseen(number: int, *, edited: bool = False) -> Do:
    """Register and approve a version at once. `edited`: a tool writes its metadata some seconds later."""

    def approve(world: World) -> None:
        make(number, ImageDigest="sha256:1")(world)
        world.now += 1
        world.review(number, "Approved")
        if edited:
            world.now += 1
            world.edit(number)

    return approve


def approve_and_specify(number: int) -> Do:
    """Register and approve a version at once. A second later, its author changes it."""

    def approve(world: World) -> None:
        approve_unseen(number)(world)
        world.now += 1
        world.specify(number, Environment={"THRESHOLD": "0"})

    return approve


def swap_in_approval(number: int) -> Do:
    """Register a version. Its reviewer changes it in the call that approves it."""

    def swap(world: World) -> None:
        make(number, ImageDigest="sha256:1")(world)
        world.now += 1
        specification = world.registry.packages[arn(number)].specification
        first = specification["Containers"][0] | {"Environment": {"THRESHOLD": "0"}}
        request = {
            "ModelPackageArn": arn(number),
            "ModelApprovalStatus": "Approved",
            "InferenceSpecification": specification | {"Containers": [first]},
        }
        world.update_model_package(Call(request, caller(REVIEWER)))
        world.acts += (Act(world.now, "approve", arn(number), heard=world.is_heard, shows=True, who=REVIEWER),)

    return swap


def register_approved(number: int) -> Do:
    """Register a version as Approved."""

    def register(world: World) -> None:
        specification = world.registry.packages[arn(number)].specification
        world.register(number, author=REVIEWER, InferenceSpecification=specification, ModelApprovalStatus="Approved")
        world.acts += (Act(world.now, "approve", arn(number), heard=False, shows=True, who=REVIEWER),)

    return register


def show_history_late(world: World) -> None:
    world.trail.hold_back(5400)


def let_months_pass(world: World) -> None:
    """Let more time pass than CloudTrail's event history goes back."""
    world.now += MONTHS
