"""The vocabulary of endpoints.yaml, its defaults included. A description says what is allowed and appears in error
messages and in the JSON Schema; an example is what a message proposes to write."""

from typing import Annotated, Any

from pydantic import Field

from infra.config import limits
from infra.config.problem import Path
from infra.config.sections.autoscaling import Autoscaling, Scheduled
from infra.config.sections.capacity import Capacity
from infra.config.sections.evidence import Evidence
from infra.config.sections.gate import (
    APPROVER,
    IMAGE,
    NAME_RULE,
    PREFIX_PATTERN,
    PREFIX_RULE,
    REPORTS,
    Condition,
    Freeze,
    Gate,
    Name,
    Soak,
    Stage,
)
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Copy, Ledger
from infra.config.sections.metrics import Metrics
from infra.config.sections.rollout import AnyRollout, Canary, Rollout
from infra.config.sections.section import Section, whole
from infra.config.sections.serving import (
    MODE,
    SECURITY_GROUP,
    SUBNET,
    VARIABLE,
    VARIABLE_NAME,
    Asynchronous,
    DataCapture,
    Serving,
    Vpc,
)
from infra.config.sections.traffic import Traffic
from infra.config.sections.variant import AnyVariant, Serverless, Variant, VariantDefaults

_GROUP = Field(
    description=f"the model package group's name (not its ARN): {NAME_RULE}", examples=["FraudDetectionGroup"]
)
# Wildcards and policy variables have a meaning in the execution role's policy, so the prefix is plain characters.
_ARTIFACTS = Field(
    pattern=PREFIX_PATTERN,
    max_length=1024,
    description=PREFIX_RULE,
    examples=["s3://my-models/fraud/"],
)
ALARM = Field(
    min_length=1,
    max_length=255,
    pattern=r"\S",
    description="a CloudWatch alarm's name, 1 to 255 characters, in this account and Region",
    examples=["checkout-conversion-low"],
)


_VARIANT = Field(description="what serves the model")
_ROLLOUT = Field(description="how traffic moves to a new version")
_ROLLBACK_ON = Field(description="what brings the old version back")
_GATE = Field(description="what an approval must fulfil")
_TRAFFIC = Field(description="what the plan of a rollout is computed for; null for none")
_CAPACITY = Field(description="how long AWS is asked again for instances")
_METRICS = Field(description="how often the endpoint's metrics are published")
_EVIDENCE = Field(description="how many requests have to judge a version")
_GOLDEN = Field(
    min_length=1,
    max_length=1024,
    description="the path of a JSON Lines file of golden requests, from this file's folder",
    examples=["golden/fraud-detection.jsonl"],
)
_SERVING = Field(description="how the variant serves, besides its fleet")
_AUTOSCALING = Field(description="how many instances the variant has, by its requests and by the clock; null for none")
_DASHBOARD = Field(description="true or false: a CloudWatch dashboard of its own", examples=[False])


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
    average_latency_ms: Annotated[
        int | None,
        whole(1, 3_600_000, "milliseconds of the model's average, in place of p99 at an asynchronous endpoint", 60_000),
    ] = None
    alarms: Annotated[
        list[Annotated[str, ALARM]],
        Field(
            max_length=limits.USER_ALARMS,
            description=f"a list of at most {limits.USER_ALARMS} alarm names: SageMaker takes {limits.ROLLBACK_ALARMS} "
            f"for a rollout, and {limits.OWN_ALARMS} are Approval Gate's own",
            examples=[[]],
        ),
    ] = Field(default_factory=list)
    watch_seconds: Annotated[
        int, whole(0, 604_800, "seconds after a rollout in which a standing alarm brings back the version before", 3600)
    ] = 3600


