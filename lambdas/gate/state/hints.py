"""Hints: what events of the registry, of CloudTrail and of the prober say. AWS is asked before the gate acts on one."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.answers import AnswersResult
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.identity import Identity


@dataclass(frozen=True)
class ApprovalHint:
    """An event that says that a version's approval status was changed at `at`, in seconds since 1970. It counts only if
    DescribeModelPackage confirms it. `by_stage`: True if the event says that ModelLifeCycle was changed and not the
    approval status. Such an event counts only if the spec names a stage. `specifies`: True if the same call wrote the
    InferenceSpecification. `comments`: False if it wrote no ApprovalDescription, so that the version's is an older
    one."""

    version: str
    at: float
    by_stage: bool = False
    specifies: bool = False
    comments: bool = True


@dataclass(frozen=True)
class EditHint:
    """A registry event that says that something else than the approval status or the stage was changed. `at`: in
    seconds since 1970."""

    version: str
    at: float


@dataclass(frozen=True)
class Witness:
    """A successful call in CloudTrail that set a version's approval status, its ModelLifeCycle, or both; or that
    deleted the version.

    `identity`: the caller. `at`: in seconds since 1970. `status`, `stage`: the new values; None if the call did not set
    them. `deleted`: True if it deleted the version.
    """

    version: str
    identity: Identity
    at: float
    status: str | None = None
    stage: Stage | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Hints:
    """All that the messages of one reconcile say. AWS is asked before any of it is believed.

    `approvals`: what registry events say. `witnesses`: what CloudTrail says. `golden`: results of golden requests.
    `answers`: what the comparer found.
    `versions`: ARNs of the versions that registry events name, whatever happened to these. `edits`: what registry
    events say about other changes of versions.
    """

    approvals: tuple[ApprovalHint, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    golden: tuple[GoldenResult, ...] = ()
    answers: tuple[AnswersResult, ...] = ()
    versions: tuple[str, ...] = ()
    edits: tuple[EditHint, ...] = ()

    @property
    def is_lasting(self) -> bool:
        """True if information would be lost with the messages. AWS can be asked for everything else at any time."""
        return bool(self.approvals or self.witnesses or self.golden or self.answers)

    def followed(self, stage: Stage | None) -> Self:
        """Return these hints, without the events about ModelLifeCycle if the spec names no stage."""
        kept = tuple(hint for hint in self.approvals if stage or not hint.by_stage)
        return dataclasses.replace(self, approvals=kept)
