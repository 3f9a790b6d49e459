"""The keys of `variant`: one set of keys with instances, and another one without."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from infra.config import limits
from infra.config.sections.section import Section, key, whole
from infra.config.sections.texts import InstanceType, Name

_NAME = key("Name of the variant. SageMaker needs the same name in every endpoint config of the endpoint.")
_TYPE = key(
    "SageMaker instance type of the old and the new fleet. ml.inf1 is refused, as it has no deployment guardrails."
)
_COUNT = whole(
    1,
    10_000,
    "Number of instances of each fleet. An autoscaled variant starts with it, and a later rollout keeps its size.",
    2,
)
_SERVERLESS = key("Replaces `instance_type` by a variant without instances and without deployment guardrails.")


class Serverless(Section):
    """A variant that SageMaker scales by itself, as that of docs/examples/serverless.yaml. No alarm rolls its updates
    back.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html"""

    memory_mb: Annotated[
        Literal[1024, 2048, 3072, 4096, 5120, 6144], key("Memory in megabytes, at least the size of the model.", 2048)
    ]
    max_concurrency: Annotated[
        int, whole(*limits.CONCURRENCY, "Requests that are served at the same time. More are throttled.", 20)
    ]
    provisioned_concurrency: Annotated[
        int | None,
        whole(
            *limits.CONCURRENCY,
            "Requests at the same time without a cold start, at most `max_concurrency`. They are always paid for.",
            5,
        ),
    ] = None


class Variant(Section):
    """The production variant, on instances."""

    EXAMPLE = "variant: {instance_type: ml.m5.large, instance_count: 2}"
    name: Annotated[Name, _NAME] = "AllTraffic"
    instance_type: Annotated[InstanceType, _TYPE]
    instance_count: Annotated[int, _COUNT] = 2


class ServerlessVariant(Section):
    """The production variant, without instances."""

    EXAMPLE = "variant: {serverless: {memory_mb: 2048, max_concurrency: 20}}"
    name: Annotated[Name, _NAME] = "AllTraffic"
    serverless: Annotated[Serverless, _SERVERLESS]


class VariantDefaults(Section):
    """The keys of both kinds of variant. None is required."""

    INHERITED_BY_KEY = True
    name: Annotated[Name | None, _NAME] = None
    instance_type: Annotated[InstanceType | None, _TYPE] = None
    instance_count: Annotated[int | None, _COUNT] = None
    serverless: Annotated[Serverless | None, _SERVERLESS] = None


WITH_INSTANCES, WITHOUT_INSTANCES = "with instances", "without instances"


def kind(variant: object) -> str:
    """Return the tag of the keys to check a variant against."""
    given = variant.get("serverless") if isinstance(variant, Mapping) else getattr(variant, "serverless", None)
    return WITH_INSTANCES if given is None else WITHOUT_INSTANCES


AnyVariant = Annotated[
    Annotated[Variant, Tag(WITH_INSTANCES)] | Annotated[ServerlessVariant, Tag(WITHOUT_INSTANCES)], Discriminator(kind)
]


def inherited(default: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return the keys that an entry's variant inherits. If it says its kind, it inherits no key of the other kind."""
    with_instances, given = {"instance_type", "instance_count"}, set(own)
    others = with_instances if "serverless" in given else {"serverless"} if with_instances & given else set()
    return {key: value for key, value in default.items() if key not in others}
