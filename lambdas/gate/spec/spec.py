"""The spec: one endpoint's entry in endpoints.yaml, validated at synth and stored as an SSM parameter for the
deployer."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from lambdas.gate import codec, names
from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.minimum_requests import MinimumRequests
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.serving import Serving
from lambdas.gate.spec.shadow import Comparer, Shadow
from lambdas.gate.text import unreadable
from lambdas.gate.timing import CAPACITY_SECONDS, PUBLISH_SECONDS


class SpecError(ValueError):
    """The SSM parameter is not a spec of this version of the product."""


class Strategy(StrEnum):
    """How a rollout moves traffic to the new fleet."""

    ALL_AT_ONCE = "all-at-once"
    """All traffic moves in one step. The old fleet is kept while the new fleet bakes."""
    CANARY = "canary"
    """A part of the traffic moves first, then the rest. The old fleet is kept while the new fleet bakes."""
    LINEAR = "linear"
    """The traffic moves in equal steps. The old fleet is kept while the new fleet bakes."""
    ROLLING = "rolling"
    """Batches of new instances replace the old fleet one after the other. There is no bake."""

    @property
    def traits(self) -> "Traits":
        """What the product has to know about the strategy."""
        return STRATEGIES[self]


@dataclass(frozen=True)
class Traits:
    """What endpoints.yaml, a rollout's request and the forecast have to know about a strategy.

    `routing`: the Type of SageMaker's TrafficRoutingConfiguration. None means a RollingUpdatePolicy.
    `size_field`: SageMaker's field for the size of a step. None means one step, which moves all traffic.
    `least_percent`: SageMaker's least size of a step, in percent of the fleet. 0 means no least size.
    `repeats`: True if steps of one size follow each other. False if the second step moves the rest.
    """

    routing: str | None
    size_field: str | None = None
    least_percent: int = 0
    repeats: bool = False

    @property
    def has_steps(self) -> bool:
        """True if traffic moves in more than one step, with a wait between them."""
        return self.size_field is not None

    @property
    def keeps_old_fleet(self) -> bool:
        """True if the old fleet is kept until the new fleet has baked."""
        return self.routing is not None


STRATEGIES = {
    Strategy.ALL_AT_ONCE: Traits("ALL_AT_ONCE"),
    Strategy.CANARY: Traits("CANARY", "CanarySize"),
    Strategy.LINEAR: Traits("LINEAR", "LinearStepSize", least_percent=10, repeats=True),
    Strategy.ROLLING: Traits(None, "MaximumBatchSize", least_percent=5, repeats=True),
}
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RollingUpdatePolicy.html"""


class SizeType(StrEnum):
    """SageMaker's CapacitySizeType."""

    INSTANCE_COUNT = "INSTANCE_COUNT"
    CAPACITY_PERCENT = "CAPACITY_PERCENT"


@dataclass(frozen=True)
class Size:
    """A part of the fleet, in instances or in percent."""

    type: SizeType
    value: int


@dataclass(frozen=True)
class Variant:
    """The endpoint's one production variant. `instance_type`, `instance_count`: None if it is serverless."""

    name: str
    instance_type: str | None = None
    instance_count: int | None = None
    serverless: Serverless | None = field(default=None, metadata=codec.LEFT_OUT)

    def __post_init__(self) -> None:
        instances = self.instance_type, self.instance_count
        if instances != (None, None) if self.serverless else None in instances:
            raise ValueError("A variant has instances, type and count, or is serverless.")

    @property
    def fleet(self) -> tuple[str, ...]:
        """The parts of the digest of a spec's settings."""
        if self.serverless:
            return self.serverless.digest_parts
        return str(self.instance_type), str(self.instance_count)


@dataclass(frozen=True)
class Rollout:
    """How traffic moves. `step` is the canary, the linear step or the rolling batch. It is None if the strategy has no
    steps."""

    strategy: Strategy
    step: Size | None
    wait_seconds: int
    bake_seconds: int
    maximum_seconds: int
    rollback_step: Size | None = None


@dataclass(frozen=True)
class RollbackOn:
    """The thresholds of the rollout alarms and of the standing alarms, and the user's own alarms.

    `alarms`: the names of the user's own alarms. `watch_seconds`: how long after it went live a version is replaced if
    an alarm fires. `average_latency_ms`: used instead of `p99_latency_ms` if the endpoint is asynchronous.
    """

    error_rate_percent: float
    p99_latency_ms: int
    alarms: tuple[str, ...]
    watch_seconds: int
    average_latency_ms: int | None = field(default=None, metadata=codec.LEFT_OUT)


