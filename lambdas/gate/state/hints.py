"""Hints: what events of the registry and of CloudTrail say about an approval."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.golden_result import GoldenResult
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


@dataclass(frozen=True)
class Hints:
    """All that the messages of one reconcile say. AWS is asked before any of it is believed.

    `approvals`: what registry events say. `witnesses`: what CloudTrail says. `golden`: results of golden requests.
    `versions`: ARNs of the versions that registry events name, whatever happened to these.
    """

    approvals: tuple[ApprovalHint, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    golden: tuple[GoldenResult, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def is_lasting(self) -> bool:
        """True if something would be lost with the messages. AWS can be asked for the rest at any time."""
        return bool(self.approvals or self.witnesses or self.golden)

    def followed(self, stage: Stage | None) -> Self:
        """Without events about ModelLifeCycle if the spec names no stage."""
        kept = tuple(hint for hint in self.approvals if stage or not hint.by_stage)
        return dataclasses.replace(self, approvals=kept)