class Entry(Section):
    """One endpoint."""

    model_package_group: Annotated[Name, _GROUP]
    variant: Annotated[AnyVariant, _VARIANT]
    model_artifacts: Annotated[str, _ARTIFACTS]
    rollout: Annotated[AnyRollout, _ROLLOUT] = Canary()
    rollback_on: Annotated[RollbackOn, _ROLLBACK_ON] = RollbackOn()
    gate: Annotated[Gate, _GATE] = Gate()
    serving: Annotated[Serving, _SERVING] = Serving()
    autoscaling: Annotated[Autoscaling | None, _AUTOSCALING] = None
    traffic: Annotated[Traffic | None, _TRAFFIC] = None
    evidence: Annotated[Evidence, _EVIDENCE] = Evidence()
    capacity: Annotated[Capacity, _CAPACITY] = Capacity()
    golden_requests: Annotated[str | None, _GOLDEN] = None
    metrics: Annotated[Metrics, _METRICS] = Metrics()
    dashboard: Annotated[bool, _DASHBOARD] = False


class Defaults(Section):
    """An entry's keys, for every endpoint that does not give them itself."""

    model_package_group: Annotated[Name | None, _GROUP] = None
    variant: Annotated[VariantDefaults, _VARIANT] = VariantDefaults()
    model_artifacts: Annotated[str | None, _ARTIFACTS] = None
    rollout: Annotated[AnyRollout, _ROLLOUT] = Canary()
    rollback_on: Annotated[RollbackOn, _ROLLBACK_ON] = RollbackOn()
    gate: Annotated[Gate, _GATE] = Gate()
    serving: Annotated[Serving, _SERVING] = Serving()
    autoscaling: Annotated[Autoscaling | None, _AUTOSCALING] = None
    traffic: Annotated[Traffic | None, _TRAFFIC] = None
    evidence: Annotated[Evidence, _EVIDENCE] = Evidence()
    capacity: Annotated[Capacity, _CAPACITY] = Capacity()
    golden_requests: Annotated[str | None, _GOLDEN] = None
    metrics: Annotated[Metrics, _METRICS] = Metrics()
    dashboard: Annotated[bool, _DASHBOARD] = False


class File(Section):
    """endpoints.yaml."""

    defaults: Annotated[Defaults, Field(description="what every endpoint has that does not say otherwise")] = Defaults()
    ledger: Annotated[Ledger, Field(description="what is kept of the ledger outside of it")] = Ledger()
    janitor: Annotated[Janitor, Field(description="what is deleted that nothing needs any more")] = Janitor()
    endpoints: Annotated[
        dict[Name, Entry],
        Field(
            description="a mapping from endpoint names to their entries",
            json_schema_extra={"additionalProperties": False},  # Names that break the pattern.
        ),
    ]


SECTIONS: dict[str, type[Section]] = {
    "defaults": Defaults,
    "ledger": Ledger,
    "janitor": Janitor,
    "copy": Copy,
    "variant": Variant,
    "serverless": Serverless,
    "asynchronous": Asynchronous,
    "rollout": Rollout,
    "rollback_on": RollbackOn,
    "gate": Gate,
    "evidence": Evidence,
    "capacity": Capacity,
    "metrics": Metrics,
    "require": Condition,
    "soak": Soak,
    "stage": Stage,
    "freeze": Freeze,
    "traffic": Traffic,
    "autoscaling": Autoscaling,
    "scheduled": Scheduled,
    "serving": Serving,
    "data_capture": DataCapture,
    "vpc": Vpc,
}
"""The section that a key holds, or that each item of its list is."""
ITEMS = {
    "alarms": ALARM,
    "approvers": APPROVER,
    "images": IMAGE,
    "reports": REPORTS,
    "modes": MODE,
    "subnets": SUBNET,
    "security_groups": SECURITY_GROUP,
}
"""What each item of a key's list is."""
MAPPINGS: dict[Path, tuple[str, Any]] = {("serving", "environment"): (VARIABLE_NAME, VARIABLE)}
"""Of the mappings whose keys are the user's own names: what a name may be, and what a value."""