class Mode(StrEnum):
    """What a failed check does."""

    ENFORCE = "enforce"
    """It stops the version."""
    ADVISE = "advise"
    """It is recorded, and lets the version pass."""


class IdentityLevel(StrEnum):
    """A kind of name that AWS gives a person besides the role or user."""

    USER_PROFILE = "user_profile"
    """The Studio user profile."""
    SOURCE_IDENTITY = "source_identity"
    """The source identity of a role's session."""
    IDENTITY_CENTER = "identity_center"
    """The session name of a role of IAM Identity Center, which is the person's name there."""


class Until(StrEnum):
    """Until when a version's reports may be written."""

    REGISTRATION = "registration"
    """They are part of the version. A report that is written later is another version's."""
    APPROVAL = "approval"
    """They may also be written between the registration and the approval."""


@dataclass(frozen=True)
class Condition:
    """A JMESPath expression that has to be true of the evidence's document."""

    name: str
    expression: str
    mode: Mode = Mode.ENFORCE


@dataclass(frozen=True)
class Soak:
    """The version has to be live on another gated endpoint for `hours` first, without an alarm."""

    endpoint: str
    hours: float


@dataclass(frozen=True)
class Stage:
    """ModelLifeCycle's Stage and StageStatus that a version needs besides its approval status."""

    name: str
    status: str


@dataclass(frozen=True)
class Freeze:
    """A window in which no new version goes live. `cron`: when it begins (minute, hour, day of month, month, day of
    week) in `time_zone`."""

    cron: str
    hours: float
    time_zone: str


class OnDispute(StrEnum):
    """What happens to the live version if AWS names two approvers of it."""

    HOLD = "hold"
    """It stays live. A notification is sent, and no other settings are rolled out until somebody approves again."""
    REVERT = "revert"
    """It is replaced by the last good version."""


class WitnessSource(StrEnum):
    """Which record of AWS is asked about each approval before it is rolled out."""

    CLOUDTRAIL = "cloudtrail"
    """CloudTrail's event history. No approval is rolled out earlier than 15 minutes after it."""


