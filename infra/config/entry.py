"""The vocabulary of endpoints.yaml, its defaults included. A description says what is allowed and appears in error
messages and in the JSON Schema; an example is what a message proposes to write."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.config import bounds
from infra.config.rollouts import AnyRollout, Canary
from infra.config.section import Section, whole
from lambdas.gate import names

Name = Annotated[str, StringConstraints(pattern=f"^{names.ENDPOINT_NAME}$", max_length=63)]
NAME_RULE = "1 to 63 letters, digits and single or repeated hyphens inside, as SageMaker allows"

_GROUP = Field(
    description=f"the model package group's name (not its ARN): {NAME_RULE}", examples=["FraudDetectionGroup"]
)
# Wildcards and policy variables have a meaning in the execution role's policy, so the prefix is plain characters.
_ARTIFACTS = Field(
    pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([A-Za-z0-9!_.'()=+@-]+/)*$",
    max_length=1024,
    description="s3://BUCKET/PREFIX/ ending in a slash, of letters, digits and !_.'()=+@-",
    examples=["s3://my-models/fraud/"],
)
_TYPE = Field(
    pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$",
    description="a SageMaker hosting instance type, which starts with ml.",
    examples=["ml.m5.large"],
)
ALARM = Field(
    min_length=1,
    max_length=255,
    pattern=r"\S",
    description="a CloudWatch alarm's name, 1 to 255 characters, in this account and Region",
    examples=["checkout-conversion-low"],
)


class Variant(Section):
    """The one production variant. Its name must be the same in every config of an endpoint."""

    name: Annotated[Name, Field(description=f"the variant's name: {NAME_RULE}", examples=["AllTraffic"])] = "AllTraffic"
    instance_type: Annotated[str, _TYPE]
    instance_count: Annotated[int, whole(1, 10_000, "instances", 2)] = 2


class RollbackOn(Section):
    """What makes a rollout go back, and, within the watch window after it, the endpoint."""

    error_rate_percent: Annotated[
        float,
        Field(
            ge=0,
            lt=100,
            description="a number from 0 to below 100: the alarm fires above this share of failed requests",
            examples=[1],
        ),
    ] = 1
    p99_latency_ms: Annotated[int, whole(1, 3_600_000, "milliseconds of the model's 99th percentile", 500)] = 1000
    alarms: Annotated[
        list[Annotated[str, ALARM]],
        Field(
            max_length=bounds.USER_ALARMS,
            description=f"a list of at most {bounds.USER_ALARMS} alarm names: SageMaker takes {bounds.ROLLBACK_ALARMS} "
            f"for a rollout, and {bounds.OWN_ALARMS} are Approval Gate's own",
            examples=[[]],
        ),
    ] = Field(default_factory=list)
    watch_seconds: Annotated[
        int, whole(0, 604_800, "seconds after a rollout in which a standing alarm brings back the version before", 3600)
    ] = 3600


class Gate(Section):
    """What an approval must fulfil beyond being given."""

    four_eyes: Annotated[
        bool, Field(description="true or false: whoever registered a version may not approve it", examples=[False])
    ] = False


class Entry(Section):
    """One endpoint."""

    model_package_group: Annotated[Name, _GROUP]
    variant: Annotated[Variant, Field(description="what serves the model")]
    model_artifacts: Annotated[str, _ARTIFACTS]
    rollout: Annotated[AnyRollout, Field(description="how traffic moves to a new version")] = Canary()
    rollback_on: Annotated[RollbackOn, Field(description="what brings the old version back")] = RollbackOn()
    gate: Annotated[Gate, Field(description="what an approval must fulfil")] = Gate()
    dashboard: Annotated[
        bool, Field(description="true or false: a CloudWatch dashboard of its own", examples=[False])
    ] = False


class File(Section):
    """endpoints.yaml."""

    endpoints: Annotated[
        dict[Name, Entry],
        Field(
            description="a mapping from endpoint names to their entries",
            json_schema_extra={"additionalProperties": False},  # Names that break the pattern.
        ),
    ]


SECTIONS: dict[str, type[Section]] = {"variant": Variant, "rollback_on": RollbackOn, "gate": Gate}
