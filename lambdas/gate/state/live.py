"""What is live: what the endpoint serves, or served, and the way back that it becomes."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from lambdas.gate import codec
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.golden_result import GoldenResult


@dataclass(frozen=True)
class Live:
    """What the endpoint serves, or served from `since` to `until`; in seconds since 1970. `approval` and `settings` are
    None for a config that is not the gate's. `by_hand_at`: when somebody began to put it there, as far as that is
    known. `golden`: how it answered golden requests, once they were played to it alone. `suspect_from`: from when on an
    alarm tells of it, where that may be before `since`. `condemned_at`: when it was said that it does not stay.
    `version_since`: since when its version serves, where `since` is that of a rollout of other settings."""

    config: str
    since: float
    approval: Approval | None = None
    settings: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    until: float | None = None
    by_hand_at: float | None = None
    golden: GoldenResult | None = None
    suspect_from: float | None = field(default=None, metadata=codec.LEFT_OUT)
    condemned_at: float | None = field(default=None, metadata=codec.LEFT_OUT)
    version_since: float | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def version(self) -> str | None:
        return self.approval.version if self.approval else None

    @property
    def is_condemned(self) -> bool:
        """It does not stay, and whoever approved it last could not know that."""
        if self.approval is None or self.condemned_at is None:
            return False
        return self.approval.wanted_at < self.condemned_at

    def changed(self, change: Callable[[Approval], Approval]) -> Self:
        """With its approval as `change` makes it."""
        return dataclasses.replace(self, approval=change(self.approval)) if self.approval else self

    def is_watched(self, watch_seconds: int, at: float) -> bool:
        """Whether an alarm that fires then judges it: the gate put it there, and no longer before than that."""
        return self.settings is not None and at <= self.since + watch_seconds


def former(live: Live | None, until: float) -> tuple[Live, ...]:
    """The way back that what was live becomes, if it is a version. How it answered golden requests is a baseline no
    more."""
    return (dataclasses.replace(live, until=until, golden=None),) if live and live.version else ()
