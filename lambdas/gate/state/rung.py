"""The rung of a shadow: a new version gets copies of the live one's requests before it is rolled out."""

from dataclasses import dataclass, field
from enum import StrEnum

from lambdas.gate import codec
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.state.answers import Answers
from lambdas.gate.state.orders import Abort, EarlyEnd
from lambdas.gate.state.shared_minute import SharedMinute


class RungEnd(StrEnum):
    """How a rung ended. After PASSED, PROMOTED and NOT_ASKED the version is rolled out. After any other end the
    endpoint gets the config before, unless something else is to be rolled out anyway."""

    PASSED = "passed"
    """Its time is over, and the copies did not show the version worse."""
    PROMOTED = "promoted"
    """An operator ended it before its time, and the copies until then did not show the version worse."""
    WORSE = "worse"
    """The version failed more of the copies than the live one failed of the requests."""
    UNPROVEN = "unproven"
    """Its time is over, too few copies say how good the version is, and the entry asks for a revert then."""
    DIFFERING = "differing"
    """More of its answers differ from the live version's than may."""
    WITHDRAWN = "withdrawn"
    """The version was revoked, refused or quarantined."""
    OVERTAKEN = "overtaken"
    """A later approval is to be rolled out instead."""
    FROZEN = "frozen"
    """A freeze began."""
    ABORTED = "aborted"
    """An operator ordered to stop it."""
    LIVE_REPLACED = "live_replaced"
    """The live version is to be replaced, whatever the shadow shows."""
    SETTINGS_CHANGED = "settings_changed"
    """The entry has other settings now, so the live version is rolled out with these first."""
    NOT_ASKED = "not_asked"
    """The entry asks for no shadow any more."""
    CHANGED_MANUALLY = "changed_manually"
    """Somebody changed the endpoint."""
    ADOPTED_ANEW = "adopted_anew"
    """The endpoint's stack was deployed again, or its entry follows another group or stage."""


@dataclass(frozen=True)
class Copying:
    """How a version gets copies, kept with its attempt and its rung because the spec may change meanwhile. `variant`:
    the name of the shadow variant. `shadow`: the spec's. `rules`: those of the judge."""

    variant: str
    shadow: Shadow
    rules: Judge


@dataclass(frozen=True)
class Rung:
    """A rung that was begun. Times in seconds since 1970.

    `order`, `version`: those of the approval. `config`: the endpoint config with the shadow variant. `since`: when it
    was in service. `unguarded`: True if SageMaker refused guardrails because of the shadow, or a rollout beside it;
    otherwise None. `abort`: an operator's order to stop it. `early`: an operator's order to end it before its time.
    `end`: how it ended; None while it runs. The endpoint may keep the shadow for longer. `answers`: what is known about
    its answers; None before the first were compared.
    """

    order: int
    version: str
    config: str
    copying: Copying
    since: float
    unguarded: bool | None = field(default=None, metadata=codec.LEFT_OUT)
    abort: Abort | None = field(default=None, metadata=codec.LEFT_OUT)
    early: EarlyEnd | None = field(default=None, metadata=codec.LEFT_OUT)
    end: RungEnd | None = field(default=None, metadata=codec.LEFT_OUT)
    answers: Answers | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def until(self) -> float:
        """When its time is over."""
        return self.since + self.copying.shadow.seconds


@dataclass(frozen=True)
class Copied:
    """What both variants answered since a rung began. `minutes`: the requests of the live version and the copies, by
    their ten minutes. `live_ms`, `shadow_ms`: how long both took on average; None without a request."""

    minutes: tuple[SharedMinute, ...]
    live_ms: float | None = None
    shadow_ms: float | None = None

    @property
    def slower_ms(self) -> float | None:
        """How much longer the new version takes than the live one; None if one of them has no requests."""
        return None if self.live_ms is None or self.shadow_ms is None else self.shadow_ms - self.live_ms
