"""An attempt: one try to roll out one approval on one endpoint, opened before the call and closed with one outcome."""

from dataclasses import dataclass, field
from enum import StrEnum

from lambdas.gate import codec
from lambdas.gate.spec.minimum_requests import MinimumRequests
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.comparison import Findings, Judging
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.orders import Abort
from lambdas.gate.state.rung import Copying
from lambdas.gate.timing import CAPACITY_SECONDS, LOCK


class Purpose(StrEnum):
    """Why an attempt is made."""

    CREATE = "create"
    UPDATE = "update"
    REVERT = "revert"
    """Back to the last good version. It goes ahead where a rollout of a new version would be held."""
    RESIZE = "resize"
    """The live version with the spec's changed variant settings."""
    SHADOW = "shadow"
    """The live version, with a new version as its shadow. The attempt's approval is the new version's."""
    END_SHADOW = "end_shadow"
    """The live version without the shadow."""

    @property
    def is_back(self) -> bool:
        """True if it brings nothing new, so it goes ahead where a rollout of a new version would be held."""
        return self in (Purpose.REVERT, Purpose.END_SHADOW)

    @property
    def goes_forward(self) -> bool:
        """True if it puts a new version or new settings in the place of what serves. A creation replaces nothing."""
        return self in (Purpose.UPDATE, Purpose.RESIZE)

    @property
    def keeps_live(self) -> bool:
        """True if only a shadow comes or goes. The live version is launched anew, and no version is condemned for what
        happens meanwhile."""
        return self in (Purpose.SHADOW, Purpose.END_SHADOW)


class Outcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    SHADOWED = "shadowed"
    """The version is the live one's shadow now. It answers no caller."""
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    ABORTED = "aborted"
    SUPERSEDED = "superseded"


class AbortCause(StrEnum):
    """Why SageMaker was asked to stop an attempt."""

    REVOKED = "revoked"
    """Its version is not Approved any more."""
    DOUBTED = "doubted"
    """It is not certain who gave its approval."""
    ORDERED = "ordered"
    """An operator ordered it."""
    WORSE = "worse"
    """The judge found it worse."""
    ALARM = "alarm"
    """SageMaker did not act on a fired alarm."""


@dataclass(frozen=True)
class Fleet:
    """What an endpoint config asks for, kept with the attempt because the spec may change before it ends."""

    config: str
    settings: str
    instance_type: str | None
    instance_count: int | None
    serverless: Serverless | None = field(default=None, metadata=codec.LEFT_OUT)


@dataclass(frozen=True)
class Attempt:
    """All times in seconds since 1970. `alarms` are all that guard the rollout, ours and the user's.

    `modified_at`: the endpoint's LastModifiedTime when the attempt was opened, which is weak evidence, see `judgement`.
    `enough`: the minimum of requests, if one is asked for. `maximum_seconds`: the rollout's time limit, at most
    SageMaker's. `capacity_seconds`: how long it is tried again if there is no capacity.
    `abort`: an operator's order to stop it. `abort_reason`: why SageMaker was asked to stop it, once it was.
    `abort_alarm`: the alarm on which SageMaker did not act, if it was asked because of that. `abort_cause`: what it was
    asked because of; also None if an earlier release asked. `background`: which share of its requests the live version
    had failed in its last day, in percent; None if that is not known. `watch_above`: the share above which the alarm
    fires that watches the version after the rollout; None if there is to be none.
    `golden_set`: the SHA-256 of the golden requests that may roll it back. `golden_namespace`: of the metric that their
    alarm watches; None for `ApprovalGate`. `golden`: its fleet's answers to them, wrong
    ones rather than right ones. `live_at`: when it went live, if a reconcile saw that and waits for more metrics.
    `revoked_at`: when its version was found revoked. Only an approval that the gate accepts ends that. `doubt`: why it
    is not certain who gave its approval, in words; None if it is, or if the gate asks about nobody. `judging`: how its
    version is compared with the live one; None if it is not. `copying`: how its version gets copies of requests; None
    if it is rolled out itself. `unguarded`: True if SageMaker refused guardrails because of a shadow; otherwise None.
    """

    number: int
    approval: Approval
    purpose: Purpose
    fleet: Fleet
    alarms: tuple[str, ...]
    opened_at: float
    expected_seconds: int
    previous_config: str | None = None
    modified_at: float | None = None
    accepted_at: float | None = None
    abort_reason: str | None = None
    abort: Abort | None = None
    enough: MinimumRequests | None = None
    maximum_seconds: int = 28_800
    capacity_seconds: int = CAPACITY_SECONDS
    golden_set: str | None = None
    golden: GoldenResult | None = None
    live_at: float | None = None
    revoked_at: float | None = field(default=None, metadata=codec.LEFT_OUT)
    golden_namespace: str | None = field(default=None, metadata=codec.LEFT_OUT)
    doubt: str | None = field(default=None, metadata=codec.LEFT_OUT)
    abort_alarm: str | None = field(default=None, metadata=codec.LEFT_OUT)
    background: float | None = field(default=None, metadata=codec.LEFT_OUT)
    watch_above: float | None = field(default=None, metadata=codec.LEFT_OUT)
    judging: Judging | None = field(default=None, metadata=codec.LEFT_OUT)
    abort_cause: AbortCause | None = field(default=None, metadata=codec.LEFT_OUT)
    copying: Copying | None = field(default=None, metadata=codec.LEFT_OUT)
    unguarded: bool | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def is_guarded(self) -> bool:
        """True if SageMaker watches its alarms and so can be made to roll it back: not while it creates an endpoint,
        and never for a serverless endpoint.
        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html"""
        return self.purpose is not Purpose.CREATE and self.fleet.serverless is None

    @property
    def is_unheard(self) -> bool:
        """True if golden requests were to judge it, and its fleet's answers are not known for all of them."""
        if self.golden_set is None:
            return False
        found = self.golden
        if found is None or found.failed:
            return found is None
        return found.digest != self.golden_set or bool(found.is_part)

    @property
    def is_to_compare(self) -> bool:
        """True if its version is compared with the live one, and nothing final was found yet."""
        return self.judging is not None and self.judging.comparison is None and self.accepted_at is not None

    @property
    def condemned(self) -> Findings | None:
        """The findings because of which it does not stay; None if there are none."""
        found = self.judging.comparison if self.judging else None
        return found if self.judging and found and found.condemns(self.judging.rules) else None

    @property
    def began(self) -> float:
        """When SageMaker began the rollout, as far as that is known."""
        return self.accepted_at or self.opened_at

    def ended(self, modified_at: float) -> float | None:
        """When it ended, by the endpoint's LastModifiedTime; None if that time is its beginning, as no rollout is that
        short."""
        return modified_at if modified_at > self.began + LOCK else None

    @property
    def expected_end(self) -> float:
        return self.opened_at + self.expected_seconds

    @property
    def expected_configs(self) -> frozenset[str | None]:
        """The configs that the endpoint may serve while nobody else changes it."""
        return frozenset((self.fleet.config, None if self.live_at is not None else self.previous_config))
