"""The comparer, as the deployer meets it: it is asked for the answers of a time, and reports them soon, late or never.
What it reports follows from what the versions truly answer."""

from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.gate.state.answers import AnswersResult, AnswersTask, Pair
from simulation.world import traffic
from simulation.world.example import NAME
from simulation.world.people import COMPARER_ARN, TOOL, caller
from simulation.world.resources import Quality
from world.message import sender_id

if TYPE_CHECKING:
    from simulation.world.world import World

QUEUE = "comparer"
LATE_SECONDS = 2 * 3600
"""How late captures are in the scenarios where they are late."""
MOST_PAIRS = 5_000
DIFFERS = 0.2
"""The share of the answers of a differing version that differ."""
PAIR = Pair("0a" * 8, "live", "shadow")


class Comparing(StrEnum):
    """What becomes of the comparer's tasks."""

    TRULY = "truly"
    """It reports what both versions answered."""
    LATE = "late"
    """SageMaker writes captures two hours late. Until then it finds none."""
    SILENT = "silent"
    """It reports nothing."""
    FORGED = "forged"
    """It reports nothing, and somebody else reports in its name that all answers are the same."""


def compare(world: "World", body: str) -> None:
    """Report what a task asks for."""
    task = AnswersTask.from_message(body)
    is_early = world.comparing is Comparing.LATE and world.now < task.until + LATE_SECONDS
    copies = 0 if is_early else min(MOST_PAIRS, traffic.copies(world, task.shadow, task.since, task.until))
    forger, comparer = caller(TOOL), caller(COMPARER_ARN)
    assert forger is not None
    assert comparer is not None
    is_forged = world.comparing is Comparing.FORGED
    is_different = not is_forged and _shadow_quality(world, task.shadow) is Quality.DIFFERING
    differing = round(copies * DIFFERS) if is_different else 0
    result = AnswersResult(
        task.shadow,
        task.since,
        task.until,
        copies=copies,
        pairs=copies,
        differing=differing,
        is_part=copies == MOST_PAIRS,
        first=(PAIR,) if differing else (),
        sender=sender_id(comparer) if is_forged else None,
    )
    if world.comparing is not Comparing.SILENT:
        world.report("the answers of a shadow", result.message(NAME), sender_id(forger if is_forged else comparer))


def _shadow_quality(world: "World", variant: str) -> Quality:
    """Return the quality of the version that was that shadow."""
    models = (
        model
        for config in world.hosting.configs.values()
        for fields, model in zip(config.shadows, config.shadow_models, strict=True)
        if fields["VariantName"] == variant
    )
    return next((world.quality(model.version) for model in models), Quality.GOOD)
