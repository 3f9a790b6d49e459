"""The live version: what the endpoint serves or served, and the good version that it becomes."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from lambdas.gate import codec
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.revocation import Revocation


@dataclass(frozen=True)
class Live:
    """What the endpoint serves, or served from `since` to `until`. All times in seconds since 1970.

    `config`: its endpoint config. `approval`, `settings`: None for a config that Approval Gate did not make.
    `by_hand_at`: when a manual change put it there, as far as that is known. `golden`: its answers to golden requests
    while it had all traffic. `suspect_from`: from when on alarms count against it, if before `since`. `condemned_at`:
    when it was decided to replace it. `version_since`: since when its version serves, if only the settings are newer.
    `revocation`: it was revoked since its approval, or may have been, and that has not taken effect. `revoked_at`: when
    its revocation took effect. Only an approval that the gate accepts ends that.
    `differs`: what its version loads is not what was approved, in words, as it was last seen; None if it is. A revert
    takes no such version. `revoked_as`: what its version became when it was found revoked: its approval status, or
    `deleted`. It means nothing once the version is Approved again. `watched_above`: the share of failed requests in
    percent above which its watch alarm fires; None if it has none. `background`: the share that it had failed in its
    last day when it was replaced; None if that is not known. `better_settings`: the settings that its version had
    before, if the judge found the present ones worse. They are rolled out again, unless somebody approves it anew.
    `relaunched`: True if since `version_since` only a shadow came or went, so that its watch window goes on; otherwise
    None.
    """

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
    revocation: Revocation | None = field(default=None, metadata=codec.LEFT_OUT)
    revoked_at: float | None = field(default=None, metadata=codec.LEFT_OUT)
    differs: str | None = field(default=None, metadata=codec.LEFT_OUT)
    revoked_as: str | None = field(default=None, metadata=codec.LEFT_OUT)
    watched_above: float | None = field(default=None, metadata=codec.LEFT_OUT)
    background: float | None = field(default=None, metadata=codec.LEFT_OUT)
    better_settings: str | None = field(default=None, metadata=codec.LEFT_OUT)
    relaunched: bool | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def version(self) -> str | None:
        return self.approval.version if self.approval else None

    @property
    def serving_since(self) -> float:
        """Since when its version serves, with these or other settings."""
        return self.since if self.version_since is None else self.version_since

    @property
    def is_condemned(self) -> bool:
        """True if it is to be replaced, and its last approval was given before that was known."""
        if self.approval is None or self.condemned_at is None:
            return False
        return self.approval.wanted_at < self.condemned_at

    @property
    def served_since(self) -> float:
        """Since when its version serves with its settings, whatever shadows came and went meanwhile."""
        return self.serving_since if self.relaunched else self.since

    def changed(self, change: Callable[[Approval], Approval]) -> Self:
        """This with `change` applied to its approval."""
        return dataclasses.replace(self, approval=change(self.approval)) if self.approval else self

    def is_watched(self, watch_seconds: int, at: float) -> bool:
        """True if an alarm that fires at `at` counts against it: Approval Gate put it there, at most so long before."""
        return self.settings is not None and at <= self.served_since + watch_seconds


def former(live: Live | None, until: float) -> tuple[Live, ...]:
    """The good version that the live one becomes, if its version is known. Its golden results are no baseline any
    more. Anybody's revocation takes effect then. If the judge found its settings worse, it was good with those before.
    """
    if live is None or live.version is None:
        return ()
    revoked_at = until if live.revocation and live.revoked_at is None else live.revoked_at
    settings = live.settings if live.better_settings is None else live.better_settings
    known = dataclasses.replace(live, settings=settings, better_settings=None, revoked_at=revoked_at)
    return (dataclasses.replace(known, until=until, golden=None, revocation=None),)
