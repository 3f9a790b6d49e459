"""Hints: what events of the registry and of CloudTrail say about an approval."""

from dataclasses import dataclass

from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.identity import Identity


@dataclass(frozen=True)
class ApprovalHint:
    """An event that says a version's approval status was changed at `at`; believed only where Describe confirms it.
    `by_stage`: not its status but its ModelLifeCycle was, which says something only where the spec names a stage."""

    version: str
    at: float
    by_stage: bool = False


@dataclass(frozen=True)
class Witness:
    """A call that went through and set a version's approval status (`status`), its ModelLifeCycle (`stage`), or
    both. `at` in seconds since 1970."""

    version: str
    identity: Identity
    at: float
    status: str | None = None
    stage: Stage | None = None
