"""The keys of `rollout`: one set of keys for each strategy. The strategies themselves are in `lambdas.gate.spec`."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from infra.config import limits
from infra.config.sections.section import Allowed, Section, exclusive, key, whole
from lambdas.gate.spec.spec import Strategy

_TIME = f"At least {limits.TOO_SHORT_SECONDS + 1}, so that an alarm can fire in this time."
_STRATEGY = key("How traffic moves to the new fleet.", "canary")
_SHORTEST = Field(json_schema_extra={"minimum": limits.TOO_SHORT_SECONDS + 1})
"""For the JSON Schema. For synth a rule says why."""
Wait = Annotated[int, whole(*limits.WAIT_SECONDS, f"Seconds between two steps. {_TIME}"), _SHORTEST]
Bake = Annotated[
    int,
    whole(*limits.WAIT_SECONDS, "Seconds for which the old fleet is kept after all traffic is on the new fleet."),
]
_Instances = Annotated[int, Allowed("a whole number from 1 to half of the fleet", 1)]


def _percent(strategy: Strategy, of: str) -> Any:
    least = max(1, strategy.traits.least_percent)
    return whole(
        least, limits.MOST_PERCENT, f"Size of {of} in percent of the fleet. The default size is half of the fleet.", 50
    )


def _instances(percent: str, of: str) -> Any:
    return key(f"Size of {of} in instances, instead of `{percent}`.", ge=1)


class Rollout(Section):
    """The keys that every strategy has."""

    SIZE_KEYS: ClassVar[tuple[str, str] | None] = None
    """The keys for the size of a step, in percent and in instances. None for a strategy without steps."""

    maximum_seconds: Annotated[
        int | None,
        whole(
            *limits.MAXIMUM_SECONDS,
            "Time limit of the rollout in seconds. It is computed from the waits and launches if it is not given.",
            3600,
        ),
    ] = None


class AllAtOnce(Rollout):
    """All traffic moves to the new fleet in one step. The old fleet is kept while the new fleet bakes."""

    EXAMPLE = "rollout: {strategy: all-at-once, bake_seconds: 600}"
    strategy: Annotated[Literal["all-at-once"], _STRATEGY]
    bake_seconds: Annotated[
        int,
        whole(
            *limits.WAIT_SECONDS,
            f"Seconds for which the old fleet is kept after all traffic is on the new fleet. {_TIME}",
        ),
        _SHORTEST,
    ] = 300


class Canary(Rollout):
    """A part of the traffic moves to the new fleet first, then the rest."""

    SIZE_KEYS = ("canary_percent", "canary_instances")
    EXCLUSIVE = (SIZE_KEYS,)
    EXAMPLE = "rollout: {strategy: canary, canary_percent: 10, wait_seconds: 600, bake_seconds: 300}"
    model_config = exclusive(*EXCLUSIVE)
    strategy: Annotated[Literal["canary"], _STRATEGY] = "canary"
    canary_percent: Annotated[int | None, _percent(Strategy.CANARY, "the canary")] = None
    canary_instances: Annotated[_Instances | None, _instances("canary_percent", "the canary")] = None
    wait_seconds: Wait = 300
    bake_seconds: Bake = 300


class Linear(Rollout):
    """The traffic moves to the new fleet in equal steps."""

    SIZE_KEYS = ("step_percent", "step_instances")
    EXCLUSIVE = (SIZE_KEYS,)
    EXAMPLE = "rollout: {strategy: linear, step_percent: 25, wait_seconds: 300, bake_seconds: 300}"
    model_config = exclusive(*EXCLUSIVE)
    strategy: Annotated[Literal["linear"], _STRATEGY]
    step_percent: Annotated[int | None, _percent(Strategy.LINEAR, "a step")] = None
    step_instances: Annotated[_Instances | None, _instances("step_percent", "a step")] = None
    wait_seconds: Wait = 300
    bake_seconds: Bake = 300


class Rolling(Rollout):
    """Batches of new instances replace the old fleet. It needs the fewest extra instances, and its rollback is slow."""

    SIZE_KEYS = ("batch_percent", "batch_instances")
    EXCLUSIVE = (SIZE_KEYS, ("rollback_batch_percent", "rollback_batch_instances"))
    EXAMPLE = "rollout: {strategy: rolling, batch_percent: 25, rollback_batch_percent: 100, wait_seconds: 300}"
    model_config = exclusive(*EXCLUSIVE)
    strategy: Annotated[Literal["rolling"], _STRATEGY]
    batch_percent: Annotated[int | None, _percent(Strategy.ROLLING, "a batch")] = None
    batch_instances: Annotated[_Instances | None, _instances("batch_percent", "a batch")] = None
    rollback_batch_percent: Annotated[
        int | None,
        whole(
            *limits.ROLLBACK_PERCENT,
            "Size of a batch of the rollback in percent of the fleet. The default is the whole fleet at once.",
            100,
        ),
    ] = None
    rollback_batch_instances: Annotated[
        Annotated[int, Allowed("a whole number from 1 to the fleet", 2)] | None,
        _instances("rollback_batch_percent", "a batch of the rollback"),
    ] = None
    wait_seconds: Wait = 300


def strategy(rollout: object) -> Any:
    """Return the tag of the keys to check a rollout against: canary if the entry gives no strategy."""
    return rollout.get("strategy", "canary") if isinstance(rollout, Mapping) else getattr(rollout, "strategy", "canary")


AnyRollout = Annotated[
    Annotated[AllAtOnce, Tag("all-at-once")]
    | Annotated[Canary, Tag("canary")]
    | Annotated[Linear, Tag("linear")]
    | Annotated[Rolling, Tag("rolling")],
    Discriminator(strategy),
    Allowed("a mapping with the key strategy, and the keys of that strategy"),
]
