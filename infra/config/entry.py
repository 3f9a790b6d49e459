"""The whole of endpoints.yaml: the file, and an endpoint's entry with its sections."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.config import limits
from infra.config.sections.autoscaling import Autoscaling
from infra.config.sections.capacity import Capacity
from infra.config.sections.contacts import Contacts
from infra.config.sections.evidence import Evidence
from infra.config.sections.functions import Functions
from infra.config.sections.gate import Gate
from infra.config.sections.gate_floor import GateFloor
from infra.config.sections.janitor import Janitor
from infra.config.sections.judge import Judge
from infra.config.sections.ledger import Ledger
from infra.config.sections.metrics import Metrics
from infra.config.sections.notifications import Notifications
from infra.config.sections.rollback_on import RollbackOn
from infra.config.sections.rollout import AnyRollout, Canary
from infra.config.sections.section import Allowed, Section, key
from infra.config.sections.serving import Serving
from infra.config.sections.shadow import Shadow
from infra.config.sections.texts import Name, Prefix, TagKey, TagValue
from infra.config.sections.traffic import Traffic
from infra.config.sections.variant import AnyVariant, VariantDefaults

_GROUP = key(
    "Model package group whose approved versions the endpoint serves: its name, not its ARN.", "FraudDetectionGroup"
)
_VARIANT = key("The production variant, which serves the model.")
_ARTIFACTS = key("S3 prefix of the model artifacts. The execution role may read it.", "s3://my-models/fraud/")
_Tags = Annotated[
    dict[TagKey, TagValue],
    key(
        "Tags of the stacks, and of the models, endpoint configs, endpoints and alarms that Approval Gate makes. An "
        "endpoint has those of the file and those of its entry.",
        {"team": "fraud"},
        max_length=limits.TAGS,
        json_schema_extra={"additionalProperties": False},  # Keys that break the pattern.
    ),
]
_File = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1024),
    Allowed("a path of 1 to 1024 characters", "golden/fraud-detection.jsonl"),
]


class _Optional(Section):
    """The keys of an entry that have a default."""

    rollout: Annotated[AnyRollout, key("How traffic moves to a new version. The default strategy is canary.")] = (
        Canary()
    )
    rollback_on: Annotated[RollbackOn, key("What rolls a new version back.")] = RollbackOn()
    judge: Annotated[Judge, key("How a new version is compared with the live one during its rollout.")] = Judge()
    shadow: Annotated[
        Shadow | None, key("How a new version gets copies of requests before its rollout. Without it, it gets none.")
    ] = None
    gate: Annotated[Gate, key("What a version must fulfil, besides its approval, to go live.")] = Gate()
    serving: Annotated[Serving, key("How the variant serves, besides its instances.")] = Serving()
    autoscaling: Annotated[Autoscaling | None, key("How many instances the variant has, and when.")] = None
    traffic: Annotated[Traffic | None, key("The traffic for which the plan of a rollout is computed.")] = None
    evidence: Annotated[Evidence, key("The minimum of requests that must judge a rollout.")] = Evidence()
    capacity: Annotated[Capacity, key("What happens if AWS has no instances.")] = Capacity()
    golden_requests: Annotated[
        _File | None,
        key(
            "Path of a JSON Lines file with requests and their known answers, from the folder of endpoints.yaml. See "
            "docs/golden-requests.md."
        ),
    ] = None
    metrics: Annotated[Metrics, key("How often SageMaker publishes the endpoint's metrics.")] = Metrics()
    contacts: Annotated[Contacts, key("Whom to ask about the endpoint.")] = Contacts()
    tags: _Tags = Field(default_factory=dict)
    notify_waiting: Annotated[
        bool,
        key(
            "True sends a notification when a new version waits for an approval, and when a version waits longer than "
            "usual. Leave it out if a pipeline approves the versions."
        ),
    ] = False
    dashboard: Annotated[
        bool, key("True creates a CloudWatch dashboard for the endpoint, `approval-gate-REGION-NAME`.")
    ] = False


class Entry(_Optional):
    """What one endpoint serves, and how a new version goes live on it."""

    EXAMPLE = """\
endpoints:
  fraud-detection:
    model_package_group: FraudDetectionGroup
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://my-models/fraud/"""
    model_package_group: Annotated[Name, _GROUP]
    variant: Annotated[AnyVariant, _VARIANT]
    model_artifacts: Annotated[Prefix, _ARTIFACTS]


class Defaults(_Optional):
    """The keys of an entry, for every endpoint that does not give them itself. None is required."""

    model_package_group: Annotated[Name | None, _GROUP] = None
    variant: Annotated[VariantDefaults, _VARIANT] = VariantDefaults()
    model_artifacts: Annotated[Prefix | None, _ARTIFACTS] = None


class File(Section):
    """The endpoints of one account and Region, and what they share."""

    defaults: Annotated[Defaults, key("Keys for every endpoint that does not give them itself.")] = Defaults()
    gate_floor: Annotated[GateFloor | None, key("The checks of every endpoint, besides those of its own `gate`.")] = (
        None
    )
    ledger: Annotated[Ledger, key("What protects the ledger, and what is written about its rows elsewhere.")] = Ledger()
    functions: Annotated[Functions, key("Concurrency and logs of the functions.")] = Functions()
    janitor: Annotated[Janitor, key("The deletion of what nothing needs any more.")] = Janitor()
    notifications: Annotated[Notifications, key("How notifications say what happened.")] = Notifications()
    tags: _Tags = Field(default_factory=dict)
    endpoints: Annotated[
        Annotated[dict[Name, Entry], Allowed("one key for each endpoint: its name")],
        Field(
            description="The endpoints, each with its name as SageMaker has it.",
            json_schema_extra={"additionalProperties": False},  # Names that break the pattern.
        ),
    ]
