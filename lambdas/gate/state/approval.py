"""An approval: one act of approving one version. A version approved again is a new approval."""

import math
import re
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from lambdas.gate import codec
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.pin import Pin

_VERSION = re.compile(
    r"arn:[a-z0-9-]{1,63}:sagemaker:[a-z0-9-]{1,63}:[0-9]{1,12}:model-package/[A-Za-z0-9-]{1,63}/[1-9][0-9]{0,9}"
)


HOLD_SECONDS = 1200
"""How long a message that disagrees about the approver may hold an approval. CloudTrail answers within this time."""
ASK_SECONDS = 7200
"""How long CloudTrail's event history is asked whether such a message is true."""


@dataclass(frozen=True)
class Inquiry:
    """A message disagrees about who gave an approval, so CloudTrail's event history is asked. Anybody may have sent the
    message. `at`: when the first such message came, in seconds since 1970. `is_answered`: True if AWS answered."""

    at: float
    is_answered: bool = False

    def is_open(self, now: float) -> bool:
        """True if the event history is still asked."""
        return not self.is_answered and now < self.at + ASK_SECONDS

    def holds(self, now: float) -> bool:
        """True if the approval is not rolled out before AWS answers. Further messages do not make this longer."""
        return not self.is_answered and now < self.at + HOLD_SECONDS


@dataclass(frozen=True)
class Approval:
    """`order` counts the approvals of one endpoint as they were seen. `at` is when it was given, in seconds since 1970.

    `inferred`: it was found in the list without an event, so its time and approver are those of the package's last
    modification. `approver`: the whole identity of `by`. `uncertain`: the approver may be somebody else, because the
    package's last modification may not be the approval. `pin`: None until the approved content could be read.
    `retried_at`: when an operator asked for another try. `seen_at`: when the deployer first saw it; None if that was an
    earlier release. It is not compared, because the approval is the same. `specifies`: True if the approving call wrote
    the version's InferenceSpecification too; None if its event does not say so. `seen_as`: if the version was not seen
    before this approval, the digest of its InferenceSpecification when it was. `unchanged`: why it is certain that such
    a version is what was approved, in words; None if it is not certain yet. `reported_at`: when people were told
    that it waits; None if they were not. `inquiry`: whether another person gave it; None if no message said so.
    `shown_at`: when it was given according to CloudTrail, if that made it certain. `overdue_at`: when people were told
    that it waits longer than usual; None if they were not. The last seven are not compared, because the approval is the
    same.
    """

    order: int
    version: str
    at: float
    by: str | None
    comment: str | None = None
    inferred: bool = False
    approver: Identity | None = None
    uncertain: bool = False
    pin: Pin | None = None
    retried_at: float | None = None
    seen_at: float | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
    specifies: bool | None = field(default=None, metadata=codec.LEFT_OUT)
    seen_as: str | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
    unchanged: str | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
    reported_at: float | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
    inquiry: Inquiry | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
    shown_at: float | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)
    overdue_at: float | None = field(default=None, compare=False, metadata=codec.LEFT_OUT)

    @property
    def given_at(self) -> float:
        """When it was given, as far as that is known, in seconds since 1970. An approval without an event is dated by
        the version's last change, which may be later."""
        return self.at if self.shown_at is None else min(self.at, self.shown_at)

    @property
    def is_disputed(self) -> bool:
        """True if the registry and CloudTrail name different approvers. Only another approval settles that."""
        return self.uncertain and self.approver is None

    @property
    def is_certain(self) -> bool:
        """True if the version was seen before this approval, or if it is known to be what was approved. An earlier
        release did not ask."""
        return self.seen_as is None or self.unchanged is not None

    @property
    def wanted_at(self) -> float:
        """When a person last asked for it to go live, in seconds since 1970."""
        return self.at if self.retried_at is None else self.retried_at

    @property
    def rank(self) -> tuple[int, float, int, float, int]:
        """A key that sorts approvals by when they were given. Within one second an operator's retry is the latest, then
        the higher version number, as in `moment`."""
        second, number = moment(self.version, self.wanted_at)
        return second, self.retried_at or 0.0, number, self.at, self.order


@dataclass(frozen=True)
class ApprovalTime:
    """The last known approval of a version. `at`: when it was given. `seen`: the version's last modification when it
    was read. All that happened to the version until then is known."""

    number: int
    at: float
    seen: float = 0.0

    @property
    def latest(self) -> float:
        """Until when all that happened to the version is known, in seconds since 1970."""
        return max(self.at, self.seen)


def moment(version: str, at: float) -> tuple[int, int]:
    """A key that sorts versions by when they were approved. Events have whole seconds and a version's last change has
    milliseconds, so only whole seconds are compared. Within one second the higher number is the later one."""
    return math.floor(at), version_number(version)


def is_version(arn: Any) -> TypeGuard[str]:
    """True if it is the ARN of a versioned package. AWS writes its number in plain digits, from 1 on."""
    return isinstance(arn, str) and _VERSION.fullmatch(arn) is not None


def version_number(version: str) -> int:
    """The number at the end of a versioned package's ARN, `…:model-package/GROUP/7`."""
    return int(version.rsplit("/", 1)[1])


def version_prefix(version: str) -> str:
    """The ARN without its number. Kept as AWS wrote it, because its case need not be the group's."""
    return version.rsplit("/", 1)[0] + "/"


def version_group(version: str) -> str:
    """The group in a versioned package's ARN, whose case need not be the group's own."""
    return version.split("/")[-2]


def version_account(version: str) -> str:
    """The account in a package's ARN."""
    return version.split(":")[4]


def version_label(version: str) -> str:
    """What people call a version: `FraudDetectionGroup/7`, from its ARN, whose group may be in lower case."""
    return "/".join(version.rsplit("/", 2)[1:])
