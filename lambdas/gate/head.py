"""The head: the ledger's current row for one endpoint. It is the deployer's state, and its revision is the lock."""

import dataclasses
from collections.abc import Sized
from dataclasses import dataclass
from typing import Self

from lambdas.gate import codec
from lambdas.gate.approval import Approval, version_number, version_prefix
from lambdas.gate.attempt import Attempt
from lambdas.gate.spec import Stage

MAXIMUM_GOOD = 20
MAXIMUM_QUARANTINED = 50
MAXIMUM_TIMES = 200
MAXIMUM_BYTES = 350_000
"""DynamoDB takes 400 KB an item. A head has some 50 KB; a hundred and more approvals wait, or packages have a dozen
containers, where it reaches this.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


@dataclass(frozen=True)
class Live:
    """What the endpoint serves, or served from `since` to `until`; in seconds since 1970. `approval` and `settings` are
    None for a config that is not the gate's."""

    config: str
    since: float
    approval: Approval | None = None
    settings: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    until: float | None = None

    @property
    def version(self) -> str | None:
        return self.approval.version if self.approval else None

    def is_watched(self, watch_seconds: int, now: float) -> bool:
        """Whether the standing alarms still judge it: the gate put it there, and no longer ago than that."""
        return self.settings is not None and now <= self.since + watch_seconds


@dataclass(frozen=True)
class Retry:
    """What failed for a reason that may pass: tried again from `not_before`, in seconds since 1970."""

    order: int
    settings: str
    tries: int
    unseen: int
    not_before: float


@dataclass(frozen=True)
class Quarantined:
    """An approval that was rolled back or given up, with the settings it had; never tried again by itself."""

    approval: Approval
    settings: str
    reason: str


@dataclass(frozen=True)
class Override:
    """An operator let one approval pass one check (by its name, see `gate`), on the record."""

    order: int
    check: str
    by: str
    reason: str
    at: float


@dataclass(frozen=True)
class ApprovalTime:
    number: int
    at: float


@dataclass(frozen=True)
class SpecSeen:
    """Version and LastModifiedDate of the spec's parameter. Both tell a stack that was destroyed and deployed again."""

    version: int
    modified_at: float


