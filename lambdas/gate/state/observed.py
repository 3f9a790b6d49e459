"""What the registry, the endpoint and the alarms say now: everything `decide` may look at besides spec and head."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lambdas.gate.state.approval import version_number
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.identity import Identity
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


UNFINISHED = frozenset({"Pending", "InProgress"})
"""ModelPackageStatus of a version that is still being made.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html"""


@dataclass(frozen=True)
class Endpoint:
    """DescribeEndpoint, as far as it matters. `status` stays a string: AWS may add one. `created_at` and `modified_at`
    in seconds since 1970.

    `pending_config` is PendingDeploymentSummary's; `deployment_alarms` are those of LastDeploymentConfig, a witness
    that an update carrying them was accepted. `variants` and `shadows`: the names of its production and of its shadow
    variants.
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
        """The names of all variants, with a note where one is a shadow."""
        return (*self.variants, *(f"{name} (shadow)" for name in self.shadows))

    def replaces(self, config: str, since: float) -> bool:
        """Whether another config serves than this one, which was live at `since` (seconds since 1970). While an
        endpoint is Updating its config is the one before, and LastModifiedTime tells of the update; an answer from
        before `since` has an earlier one. A patch or a rollback puts nothing else there, so it may end first."""
        if self.config == config:
            return False
        return not self.is_busy or (self.status == EndpointStatus.UPDATING and self.modified_at > since)


@dataclass(frozen=True)
class Container:
    """Of a package's InferenceSpecification. `model_data`: the S3 URI of its one artifact; `prefix`: of its many;
    `more`: of its additional sources."""

    image: str | None
    image_digest: str | None = None
    model_data: str | None = None
    prefix: str | None = None
    more: tuple[str, ...] = ()

    @property
    def uris(self) -> tuple[str, ...]:
        """All that is loaded from S3."""
        return tuple(uri for uri in (self.model_data, self.prefix, *self.more) if uri)


@dataclass(frozen=True)
class Package:
    """DescribeModelPackage of one version. Times in seconds since 1970; `modified_by` is who changed it last,
    `modifier` the same in full. `specification`: hexadecimal SHA-256 of its InferenceSpecification. `description`:
    all that AWS answered, as JSON has it. `at_stage`: it has reached the stage that the spec asks for.
    `is_modified`: it was changed since it was registered. `created_at`: its CreationTime. `fixed`: hexadecimal SHA-256
    of the InferenceSpecification without what AWS may fill in, `filled_in`: what of that is there. `changed`: what
    differs from its registration, in words; None if nothing differs, or if no registration was taken."""

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

    @property
    def is_approved(self) -> bool:
        return self.approval_status == "Approved" and self.at_stage

    @property
    def is_unfinished(self) -> bool:
        """AWS may still fill in what it is made of."""
        return self.status in UNFINISHED


@dataclass(frozen=True)
class Listed:
    """A version as ListModelPackages shows it, whatever its approval status; `created_at` in seconds since 1970."""

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
    """Versions that may not have been seen before. `recent`: those created since the newest one known; `older`: the
    next ones that the first reconcile left, the newest first; `named`: ARNs of those that events name."""

    recent: tuple[Listed, ...] = ()
    older: tuple[Listed, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Listed, ...]:
        return (*self.recent, *self.older)


@dataclass(frozen=True)
class FiredAlarm:
    """An alarm that is, or was since it was asked about, in ALARM. `at`: when it went to ALARM, in seconds since 1970;
    `reason` is CloudWatch's.

    `is_undated`: AWS does not say when it went to ALARM, and `at` is the latest time possible. Such an alarm counts
    against no version. However well it is dated, it is the same firing, so this makes no two of them different.
    """

    name: str
    at: float
    reason: str
    is_undated: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Observed:
    """`listed`: the Approved versions by ListModelPackages, in order of creation. `listing`: those of any
    status that may be new. `packages`: those described in this
    look; None where the version does not exist. `fired`: alarms of the open attempt. `standing`: standing alarms that
    are in ALARM."""

    endpoint: Endpoint | None
    listed: tuple[str, ...] = ()
    listing: Listing = Listing()
    packages: Mapping[str, Package | None] = field(default_factory=dict)
    hints: tuple[ApprovalHint, ...] = ()
    fired: tuple[FiredAlarm, ...] = ()
    standing: tuple[FiredAlarm, ...] = ()
    requests: int | None = None
    """How many requests the new fleet of the open attempt has answered, once it is live."""
    served_version: str | None = None
    """At the first look, or after a change by hand: the version the endpoint's config leads to, if it is one."""
    evidence: Evidence | None = None
    """About `decision.candidate`; None where nobody is about to ask the gate."""
