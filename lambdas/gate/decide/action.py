"""Decisions: what `decide` and `judge` answer, and what the reconciler does. Each has the fields of its own action."""

from dataclasses import dataclass
from typing import ClassVar

from lambdas.gate.policy.verdict import Verdict
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import AbortCause, Outcome, Purpose
from lambdas.gate.state.notice import Notice
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.tries import Retry


@dataclass(frozen=True)
class _Decided:
    """`reason` is a text that people read: it is logged, stored and shown as it is. `reconcile_at`: when to reconcile
    again, in seconds since 1970. `name` is the decision's name in logs and metrics."""

    name: ClassVar[str]
    reason: str
    reconcile_at: float | None = None


class Keep(_Decided):
    """Change nothing: what serves is what is wanted."""

    name = "keep"


class Wait(_Decided):
    """Change nothing now: something is under way that ends by itself. A notice stands meanwhile."""

    name = "wait"


class Defer(_Decided):
    """Write nothing, and have the messages delivered again: another invocation holds the lock."""

    name = "defer"


@dataclass(frozen=True, kw_only=True)
class _Noticed(_Decided):
    """`fired`: the alarms that fired for the live version. `quarantines_live`: these are why the live version must be
    replaced, so it is quarantined now, although it still serves."""

    notice: Notice
    fired: tuple[FiredAlarm, ...] = ()
    quarantines_live: bool = False


@dataclass(frozen=True, kw_only=True)
class Hold(_Noticed):
    """Keep what is wanted waiting, and say why. `approval` is the one that waits; `verdict` is the gate's, if asked."""

    name = "hold"
    approval: Approval | None = None
    verdict: Verdict | None = None


class Alert(_Noticed):
    """Say what only a person can fix."""

    name = "alert"


@dataclass(frozen=True, kw_only=True)
class NeedEvidence(_Decided):
    """Read the evidence about this approval, and decide again. The reconciler answers it; it never leaves there."""

    name = "need_evidence"
    approval: Approval


@dataclass(frozen=True, kw_only=True)
class Create(_Decided):
    """Create the missing endpoint with the approved version."""

    name = "create"
    purpose: ClassVar[Purpose] = Purpose.CREATE
    approval: Approval
    verdict: Verdict | None = None


@dataclass(frozen=True, kw_only=True)
class Update(_Decided):
    """Roll out a version on the endpoint. `fired` and `quarantines_live` are about the version that it replaces.
    `settings`: the digest of former settings to roll out; None for the spec's."""

    name = "update"
    approval: Approval
    purpose: Purpose
    verdict: Verdict | None = None
    fired: tuple[FiredAlarm, ...] = ()
    quarantines_live: bool = False
    settings: str | None = None


@dataclass(frozen=True, kw_only=True)
class Confirm(_Decided):
    """The approved version is the live one: note that, change nothing."""

    name = "confirm"
    approval: Approval


@dataclass(frozen=True, kw_only=True)
class Refuse(_Decided):
    """The gate refused: drop the approval."""

    name = "refuse"
    approval: Approval
    verdict: Verdict


class RecordChange(_Decided):
    """Somebody changed the endpoint: record that."""

    name = "record_change"


@dataclass(frozen=True, kw_only=True)
class Scale(_Decided):
    """Change what is registered for autoscaling. `digest`: of what to register; empty to take off what is.
    `unused_alarms` were made for the rollout that follows, to see that they can be made."""

    name = "scale"
    digest: str
    unused_alarms: tuple[str, ...] = ()


class Accept(_Decided):
    """SageMaker took the call although nobody saw its answer: write that down."""

    name = "accept"


@dataclass(frozen=True, kw_only=True)
class RequestAbort(_Decided):
    """Ask SageMaker to roll back the rollout in flight, because of `cause`. `alarm`: the fired alarm on which SageMaker
    did not act; None if there is another cause."""

    name = "request_abort"
    cause: AbortCause
    alarm: str | None = None


@dataclass(frozen=True, kw_only=True)
class Close(_Decided):
    """End the open attempt with its outcome.

    `quarantine`: the approval is not tried again automatically; otherwise `retry` says when it is. `restores_settings`:
    its version stays, and is not tried again with these settings, because the former ones are better. `alert` is what
    people must know besides the outcome, about `notice` if a later alert is about the same. `fired`: the alarms that
    ended the attempt. `requests`: how many judged a rollout that went live, if a number is asked for. `shadow_goes`:
    SageMaker may have refused the rollout because the endpoint has a shadow, so that goes first.
    """

    name = "close"
    outcome: Outcome
    quarantine: bool = False
    restores_settings: bool = False
    retry: Retry | None = None
    alert: str | None = None
    notice: Notice | None = None
    fired: tuple[FiredAlarm, ...] = ()
    requests: int | None = None
    shadow_goes: bool = False


RollOut = Create | Update
Decision = Keep | Wait | Defer | Hold | Alert | Refuse | Confirm | RecordChange | NeedEvidence | RollOut | Scale
"""What to do about an endpoint without an open attempt."""
Judgement = Wait | Defer | Alert | Accept | RequestAbort | Close
"""What to do about an endpoint with an open attempt."""
AnyDecision = Decision | Judgement