@dataclass(frozen=True)
class Gate:
    """The checks that an approved version has to pass.

    `mode`: of all checks, except those of the approval itself, the artifacts' place and the pin. `four_eyes`: True if
    the approver must not be the author. `approvers`: patterns of the allowed approvers; empty for any. `require`: the
    conditions. `pin`: True if artifacts and images must be those that were approved. `images`: patterns of the allowed
    images; empty for any. `reports`: the S3 prefixes of the versions' reports, besides `Spec.model_artifacts`.
    `reports_until`: until when these may be written; None for the registration.
    `identity`: the levels that tell two people apart; None if only roles and users do. `automation`: patterns of roles
    that no person uses; None if there are none. `override_people`: how many operators have to override a check; None if
    one is enough. `on_dispute`: None for a hold. `witness`: None if nothing is asked.
    """

    mode: Mode = Mode.ENFORCE
    four_eyes: bool = False
    approvers: tuple[str, ...] = ()
    require: tuple[Condition, ...] = ()
    pin: bool = True
    images: tuple[str, ...] = ()
    soak: Soak | None = None
    stage: Stage | None = None
    freeze: tuple[Freeze, ...] = ()
    reports: tuple[str, ...] = ()
    identity: tuple[IdentityLevel, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    automation: tuple[str, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    override_people: int | None = field(default=None, metadata=codec.LEFT_OUT)
    reports_until: Until | None = field(default=None, metadata=codec.LEFT_OUT)
    on_dispute: OnDispute | None = field(default=None, metadata=codec.LEFT_OUT)
    witness: WitnessSource | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def written_until(self) -> Until:
        """Until when reports may be written."""
        return self.reports_until or Until.REGISTRATION


@dataclass(frozen=True)
class Golden:
    """A set of golden requests. `digest`: the hexadecimal SHA-256 of its file. `requests`: how many it contains.
    `role_id`: the unique id of the prober's role; None in a spec of an earlier release. Then no result counts.
    `namespace`: of the metrics that the prober puts; None in a spec of an earlier release. Then it is `ApprovalGate`,
    in which every prober may put metrics."""

    digest: str
    requests: int
    role_id: str | None = field(default=None, metadata=codec.LEFT_OUT)
    namespace: str | None = field(default=None, metadata=codec.LEFT_OUT)


@dataclass(frozen=True)
class Tag:
    """A tag of what is made for the endpoint."""

    key: str
    value: str


@dataclass(frozen=True)
class Spec:
    """`endpoint`: its name. `model_package_group`: the group whose approved versions go live. `model_artifacts`: the S3
    prefix of the versions' artifacts. `enough`: the minimum of requests; None if there is none. `capacity_seconds`: how
    long a rollout is tried again if there is no capacity. `golden`: None if there are no golden requests.
    `publish_seconds`: the time between two datapoints of the endpoint's metrics. `autoscaling`: None if the gate
    registers none. `tags`: those of models, endpoint configs, the endpoint and alarms, besides Approval Gate's own;
    None if there are none. A change starts no rollout. `judge`: how a new version is compared with the live one; None
    in a spec of an earlier release. Then the judge observes. `shadow`: None if a new version is rolled out at once.
    `comparer`: who compares the answers of a shadow; None if nobody does.
    `contacts`: whom to ask; None if the entry does not say it. A change starts no rollout.
    `notify_waiting`: True if a notification says which version waits for an approval."""

    endpoint: str
    model_package_group: str
    variant: Variant
    execution_role_arn: str
    model_artifacts: str
    rollout: Rollout
    rollback_on: RollbackOn
    gate: Gate
    enough: MinimumRequests | None = None
    capacity_seconds: int = CAPACITY_SECONDS
    golden: Golden | None = None
    publish_seconds: int = PUBLISH_SECONDS
    serving: Serving = field(default_factory=Serving)
    autoscaling: Autoscaling | None = None
    tags: tuple[Tag, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    judge: Judge | None = field(default=None, metadata=codec.LEFT_OUT)
    shadow: Shadow | None = field(default=None, metadata=codec.LEFT_OUT)
    comparer: Comparer | None = field(default=None, metadata=codec.LEFT_OUT)
    contacts: Contacts | None = field(default=None, metadata=codec.LEFT_OUT)
    notify_waiting: bool | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def notifies_waiting(self) -> bool:
        """True if a row says which version waits for an approval."""
        return self.notify_waiting is True

    @property
    def judged_by(self) -> Judge:
        """How a new version is compared with the live one."""
        return self.judge or Judge()

    @property
    def tag_list(self) -> list[dict[str, str]]:
        """The tags as AWS's requests take them."""
        return [{"Key": tag.key, "Value": tag.value} for tag in self.tags or ()]

    @property
    def settings(self) -> str:
        """The digest of the settings that an endpoint config is made of. If it differs from the live version's, the
        live version is rolled out with the new settings. A change of rollout or alarms starts no rollout, and the next
        one uses it."""
        fleet = self.variant.name, *self.variant.fleet
        # Left out if it is the default, so that digests from before this setting existed stay the same.
        often = () if self.publish_seconds == PUBLISH_SECONDS else (f"every {self.publish_seconds} s",)
        return names.digest(*fleet, self.execution_role_arn, *self.serving.digest_parts, *often)

    def with_settings_of(self, other: "Spec") -> "Spec":
        """Return this spec with the settings of another one: all that `settings` is a digest of."""
        return replace(
            self,
            variant=other.variant,
            execution_role_arn=other.execution_role_arn,
            serving=other.serving,
            publish_seconds=other.publish_seconds,
        )

    @property
    def scaling(self) -> str:
        """The digest of the autoscaling to register; empty if there is none."""
        return self.autoscaling.digest(self.variant.name) if self.autoscaling else ""

    def to_json(self) -> str:
        return codec.encode(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the spec in a parameter's value. Raises SpecError, which says what does not fit."""
        try:
            return codec.decode(cls, text)
        except (KeyError, TypeError, ValueError) as error:
            raise SpecError(
                f"The spec parameter does not fit this version of Approval Gate: {unreadable(error)}."
            ) from error


@dataclass(frozen=True)
class SpecSeen:
    """Version and LastModifiedDate of the spec's parameter. Together they show that a stack was destroyed and deployed
    again. `digest`: the hexadecimal SHA-256 of its value; None in a head of an earlier release."""

    version: int
    modified_at: float
    digest: str | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
