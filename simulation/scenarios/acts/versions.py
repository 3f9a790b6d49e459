"""What people and tools do to versions in the registry."""

from typing import Any

from simulation.scenarios.scenario import Do
from simulation.world.example import arn
from simulation.world.ground_truth import Act
from simulation.world.people import AUTHOR, REVIEWER
from simulation.world.resources import Quality
from simulation.world.world import World

PRODUCTION, RETIRED = ("Production", "Approved"), ("Production", "Retired")


def register(number: int, like: int = 2) -> Do:
    return lambda world: world.announce(number, like)


def register_nothing(number: int) -> Do:
    """Register the version again, without an InferenceSpecification."""
    return lambda world: world.register(number, InferenceSpecification={})


def register_all(numbers: range) -> Do:
    """Register more versions than one reconcile describes."""

    def register_all(world: World) -> None:
        for number in numbers:
            world.register(number)

    return register_all


def approve(number: int, by: str | None = None) -> Do:
    if by is None:
        return lambda world: world.review(number, "Approved")
    return lambda world: world.review(number, "Approved", by=by)


def say(number: int, approval: str, comment: str) -> Do:
    """Set the approval status, with a comment."""
    return lambda world: world.review(number, approval, comment=comment)


def reject(number: int, by: str = REVIEWER) -> Do:
    return lambda world: world.review(number, "Rejected", by=by)


def reject_and_edit(number: int, by: str) -> Do:
    """Reject the version, and have a tool edit it a second later, before any reconcile."""

    def reject_and_edit(world: World) -> None:
        world.review(number, "Rejected", by=by)
        world.now += 1
        world.edit(number)

    return reject_and_edit


def reject_and_approve(number: int, by: str, again: str = AUTHOR) -> Do:
    """Reject the version, and have somebody else approve it a second later, before any reconcile."""

    def reject_and_approve(world: World) -> None:
        world.review(number, "Rejected", by=by)
        world.review(number, "Approved", by=again)

    return reject_and_approve


def change_mind(number: int) -> Do:
    """Approve, reject and approve the version again."""
    return _review_in_turn((number, "Approved"), (number, "Rejected"), (number, "Approved"))


def change_mind_twice(world: World) -> None:
    """Approve, reject and approve version 2 again, and approve another version in between."""
    _review_in_turn((2, "Approved"), (2, "Rejected"), (3, "Approved"), (2, "Approved"))(world)


def approve_in_turn(*numbers: int) -> Do:
    return _review_in_turn(*((number, "Approved") for number in numbers))


def _review_in_turn(*reviews: tuple[int, str]) -> Do:
    """Review the versions one after the other, faster than any reconcile."""

    def review(world: World) -> None:
        for number, approval in reviews:
            world.review(number, approval)

    return review


def pend(number: int) -> Do:
    return lambda world: world.review(number, "PendingManualApproval")


def edit(number: int, **metadata: str) -> Do:
    return lambda world: world.edit(number, **metadata)


def delete_version(number: int, by: str = REVIEWER) -> Do:
    def delete(world: World) -> None:
        world.delete(number, by)
        world.acts += (Act(world.now, "revoke", arn(number), who=by),)

    return delete


def turn_out(number: int, quality: Quality) -> Do:
    """Change how the version behaves."""

    def turn_out(world: World) -> None:
        world.qualities[arn(number)] = quality

    return turn_out


def fix(number: int) -> Do:
    return turn_out(number, Quality.GOOD)


def approve_all(numbers: range) -> Do:
    """Register and approve all of them, as a script might."""

    def approve(world: World) -> None:
        for number in numbers:
            world.register(number)
            world.review(number, "Approved")

    return approve


def package_status(number: int, status: str) -> Do:
    return lambda world: world.amend(number, status=status)


def promote(number: int, stage: tuple[str, str]) -> Do:
    return lambda world: world.promote(number, stage)


def at_stage(number: int) -> Do:
    """Register the version at that stage."""

    cycle = dict(zip(("Stage", "StageStatus"), PRODUCTION, strict=True))

    def put(world: World) -> None:
        fields = world.registry.packages[arn(number)].fields
        world.amend(number, fields=fields | {"ModelLifeCycle": cycle})

    return put


def specify(number: int, **container: Any) -> Do:
    return lambda world: world.specify(number, **container)
