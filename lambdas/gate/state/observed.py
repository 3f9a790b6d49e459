"""The current state of the registry, the endpoint and the alarms: all that `decide` uses besides spec and head."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lambdas.gate.spec.floor import FloorRead
from lambdas.gate.state.approval import version_label, version_number
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.rung import Copied
from lambdas.gate.state.shared_minute import SharedMinute
from lambdas.gate.state.specification import FilledIn


class EndpointStatus(StrEnum):
    """SageMaker's EndpointStatus.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html"""

    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"


BUSY = frozenset(
    {
        EndpointStatus.CREATING,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
        EndpointStatus.DELETING,
    }
)
"""Statuses in which SageMaker is working on the endpoint and refuses another change."""

UNFINISHED = frozenset({"Pending", "InProgress"})
"""The values of ModelPackageStatus while SageMaker is making the version.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html"""


@dataclass(frozen=True)
class Endpoint:
    """What the gate needs of DescribeEndpoint's answer. Times in seconds since 1970.

    `status`: an EndpointStatus, or a string that AWS added later. `variants`: the names of its production variants.
    `pending_config`: the config in PendingDeploymentSummary. `deployment_alarms`: the alarms in LastDeploymentConfig,
    evidence that an update with these alarms was accepted. `shadows`: the names of its shadow variants.
    """

    arn: str
    status: str
    config: str
    created_at: float
    modified_at: float
    variants: tuple[str, ...]
    pending_config: str | None = None
    failure_reason: str | None = None
    deployment_alarms: tuple[str, ...] = ()
    captures_data: bool = False
    is_serverless: bool = False
    is_asynchronous: bool = False
    shadows: tuple[str, ...] = ()

    @property
    def is_busy(self) -> bool:
        return self.status in BUSY

    @property
    def all_variants(self) -> tuple[str, ...]:
        """The names of all variants. Shadow variants are marked as such."""
        return (*self.variants, *(f"{name} (shadow)" for name in self.shadows))

    def replaces(self, config: str, since: float) -> bool:
        """True if another config has replaced `config`, which was live at `since` (seconds since 1970).

        While an endpoint is Updating, its config is the old one, and LastModifiedTime is that of the update. An answer
        that is older than `since` has an earlier LastModifiedTime. During a patch or a rollback nothing is known, and
        neither puts another config there, so wait until it ends.
        """
        if self.config == config:
            return False
        return not self.is_busy or (self.status == EndpointStatus.UPDATING and self.modified_at > since)


@dataclass(frozen=True)
class ServedVariant:
    """A variant of an endpoint config.

    `version`: the ARN of the version that it serves; None if its model is not made of one version, or was deleted.
    `weight`: its share of the requests in relation to the other variants', or of the copies for a shadow variant.
    `instance_type`, `instance_count`: those of the config; None if it is serverless.
    """

    name: str
    is_shadow: bool
    version: str | None
    weight: float
    instance_type: str | None
    instance_count: int | None

    @property
    def text(self) -> str:
        kind = "shadow, " if self.is_shadow else ""
        return f"{self.name} ({kind}{version_label(self.version) if self.version else 'no version'})"


@dataclass(frozen=True)
class Served:
    """What an endpoint config serves. `version`: that of its only production variant; None if there are several, or if
    `variants` has none for it. `variants`: its production variants, then its shadow variants; none if the config was
    deleted."""

    version: str | None = None
    variants: tuple[ServedVariant, ...] = ()

    @property
    def several(self) -> tuple[ServedVariant, ...]:
        """The variants if they are not one production variant, the only kind that an entry describes."""
        return () if len(self.variants) == 1 else self.variants

    @property
    def detail(self) -> dict[str, Any]:
        """What a row says about several variants."""
        return {"variants": [dataclasses.asdict(each) for each in self.several]} if self.several else {}

    @property
    def text(self) -> str:
        """The end of a sentence about several variants."""
        names = ", ".join(each.text for each in self.several)
        return f"; its variants are {names}" if names else ""


NOTHING = Served()


@dataclass(frozen=True)
class Container:
    """A container of a package's InferenceSpecification. `model_data`: the S3 URI of its artifact, if it has one.
    `prefix`: the S3 prefix of its artifacts, if it has many. `more`: the S3 URIs of its additional sources. `named`:
    the S3 URIs in its environment. `unfixed`: what it loads besides, in words, if nothing fixes the content of that."""

    image: str | None
    image_digest: str | None = None
    model_data: str | None = None
    prefix: str | None = None
    more: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    unfixed: tuple[str, ...] = ()

    @property
    def model_uris(self) -> tuple[str, ...]:
        """The S3 URIs of the container's model data."""
        return tuple(uri for uri in (self.model_data, self.prefix, *self.more) if uri)

    @property
    def uris(self) -> tuple[str, ...]:
        """The S3 URIs of all that the container loads: model data, and code or data that its environment names."""
        return (*self.model_uris, *self.named)


