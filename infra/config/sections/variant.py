"""The variant section of endpoints.yaml: one set of keys on instances, another one without. The variant's name must be
the same in every config of an endpoint."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from infra.config import limits
from infra.config.sections.gate import NAME_RULE, Name
from infra.config.sections.section import Section, whole

_TYPE = Field(
    pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$",
    description="a SageMaker hosting instance type, which starts with ml.",
    examples=["ml.m5.large"],
)
_NAME = Field(description=f"the variant's name: {NAME_RULE}", examples=["AllTraffic"])
_COUNT = whole(1, 10_000, "instances", 2)
_SERVERLESS = Field(
    description="in place of instance_type: SageMaker runs as much of the variant as its requests need, without "
    "deployment guardrails",
)


class Serverless(Section):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html"""

    memory_mb: Annotated[
        Literal[1024, 2048, 3072, 4096, 5120, 6144],
        Field(
            description="1024, 2048, 3072, 4096, 5120 or 6144: megabytes, at least the size of the model",
            examples=[2048],
        ),
    ]
    max_concurrency: Annotated[int, whole(*limits.CONCURRENCY, "requests at a time; more are throttled", 20)]
    provisioned_concurrency: Annotated[
        int | None, whole(*limits.CONCURRENCY, "requests at a time that wait for no cold start", 5)
    ] = None


class Variant(Section):
    """On instances."""

    name: Annotated[Name, _NAME] = "AllTraffic"
    instance_type: Annotated[str, _TYPE]
    instance_count: Annotated[int, _COUNT] = 2


class ServerlessVariant(Section):
    """Without instances, and without deployment guardrails."""

    name: Annotated[Name, _NAME] = "AllTraffic"
    serverless: Annotated[Serverless, _SERVERLESS]


class VariantDefaults(Section):
    """The variant's keys, none of them required."""

    name: Annotated[Name | None, _NAME] = None
    instance_type: Annotated[str | None, _TYPE] = None
    instance_count: Annotated[int | None, _COUNT] = None
    serverless: Annotated[Serverless | None, _SERVERLESS] = None


ON_INSTANCES, WITHOUT = "on instances", "without instances"


def kind(variant: object) -> str:
    """Chooses the keys to check against."""
    given = variant.get("serverless") if isinstance(variant, Mapping) else getattr(variant, "serverless", None)
    return ON_INSTANCES if given is None else WITHOUT


KINDS: dict[str, type[Section]] = {ON_INSTANCES: Variant, WITHOUT: ServerlessVariant}

AnyVariant = Annotated[
    Annotated[Variant, Tag(ON_INSTANCES)] | Annotated[ServerlessVariant, Tag(WITHOUT)], Discriminator(kind)
]


def inherited(default: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """What an entry's variant takes of the defaults: nothing of the other kind, where it says which it is."""
    of_instances, said = {"instance_type", "instance_count"}, set(own)
    others = of_instances if "serverless" in said else {"serverless"} if of_instances & said else set()
    return {key: value for key, value in default.items() if key not in others}
