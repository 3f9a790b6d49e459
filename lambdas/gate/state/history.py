"""The history of the calls that changed or deleted model packages, as CloudTrail keeps it for 90 days. All endpoints
share it."""

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from lambdas.gate import codec
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.identity import Identity

MAXIMUM_CALLS = 1000
"""How many calls are kept at most. The newest stay."""
MAXIMUM_BYTES = 300_000
"""The largest history. DynamoDB takes 400 KB an item.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


@dataclass(frozen=True)
class RecordedCall:
    """A successful call of UpdateModelPackage or DeleteModelPackage.

    `event`: CloudTrail's eventID. `at`: when the call was made, in whole seconds since 1970. `version`: the ARN of the
    version; None if it could not be read, so that the call may be about any version. `identity`: the caller. `status`,
    `stage`: the new values; None if the call did not set them. `changes`: True if the call may have changed what the
    version is. A call whose parameters cannot be read may have. `deleted`: True if it deleted the version.
    """

    event: str
    at: float
    version: str | None
    identity: Identity
    status: str | None = None
    stage: Stage | None = None
    changes: bool = False
    deleted: bool = field(default=False, metadata=codec.LEFT_OUT)

    def is_about(self, version: str) -> bool:
        """True if the call is about the version, or may be. SageMaker writes names in lower case into some ARNs."""
        return self.version is None or self.version.lower() == version.lower()


@dataclass(frozen=True)
class History:
    """`asked`: since when the calls were asked for, in seconds since 1970. `since`: since when they were read, which is
    later if there were too many. `read_at`: when CloudTrail was asked. It shows a call minutes later, and an earlier
    call may appear after a later one. `calls`: in order of time."""

    asked: float
    since: float
    read_at: float
    calls: tuple[RecordedCall, ...] = ()

    def of(self, version: str) -> tuple[RecordedCall, ...]:
        """Return the calls about the version, and those that may be about it, in order of time."""
        return tuple(call for call in self.calls if call.is_about(version))

    def fitted(self) -> Self:
        """Return the history within MAXIMUM_CALLS and MAXIMUM_BYTES. Without its oldest calls it begins later."""
        history = self._with_newest(MAXIMUM_CALLS)
        while len(codec.encode(history).encode()) > MAXIMUM_BYTES:
            history = history._with_newest(len(history.calls) // 2)
        return history

    def _with_newest(self, most: int) -> Self:
        if len(self.calls) <= most:
            return self
        left_out = self.calls[: len(self.calls) - most]
        # Times have whole seconds, so another call of the last second may be left out too.
        return dataclasses.replace(self, since=left_out[-1].at + 1, calls=self.calls[len(left_out) :])


def time_text(at: float) -> str:
    """Return a time of CloudTrail, for people."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