@dataclass(frozen=True)
class Package:
    """A version, from DescribeModelPackage's answer. Times in seconds since 1970, digests hexadecimal SHA-256.

    `status`: ModelPackageStatus. `modified_by`: the name of the last modifier. `modifier`: the last modifier's whole
    identity. `specification`: the digest of its InferenceSpecification. `description`: AWS's whole answer as JSON.
    `at_stage`: True if it has reached the stage that the spec asks for. `is_modified`: True if it was changed since it
    was registered. `fixed`: the digest of its InferenceSpecification without the fields that AWS may fill in.
    `filled_in`: those of these fields that have a value. `changed`: what differs from its registration, in words; None
    if nothing differs, or if no registration was taken. `specified_by`: the last to change it before its
    registration was taken, who may have written its InferenceSpecification; None if nobody had changed it by then.
    `registered_at`: when its registration was taken; None if none was.
    """

    version: str
    group: str
    approval_status: str
    status: str
    modified_at: float
    modified_by: str | None = None
    comment: str | None = None
    modifier: Identity | None = None
    registered_by: Identity | None = None
    specification: str = ""
    containers: tuple[Container, ...] = ()
    description: Mapping[str, Any] = field(default_factory=dict)
    at_stage: bool = True
    is_modified: bool = False
    created_at: float = 0.0
    fixed: str = ""
    filled_in: tuple[FilledIn, ...] = ()
    changed: str | None = None
    specified_by: Identity | None = None
    registered_at: float | None = None

    def is_registered_before(self, approved_at: float) -> bool:
        """True if its registration was taken before an approval of that time. An event's time has whole seconds. Before
        the endpoint is adopted, a registration is also taken of a version that is Approved already."""
        return self.registered_at is not None and self.registered_at < approved_at + 1

    @property
    def is_approved(self) -> bool:
        return self.approval_status == "Approved" and self.at_stage

    @property
    def environments(self) -> list[dict[str, str]]:
        """The Environment of each container that has one."""
        specification = self.description.get("InferenceSpecification", {})
        return [each["Environment"] for each in specification.get("Containers", ()) if "Environment" in each]

    @property
    def is_unfinished(self) -> bool:
        """True if SageMaker is still making it, and so may still fill in fields."""
        return self.status in UNFINISHED


@dataclass(frozen=True)
class Listed:
    """A version of any approval status in ListModelPackages' answer. `created_at`: in seconds since 1970."""

    version: str
    created_at: float
    status: str

    @property
    def number(self) -> int:
        return version_number(self.version)

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED


@dataclass(frozen=True)
class Listing:
    """Versions that may not have been seen before. `recent`: created since the newest known version. `older`: the next
    of those that earlier reconciles left over, the newest first. `named`: the ARNs that events name."""

    recent: tuple[Listed, ...] = ()
    older: tuple[Listed, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Listed, ...]:
        return (*self.recent, *self.older)


@dataclass(frozen=True)
class FiredAlarm:
    """An alarm that is in ALARM, or was since the time in question. `at`: when it went to ALARM, in seconds since 1970.
    `reason`: CloudWatch's.

    `is_undated`: True if AWS does not say when it went to ALARM. Then `at` is the latest possible time, and the alarm
    counts against no version. The field is not compared, because the firing is the same with or without a known time.
    """

    name: str
    at: float
    reason: str
    is_undated: bool = field(default=False, compare=False)


CLOCK_SECONDS = 2.0
"""How much later than the version's last change the time of its event may be: both have clocks of their own."""


@dataclass(frozen=True)
class Observed:
    """`endpoint`: None if it does not exist. `listed`: the ARNs of the Approved versions, in order of creation.
    `listing`: the versions of any status that may be new. `packages`: the versions that were described in this
    reconcile; None if a version does not exist. `hints`: what registry events say. `fired`: the fired alarms of the
    open attempt. `standing`: the alarms in ALARM that guard the live version. `requests`: how many requests the open
    attempt's new fleet has answered, once it is live; None if they were not counted. `served`: at the first reconcile
    and after a manual change, what the endpoint's config serves. `evidence`: about
    the version whose checks are to be evaluated; None if there is none. `floor`: the checks of every endpoint; None if
    there is no floor, or no approval waits. `minutes`: what both fleets answered since the open attempt began; None if
    that was not read, or could not be. `copied`: what the live version and its shadow answered since the rung began;
    None as for `minutes`.
    """

    endpoint: Endpoint | None
    listed: tuple[str, ...] = ()
    listing: Listing = Listing()
    packages: Mapping[str, Package | None] = field(default_factory=dict)
    hints: tuple[ApprovalHint, ...] = ()
    fired: tuple[FiredAlarm, ...] = ()
    standing: tuple[FiredAlarm, ...] = ()
    requests: int | None = None
    served: Served = NOTHING
    evidence: Evidence | None = None
    floor: FloorRead | None = None
    minutes: tuple[SharedMinute, ...] | None = None
    copied: Copied | None = None

    @property
    def possible_hints(self) -> tuple[ApprovalHint, ...]:
        """The hints about changes that DescribeModelPackage shows. A call that sets the status is a change of the
        version, so a hint about a later one is false."""
        return tuple(hint for hint in self.hints if self._is_possible(hint))

    def _is_possible(self, hint: ApprovalHint) -> bool:
        package = self.packages.get(hint.version)
        return package is None or hint.at <= package.modified_at + CLOCK_SECONDS
