"""The keys of `gate`."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from infra.config import derived, limits
from infra.config.sections.section import Allowed, Section, key, whole
from infra.config.sections.texts import Approver, Expression, Image, Label, Name, Prefix, TimeZone

Mode = Literal["enforce", "advise"]
Level = Literal["user_profile", "source_identity", "identity_center"]
Cron = Annotated[
    str,
    StringConstraints(pattern=r"^\S+( +\S+){4}$", max_length=256),
    Allowed("five cron fields: minute, hour, day of month, month, day of week", "0 17 * * FRI", derived.cron),
]
MOST = 50


def _hours(description: str, example: int) -> Any:
    return key(description, example, gt=0, le=limits.HOURS, allow_inf_nan=False)


class Condition(Section):
    """An expression over the version's metrics and metadata that must be true."""

    EXAMPLE = """\
gate:
  require:
    - {name: risk-review, that: "customer_metadata.risk_review == 'passed'"}"""
    name: Annotated[Label, key("Name of the condition.", "risk-review")]
    that: Annotated[
        Expression,
        key(
            "Expression that must be true. docs/govern.md lists what it can ask about.",
            "customer_metadata.risk_review == 'passed'",
        ),
    ]
    mode: Annotated[
        Mode, key("`enforce` holds a version that does not fulfil the condition. `advise` only records the result.")
    ] = "enforce"


class Soak(Section):
    """The time for which a version must first be live, without alarms, on another endpoint."""

    EXAMPLE = "gate: {soak: {endpoint: fraud-staging, hours: 24}}"
    endpoint: Annotated[Name, key("Name of another endpoint in this file.", "fraud-staging")]
    hours: Annotated[float, _hours("Hours for which the version must be live there without an alarm.", 24)]


class Stage(Section):
    """The stage in the model life cycle that a version needs besides its approval status.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelLifeCycle.html"""

    EXAMPLE = "gate: {stage: {name: Production, status: Approved}}"
    name: Annotated[Name, key("ModelLifeCycle's Stage.", "Production")]
    status: Annotated[Name, key("ModelLifeCycle's StageStatus.", "Approved")]


class Freeze(Section):
    """A time window in which no new version goes live."""

    EXAMPLE = "gate: {freeze: [{cron: 0 17 * * FRI, hours: 64, time_zone: Europe/Berlin}]}"
    cron: Annotated[Cron, key("When a window begins.")]
    hours: Annotated[float, _hours("Length of each window in hours.", 64)]
    time_zone: Annotated[TimeZone, key("Time zone of `cron`.")] = "UTC"


Approvers = Annotated[
    list[Approver], key("Patterns for who may approve. Anybody may if there are none.", max_length=MOST)
]
Images = Annotated[
    list[Image], key("Patterns for the container images that may run. Any may if there are none.", max_length=MOST)
]
Freezes = Annotated[list[Freeze], key("Time windows in which no new version goes live.", max_length=MOST)]
Witness = Annotated[
    Literal["cloudtrail"] | None,
    key(
        "`cloudtrail` asks CloudTrail's event history about each approval first. No version goes live earlier than "
        "15 minutes after its approval. Reverts and changed settings do not wait."
    ),
]
"""The keys that `gate` and `gate_floor` have in common."""


class Gate(Section):
    """The checks that an approved version must pass before it goes live. docs/govern.md explains each of them, and
    docs/examples/gate.yaml has conditions to copy."""

    INHERITED_BY_KEY = True
    EXAMPLE = "gate: {four_eyes: true, approvers: [role/model-risk-*]}"
    mode: Annotated[
        Mode,
        key(
            "`enforce` holds a version that fails a check. `advise` records the result and lets the version pass, "
            "except for `pin` and the location of the artifacts."
        ),
    ] = "enforce"
    four_eyes: Annotated[bool, key("True holds a version that was approved by the one who registered it.")] = False
    identity: Annotated[
        list[Level],
        key(
            "What tells two people of one role apart. Name a level only if your organisation makes sure that each "
            "person has one name there; docs/govern.md has the rules.",
            ["user_profile"],
            max_length=3,
        ),
    ] = Field(default_factory=list)
    automation: Annotated[
        list[Approver],
        key(
            "Patterns for roles that no person uses, such as those of pipelines and MLflow apps. For `four_eyes` they "
            "are neither authors nor approvers.",
            ["role/pipelines-*"],
            max_length=MOST,
        ),
    ] = Field(default_factory=list)
    override_people: Annotated[
        int, whole(1, 5, "How many different operators have to override a check before a version may pass it.")
    ] = 1
    approvers: Approvers = Field(default_factory=list)
    require: Annotated[list[Condition], key("Conditions that must all be true.", max_length=MOST)] = Field(
        default_factory=list
    )
    pin: Annotated[
        bool,
        key(
            "True refuses a version whose artifacts or images changed after its registration. The specification is "
            "always checked."
        ),
    ] = True
    images: Images = Field(default_factory=list)
    soak: Annotated[Soak | None, key("Another endpoint on which a version must be live first.")] = None
    stage: Annotated[Stage | None, key("Stage that a version needs besides its approval status.")] = None
    freeze: Freezes = Field(default_factory=list)
    reports: Annotated[
        list[Prefix],
        key(
            "S3 prefixes of the versions' reports, besides `model_artifacts`.",
            ["s3://my-reports/monitoring/"],
            max_length=MOST,
        ),
    ] = Field(default_factory=list)
    reports_until: Annotated[
        Literal["registration", "approval"],
        key(
            "Until when the version's reports may be written. A report that was written later is unreadable, unless it "
            "has the version's ContentDigest."
        ),
    ] = "registration"
    on_dispute: Annotated[
        Literal["hold", "revert"],
        key(
            "`hold` keeps a live version of which AWS names two approvers, and reports it. `revert` replaces it by the "
            "last good version. Only with `four_eyes` or `approvers`."
        ),
    ] = "hold"
    witness: Witness = None
