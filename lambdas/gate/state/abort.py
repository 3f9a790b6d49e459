"""An order to abort: somebody who may operate the gate wants the rollout in flight stopped."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Abort:
    """`by`: the ARN of who ordered it; `at` in seconds since 1970."""

    by: str
    reason: str
    at: float
