"""An action, and the decision to take it: what `decide` and `judge` answer, and what is applied."""

from dataclasses import dataclass
from enum import StrEnum

from lambdas.gate.policy.verdict import Verdict
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.tries import Retry


class Action(StrEnum):
    """What `apply` does, and nothing besides."""

    KEEP = "keep"
    WAIT = "wait"
    DEFER = "defer"
    """Another invocation holds the lock: write nothing, and have the messages delivered again."""
    HOLD = "hold"
    ALERT = "alert"
    CREATE = "create"
    UPDATE = "update"
    CONFIRM = "confirm"
    """The approved version is the one that is live: note it, change nothing."""
    REFUSE = "refuse"
    """The gate refused: drop the approval."""
    ACCEPT = "accept"
    """SageMaker took the update although nobody saw its answer: write that down."""
    REQUEST_ABORT = "request_abort"
    CLOSE = "close"
    SCALE = "scale"
    """Change what is registered for autoscaling."""
    RECORD_CHANGE = "record_change"
    """Somebody changed the endpoint by hand."""


@dataclass(frozen=True)
class Decision:
    """`reason` is logged, stored and shown to people as it is. `look_again_at` in seconds since 1970.

    Of a SCALE: `scaling` is the digest of what is to be registered, or empty to take off what is; `unused_alarms` were
    made for the rollout that follows, to see that they can be. Of a CLOSE: `quarantine` means the approval is not tried
    again by itself, else `retry` says when it is; `alert` is what people must know besides the outcome. Of any other
    `quarantine` concerns the version that is live.
    """

    action: Action
    reason: str
    look_again_at: float | None = None
    approval: Approval | None = None
    purpose: Purpose | None = None
    outcome: Outcome | None = None
    quarantine: bool = False
    retry: Retry | None = None
    alert: str | None = None
    fired: tuple[FiredAlarm, ...] = ()
    verdict: Verdict | None = None
    """The gate's, where it was asked."""
    requests: int | None = None
    """That judged a rollout which has gone live, where a number is asked for."""
    scaling: str | None = None
    unused_alarms: tuple[str, ...] = ()
