"""The rollout section of endpoints.yaml: one set of keys per strategy. A description says what is allowed and appears
in error messages and in the JSON Schema."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from infra.config import limits
from infra.config.sections.section import Section, at_most_one_of, whole
from lambdas.gate.spec import Strategy


def _percent(strategy: Strategy) -> tuple[int, int]:
    """The sizes that SageMaker takes for a step, in percent of the fleet."""
    return max(1, strategy.traits.least_percent), limits.MOST_PERCENT


STRATEGY = Field(description=f"one of {', '.join(Strategy)}", examples=["canary"])
Wait = Annotated[int, whole(*limits.WAIT_SECONDS, "seconds that each step is watched before the next", 300)]
Bake = Annotated[int, whole(*limits.WAIT_SECONDS, "seconds that the whole new fleet is watched", 300)]
Maximum = Annotated[int | None, whole(*limits.MAXIMUM_SECONDS, "the rollout's time limit in seconds", 3600)]
Instances = Annotated[
    int | None,
    Field(ge=1, description="a whole number of instances, at least 1 and at most half of the fleet", examples=[1]),
]


class Rollout(Section):
    """What every strategy has. `maximum_seconds` is computed where it is not given."""

    SIZE_KEYS: ClassVar[tuple[str, ...]] = ()
    """The two keys for the size of a step, in percent and in instances. Empty for a strategy without steps."""

    maximum_seconds: Maximum = None


class AllAtOnce(Rollout):
    """All traffic at once to the new fleet, which is watched before the old one ends."""

    strategy: Annotated[Literal["all-at-once"], STRATEGY]
    bake_seconds: Bake = 300


class Canary(Rollout):
    """A part of the new fleet first, then the rest."""

    SIZE_KEYS = ("canary_percent", "canary_instances")
    model_config = at_most_one_of(*SIZE_KEYS)
    strategy: Annotated[Literal["canary"], STRATEGY] = "canary"
    canary_percent: Annotated[int | None, whole(*_percent(Strategy.CANARY), "percent of the fleet", 50)] = None
    canary_instances: Instances = None
    wait_seconds: Wait = 300
    bake_seconds: Bake = 300


class Linear(Rollout):
    """Equal steps of the new fleet."""

    SIZE_KEYS = ("step_percent", "step_instances")
    model_config = at_most_one_of(*SIZE_KEYS)
    strategy: Annotated[Literal["linear"], STRATEGY]
    step_percent: Annotated[int | None, whole(*_percent(Strategy.LINEAR), "percent of the fleet", 50)] = None
    step_instances: Instances = None
    wait_seconds: Wait = 300
    bake_seconds: Bake = 300


class Rolling(Rollout):
    """Batches that replace the old fleet, at the cost of one batch; a rollback takes as long as bringing it back."""

    SIZE_KEYS = ("batch_percent", "batch_instances")
    model_config = at_most_one_of(*SIZE_KEYS)
    strategy: Annotated[Literal["rolling"], STRATEGY]
    batch_percent: Annotated[int | None, whole(*_percent(Strategy.ROLLING), "percent of the fleet", 50)] = None
    batch_instances: Instances = None
    rollback_batch_percent: Annotated[int | None, whole(*limits.ROLLBACK_PERCENT, "percent of the fleet", 100)] = None
    rollback_batch_instances: Annotated[
        int | None,
        Field(ge=1, description="a whole number of instances, at least 1 and at most the fleet", examples=[2]),
    ] = None
    wait_seconds: Wait = 300


def strategy(rollout: object) -> Any:
    """Chooses the keys to check against; canary where the entry does not say."""
    return rollout.get("strategy", "canary") if isinstance(rollout, Mapping) else getattr(rollout, "strategy", "canary")


STRATEGIES: dict[str, type[Rollout]] = {
    "all-at-once": AllAtOnce,
    "canary": Canary,
    "linear": Linear,
    "rolling": Rolling,
}

AnyRollout = Annotated[
    Annotated[AllAtOnce, Tag("all-at-once")]
    | Annotated[Canary, Tag("canary")]
    | Annotated[Linear, Tag("linear")]
    | Annotated[Rolling, Tag("rolling")],
    Discriminator(strategy),
]