@dataclass(frozen=True)
class Head:
    """`approved`: numbers of all versions the ledger knows as Approved; with `prefix` before it a number is an ARN.
    `stage`: that of ModelLifeCycle which makes a version one of them, where the spec asks for one.
    `approvals`: those still to be deployed.
    `times`: when the newest of the approved were approved; for any other it was not after `horizon`.
    `clears_at`: until then a standing alarm may still tell of the fleet of an attempt that failed.
    `notice`: the alert or hold that stands, so that people are told once. `look_at`: when the outstanding delayed
    message arrives. `disturbed_at`: since when a change of the endpoint that is not the gate's is under way.
    `previous_config`: what was served before the last promotion. `cleaning_until`: until then the janitor deletes what
    the endpoint no longer needs, and nothing new may rest on what is there.
    """

    endpoint: str
    spec: SpecSeen
    horizon: float
    revision: int = 0
    rows: int = 0
    hash: str = ""
    orders: int = 0
    attempts: int = 0
    approved: tuple[int, ...] = ()
    prefix: str = ""
    times: tuple[ApprovalTime, ...] = ()
    approvals: tuple[Approval, ...] = ()
    live: Live | None = None
    good: tuple[Live, ...] = ()
    attempt: Attempt | None = None
    retries: tuple[Retry, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    paused: str | None = None
    clears_at: float = 0.0
    notice: str | None = None
    look_at: float = 0.0
    disturbed_at: float | None = None
    overrides: tuple[Override, ...] = ()
    stage: Stage | None = None
    previous_config: str | None = None
    cleaning_until: float = 0.0

    def is_approved(self, version: str) -> bool:
        """As of the last read of the registry."""
        return version_number(version) in self.approved

    def comments(self, version: str) -> frozenset[str | None]:
        """What was said at the known approvals of a version."""
        deployed = (live.approval for live in (self.live, *self.good) if live and live.approval)
        approvals = (*self.approvals, *deployed, *(q.approval for q in self.quarantined))
        return frozenset(approval.comment for approval in approvals if approval.version == version)

    def approved_at(self, version: str) -> float:
        """The last known approval of a version, in seconds since 1970; an upper bound for old ones."""
        number = version_number(version)
        return next((time.at for time in self.times if time.number == number), self.horizon)

    def is_quarantined(self, approval: Approval, settings: str) -> bool:
        key = (approval.order, approval.version, settings)
        return any((q.approval.order, q.approval.version, q.settings) == key for q in self.quarantined)

    def retry(self, order: int, settings: str) -> Retry:
        found = (r for r in self.retries if (r.order, r.settings) == (order, settings))
        return next(found, Retry(order, settings, tries=0, unseen=0, not_before=0.0))

    def with_retry(self, retry: Retry) -> Self:
        others = tuple(r for r in self.retries if (r.order, r.settings) != (retry.order, retry.settings))
        return dataclasses.replace(self, retries=(*others, retry)[-MAXIMUM_QUARANTINED:])

    def with_approval(self, approval: Approval, read_at: float = 0.0) -> Self:
        """`read_at`: the version's last modification when it was read. Whatever happened to it until then is in this
        approval, so an event of before tells of no other one."""
        number = version_number(approval.version)
        known = max((approval.at, read_at, *(t.at for t in self.times if t.number == number)))
        times = sorted(
            (*(t for t in self.times if t.number != number), ApprovalTime(number, known)), key=lambda t: t.at
        )
        evicted, kept = times[:-MAXIMUM_TIMES], times[-MAXIMUM_TIMES:]
        return dataclasses.replace(
            self,
            orders=approval.order,
            approved=tuple(sorted({*self.approved, number})),
            prefix=version_prefix(approval.version),
            times=tuple(kept),
            horizon=max(self.horizon, *(t.at for t in evicted)) if evicted else self.horizon,
            approvals=(*(a for a in self.approvals if a.version != approval.version), approval),
        )

    def without_approval(self, version: str) -> Self:
        number = version_number(version)
        return dataclasses.replace(
            self,
            approved=tuple(n for n in self.approved if n != number),
            approvals=tuple(a for a in self.approvals if a.version != version),
        )

    @property
    def known_approvals(self) -> tuple[Approval, ...]:
        """All that wait, are tried, or are or were live; each once."""
        deployed = (live.approval for live in (self.live, *self.good) if live and live.approval)
        tried = (self.attempt.approval,) if self.attempt else ()
        return tuple({(a.order, a.version): a for a in (*deployed, *tried, *self.approvals)}.values())

    def with_revised(self, approval: Approval) -> Self:
        """With more known about an approval, wherever it is."""

        def revised(known: Approval) -> Approval:
            same = (known.order, known.version) == (approval.order, approval.version)
            return approval if same else known

        def at(live: Live) -> Live:
            return dataclasses.replace(live, approval=revised(live.approval)) if live.approval else live

        attempt = self.attempt
        return dataclasses.replace(
            self,
            approvals=tuple(map(revised, self.approvals)),
            attempt=dataclasses.replace(attempt, approval=revised(attempt.approval)) if attempt else None,
            live=at(self.live) if self.live else None,
            good=tuple(map(at, self.good)),
        )

    def overrides_of(self, approval: Approval) -> tuple[Override, ...]:
        return tuple(override for override in self.overrides if override.order == approval.order)

    def without_overrides(self, approval: Approval) -> Self:
        return dataclasses.replace(self, overrides=tuple(o for o in self.overrides if o.order != approval.order))

    def fitted(self) -> Self:
        """Within MAXIMUM_BYTES: the oldest are let go, of what is quarantined before what waits, and that before the
        ways back. The newest of each stays."""
        head = self
        while len(codec.encode(head).encode()) > MAXIMUM_BYTES:
            if len(head.quarantined) > 1:
                head = dataclasses.replace(head, quarantined=head.quarantined[_half(head.quarantined) :])
            elif len(head.approvals) > 1:
                waiting = sorted(head.approvals, key=lambda approval: approval.rank)
                head = dataclasses.replace(head, approvals=tuple(waiting[_half(waiting) :]))
            elif len(head.good) > 1:
                head = dataclasses.replace(head, good=head.good[: -_half(head.good)])
            else:
                break
        return head

    def with_quarantined(self, quarantined: Quarantined) -> Self:
        return dataclasses.replace(
            self,
            approvals=tuple(a for a in self.approvals if a.order != quarantined.approval.order),
            quarantined=(*self.quarantined, quarantined)[-MAXIMUM_QUARANTINED:],
        )


def _half(things: Sized) -> int:
    return (len(things) + 1) // 2
