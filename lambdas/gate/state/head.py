"""The head: the ledger's current row for one endpoint. It is the deployer's state, and its revision is the lock."""

import dataclasses
import math
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from typing import Self

from lambdas.gate import codec
from lambdas.gate.spec.spec import SpecSeen, Stage
from lambdas.gate.state.approval import Approval, ApprovalTime, moment, version_number, version_prefix
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.autoscaling_change import AutoscalingChange
from lambdas.gate.state.guard import Guards
from lambdas.gate.state.limits import newest_quarantined, newest_retries, newest_times, shorten
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Notice
from lambdas.gate.state.orders import Abort, Override
from lambdas.gate.state.pin import difference
from lambdas.gate.state.review import Review
from lambdas.gate.state.rung import Rung
from lambdas.gate.state.tries import Quarantined, Retry
from lambdas.gate.state.versions_seen import VersionsSeen
from lambdas.gate.state.watch import Watch
from lambdas.gate.text import is_blank, time_text

MAXIMUM_GOOD = 20
MAXIMUM_QUARANTINED = 50
MAXIMUM_RETRIES = 50
MAXIMUM_TIMES = 200
MAXIMUM_BYTES = 350_000
"""DynamoDB takes 400 KB an item. A head has about 50 KB. It reaches this limit if more than a hundred approvals wait,
or if packages have a dozen containers.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
CHAIN = frozenset(("revision", "rows", "hash", "digest"))
"""The fields that say where the head stands. They are no part of its digest."""
SCHEDULES = frozenset(
    ("compare_at", "held", "look_at", "no_target", "notice", "notice_key", "review", "unproved", "versions", "watches")
)
"""The fields that only schedule the next reads and say what people know. They change without a row, and nothing goes
forward because of them. All other fields decide."""
NOT_RECONCILED = SpecSeen(0, 0.0)
"""The spec of a head that an operator wrote before the first reconcile."""


@dataclass(frozen=True)
class Head:
    """The fields, all times in seconds since 1970:

    `spec`: the spec's parameter as last seen. `revision`: the lock: each write raises it. `rows`, `hash`: the last row
    of the chain. `orders`, `attempts`: how many approvals and attempts there were. `approved`: the numbers of all
    versions that the ledger knows as Approved. `prefix` and a number make an ARN. `stage`: the ModelLifeCycle stage
    that makes a version Approved, if the spec asks for one. `approvals`: the approvals that wait to be rolled out.
    `attempt`: the open attempt. `times`: when the newest of the versions were approved. Any other was approved, and
    last read, before `horizon`. `live`: what the endpoint serves. `good`: the versions that a revert may go back to,
    the next one first. `retries`, `quarantined`: approvals that are tried again later, or not at all. `overrides`,
    `paused`: operators' orders. `clears_at`: until then a standing alarm may still be about the fleet of an attempt
    that failed. `notice`: the sentence of the alert or hold that stands, `notice_key` what it is known by, so that it
    is reported once. `held`: the last hold of an approval that was reported: the approval's order and the notice's key.
    `look_at`: when the outstanding delayed message arrives. `disturbed_at`: since when a manual change is under way.
    `previous_config`: what was served before the last promotion. `cleaning_until`: until then the janitor deletes what
    the endpoint no longer needs, and no rollout may begin. `scaling`: the last change of the autoscaling; None if
    nothing was ever registered. `versions`: which versions of the group were seen; None before the first reconcile that
    asked. `guards`: since when each alarm of the spec guards the endpoint; None before the first change or rollout.
    `adopted_until`: an adopted endpoint never rolls out a version that was Approved by then. None in a head of an
    earlier release: then `horizon` is used, which grows as times are forgotten. `carried_out`: the ids of the last
    orders of operators, see `orders`. `abort_all`: the last order to abort the rollouts of all endpoints; only in the
    head of `names.ALL`. `digest`: the SHA-256 of what decides, as the last row has it, see `record`; None until the
    first row of this release. `unproved`: True if people know that results of golden requests do not count, because the
    spec does not say who the prober is; otherwise None. `no_target`: the order of the last approval that people know to
    be rolled out without a version to revert to. `watches`: the watch alarms that are not deleted yet; None if there
    are none. `paused_until`: when the pause ends by itself; None if it does not. `rung`: the rung whose shadow variant
    the endpoint has; None if it has none. `shadowed`: the order of the approval that passed its rung beside the live
    version; None if there is none.
    `review`: which versions wait for an approval, and how long they usually do; None if the spec does not ask for that,
    or if nothing is known yet. `compare_at`: until then the comparer is not asked again for the same answers of a
    shadow.
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
    held: str | None = None
    previous_config: str | None = None
    cleaning_until: float = 0.0
    scaling: AutoscalingChange | None = None
    versions: VersionsSeen | None = field(default=None, metadata=codec.LEFT_OUT)
    guards: Guards | None = field(default=None, metadata=codec.LEFT_OUT)
    adopted_until: float | None = field(default=None, metadata=codec.LEFT_OUT)
    notice_key: str | None = field(default=None, metadata=codec.LEFT_OUT)
    carried_out: tuple[str, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    abort_all: Abort | None = field(default=None, metadata=codec.LEFT_OUT)
    digest: str | None = field(default=None, metadata=codec.LEFT_OUT)
    unproved: bool | None = field(default=None, metadata=codec.LEFT_OUT)
    no_target: int | None = field(default=None, metadata=codec.LEFT_OUT)
    watches: tuple[Watch, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    paused_until: float | None = field(default=None, metadata=codec.LEFT_OUT)
    rung: Rung | None = field(default=None, metadata=codec.LEFT_OUT)
    shadowed: int | None = field(default=None, metadata=codec.LEFT_OUT)
    review: Review | None = field(default=None, metadata=codec.LEFT_OUT)
    compare_at: float | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def paused_for(self) -> str:
        """Why the endpoint is paused, as a text. An earlier release allowed a blank reason, which is a pause too."""
        reason = "no reason was given" if self.paused is None or is_blank(self.paused) else self.paused
        return reason if self.paused_until is None else f"{reason} (until {time_text(self.paused_until)})"

    def is_paused(self, now: float) -> bool:
        """True if no rollout may start at `now`, in seconds since 1970, because an operator paused the endpoint."""
        return self.paused is not None and (self.paused_until is None or now < self.paused_until)

    def without_past_pause(self, now: float) -> Self:
        """The head as people see it: a pause that is over by `now` is none."""
        return self if self.is_paused(now) else dataclasses.replace(self, paused=None, paused_until=None)

    def is_approved(self, version: str) -> bool:
        """True if the version was Approved at the last read of the registry."""
        return version_number(version) in self.approved

    def is_noticed(self, notice: Notice) -> bool:
        """True if the notice stands, so that people know of it."""
        if self.notice is None:
            return False
        return notice.is_known_by(self.notice if self.notice_key is None else self.notice_key)

    def is_held_for(self, approval: Approval, notice: Notice) -> bool:
        """True if the notice is the last hold of the approval that people know of."""
        order, _, stored = (self.held or "").partition(": ")
        return order == str(approval.order) and notice.is_known_by(stored)

    @property
    def acted_on(self) -> tuple[Approval, ...]:
        """The approvals that are or were live, that are tried, or that were tried."""
        return (*self._deployed, *self._tried, *(q.approval for q in self.quarantined))

    def comments(self, version: str) -> frozenset[str | None]:
        """The comments of the known approvals of a version."""
        known = (*self.approvals, *self.acted_on)
        return frozenset(approval.comment for approval in known if approval.version == version)

    def approved_at(self, version: str) -> float:
        """When the version was last approved, in seconds since 1970. An upper bound for old approvals."""
        return self._time(version).at

    def seen_at(self, version: str) -> float:
        """The last modification of the version that is known, in seconds since 1970."""
        return self._time(version).latest

    def guards_since(self, alarm: str) -> float:
        """When the alarm began to guard the endpoint, in seconds since 1970. Before the first change of the spec, when
        the spec was written."""
        guard = self.guards.find(alarm) if self.guards else None
        return guard.since if guard else self.spec.modified_at

    def is_quarantined(self, approval: Approval, settings: str) -> bool:
        return any(q.is_of(approval, settings) for q in self.quarantined)

    def has_quarantined(self, live: Live) -> bool:
        """True if this live or former version is quarantined, with its settings."""
        return live.approval is not None and self.is_quarantined(live.approval, live.settings or "")

    def retry(self, order: int, settings: str) -> Retry:
        found = (r for r in self.retries if (r.order, r.settings) == (order, settings))
        return next(found, Retry(order, settings, tries=0, unseen=0, not_before=0.0))

    def with_retry(self, retry: Retry) -> Self:
        others = tuple(r for r in self.retries if (r.order, r.settings) != (retry.order, retry.settings))
        orders = frozenset(approval.order for approval in self.known_approvals)
        return dataclasses.replace(self, retries=newest_retries((*others, retry), orders, MAXIMUM_RETRIES))

    def without_retries(self, approval: Approval) -> Self:
        """The head without the tries of an approval that went live, or that is not tried again automatically."""
        return dataclasses.replace(self, retries=tuple(r for r in self.retries if r.order != approval.order))

    def with_approval(self, approval: Approval, read_at: float = 0.0) -> Self:
        """The head with one more approval that waits. `read_at`: the version's last modification when it was read."""
        number = version_number(approval.version)
        before = [t for t in self.times if t.number == number]
        at = max((approval.at, *(t.at for t in before)))
        known = self._timed(ApprovalTime(number, at, max((at, read_at, *(t.seen for t in before)))))
        return dataclasses.replace(
            known.with_approved(approval.version),
            orders=approval.order,
            approvals=(*(a for a in self.approvals if a.version != approval.version), approval),
        )

    def with_approved(self, version: str) -> Self:
        """The head that knows the version as Approved, without an approval that waits."""
        approved = tuple(sorted({*self.approved, version_number(version)}))
        return dataclasses.replace(self, approved=approved, prefix=version_prefix(version))

    def with_read(self, version: str, read_at: float) -> Self:
        """The head that knows that the version was read as it was last modified at `read_at`."""
        seen = ApprovalTime(version_number(version), self.approved_at(version), max(read_at, self.seen_at(version)))
        return self if seen.seen == self.seen_at(version) else self._timed(seen)

    def stands(self, version: str, at: float) -> bool:
        """True if the version's last known approval waits, is live or tried, or was rolled back. False if it was
        dropped or replaced, or if a rollout is about to replace it with a version that was approved before `at`."""
        known, attempt = (version, self.approved_at(version)), self.attempt
        tried = attempt.approval if attempt and attempt.purpose is Purpose.UPDATE else None
        leaves = tried is not None and moment(tried.version, tried.wanted_at) < moment(version, at)
        live = (self.live.approval,) if self.live and self.live.approval and not leaves else ()
        standing = (*self.approvals, *live, *self._tried, *(q.approval for q in self.quarantined))
        return any((a.version, a.at) == known for a in standing)

    def redated(self, version: str, at: float) -> Self:
        """The head that dates the version's last known approval to `at`, which is later than was known. Overrides from
        before `at` were given without knowing of it, so they are dropped."""
        known, seen = self.approved_at(version), self.seen_at(version)

        def moved(approval: Approval) -> Approval:
            is_it = (approval.version, approval.at) == (version, known)
            # Event times have whole seconds. An approver who is certain was named by CloudTrail, for the earlier act.
            is_last = math.floor(seen) <= at and (approval.uncertain or approval.approver is None)
            uncertain = not is_last and (approval.uncertain or approval.approver is not None)
            return dataclasses.replace(approval, at=at, uncertain=uncertain) if is_it else approval

        orders = {a.order for a in (*self.approvals, *self._tried) if (a.version, a.at) == (version, known)}
        return dataclasses.replace(
            self._timed(ApprovalTime(version_number(version), at, seen))._changed(moved),
            overrides=tuple(o for o in self.overrides if o.order not in orders or o.at >= at),
            quarantined=tuple(dataclasses.replace(q, approval=moved(q.approval)) for q in self.quarantined),
        )

    def without_approval(self, version: str, read_at: float = 0.0) -> Self:
        """The head without the version's approval. `read_at`: its last modification when it was found revoked."""
        number = version_number(version)
        return dataclasses.replace(
            self.with_read(version, read_at),
            approved=tuple(n for n in self.approved if n != number),
            approvals=tuple(a for a in self.approvals if a.version != version),
        )

    def with_revoked(self, version: str, at: float | None) -> Self:
        """The head in which the version was revoked at that time, as a good version and as the one in flight; with None
        it was not. An earlier time stays. If the version is live, its own revocation says more."""

        def first(known: float | None) -> float | None:
            return at if at is None or known is None else known

        good = tuple(
            dataclasses.replace(g, revoked_at=first(g.revoked_at)) if g.version == version else g for g in self.good
        )
        attempt = self.attempt
        if attempt and attempt.approval.version == version and not (self.live and self.live.version == version):
            attempt = dataclasses.replace(attempt, revoked_at=first(attempt.revoked_at))
        return dataclasses.replace(self, good=good, attempt=attempt)

    def with_revoked_as(self, version: str, status: str) -> Self:
        """The head that knows what the version became when it was found revoked, if it is live or a good version."""

        def known(each: Live) -> Live:
            return dataclasses.replace(each, revoked_as=status) if each.version == version else each

        live = known(self.live) if self.live else None
        return dataclasses.replace(self, live=live, good=tuple(map(known, self.good)))

    def with_difference(self, version: str, differs: str | None) -> Self:
        """The head that knows what of a good version is not what was approved, in words; None if nothing is."""
        good = (dataclasses.replace(g, differs=differs) if g.version == version else g for g in self.good)
        return dataclasses.replace(self, good=tuple(good))

    @property
    def known_approvals(self) -> tuple[Approval, ...]:
        """The approvals that wait, are tried, or are or were live; each once."""
        known = (*self._deployed, *self._tried, *self.approvals)
        return tuple({(a.order, a.version): a for a in known}.values())

    def with_revised(self, approval: Approval) -> Self:
        """The head with an approval replaced by one that says more, wherever it is kept."""

        def revised(known: Approval) -> Approval:
            same = (known.order, known.version) == (approval.order, approval.version)
            return approval if same else known

        good = tuple(live.changed(revised) for live in self.good)
        return dataclasses.replace(self._changed(revised), good=good)

    @property
    def newest(self) -> Approval | None:
        """The newest approval that waits, the only one that is rolled out; None if none waits."""
        return max(self.approvals, key=lambda approval: approval.rank, default=None)

    def overrides_of(self, approval: Approval) -> tuple[Override, ...]:
        return tuple(override for override in self.overrides if override.order == approval.order)

    def without_overrides(self, approval: Approval) -> Self:
        return dataclasses.replace(self, overrides=tuple(o for o in self.overrides if o.order != approval.order))

    def fitted(self) -> Self:
        """The head within MAXIMUM_BYTES. The oldest entries are dropped: of the quarantine first, then of the approvals
        that wait, of the good versions and of the overrides. The newest of each stays. Operators' reasons are cut;
        their rows have them whole."""
        head = self._shortened()
        while len(codec.encode(head).encode()) > MAXIMUM_BYTES:
            fewer = head._with_newest(head.quarantined, len(head.quarantined) // 2)
            if len(fewer.quarantined) < len(head.quarantined):
                head = fewer
            elif len(head.approvals) > 1:
                waiting = sorted(head.approvals, key=lambda approval: approval.rank)
                head = dataclasses.replace(head, approvals=tuple(waiting[_half(waiting) :]))
            elif len(head.good) > 1:
                head = dataclasses.replace(head, good=head.good[: -_half(head.good)])
            elif len(head.overrides) > 1:
                head = dataclasses.replace(head, overrides=head.overrides[_half(head.overrides) :])
            else:
                break
        return head

    def with_quarantined(self, quarantined: Quarantined, until: float, instead: Approval | None = None) -> Self:
        """The head with an approval quarantined.

        Approvals of the same content that were given before `until` (seconds since 1970) did not know of the failure:
        they are dropped, and a late event of one is no new approval. The approval that is rolled out `instead` stays.
        """
        tried = quarantined.approval

        def is_over(a: Approval) -> bool:
            is_other = bool(a.pin and tried.pin and difference(tried.pin, a.pin))
            is_earlier = a.version == tried.version and a.wanted_at <= until
            return a.order == tried.order or (is_earlier and not is_other)

        kept = tuple(a for a in self.approvals if (instead and a.order == instead.order) or not is_over(a))
        others = (q for q in self.quarantined if not q.is_of(tried, quarantined.settings))
        known = dataclasses.replace(self.with_read(tried.version, until), approvals=kept)
        return known._with_newest((*others, quarantined), MAXIMUM_QUARANTINED)

    def _with_newest(self, quarantined: tuple[Quarantined, ...], most: int) -> Self:
        """The head with at most so many in quarantine. For a version that is forgotten there, an event from before its
        last read is no new approval."""
        newest, good = newest_quarantined(quarantined, self.live, self.good, most)
        head = dataclasses.replace(self, quarantined=newest, good=good)
        known = {approval.version for approval in (*head.known_approvals, *head.acted_on)}
        gone = {q.approval.version for q in quarantined} - known
        numbers = {version_number(version) for version in gone}
        times = (dataclasses.replace(t, at=t.latest) if t.number in numbers else t for t in self.times)
        return dataclasses.replace(head, times=tuple(times))

    def _shortened(self) -> Self:
        overrides = tuple(dataclasses.replace(o, reason=shorten(o.reason)) for o in self.overrides)
        paused = None if self.paused is None else shorten(self.paused)
        attempt = self.attempt
        if attempt and attempt.abort:
            abort = dataclasses.replace(attempt.abort, reason=shorten(attempt.abort.reason))
            attempt = dataclasses.replace(attempt, abort=abort)
        shorter = dataclasses.replace(self, overrides=overrides, paused=paused, attempt=attempt)
        return self if shorter == self else shorter

    @property
    def _deployed(self) -> tuple[Approval, ...]:
        return tuple(live.approval for live in (self.live, *self.good) if live and live.approval)

    @property
    def _tried(self) -> tuple[Approval, ...]:
        return (self.attempt.approval,) if self.attempt else ()

    def _changed(self, change: Callable[[Approval], Approval]) -> Self:
        """The head with `change` applied to each approval that waits, is live or is tried."""
        attempt = self.attempt
        return dataclasses.replace(
            self,
            approvals=tuple(map(change, self.approvals)),
            live=self.live.changed(change) if self.live else None,
            attempt=dataclasses.replace(attempt, approval=change(attempt.approval)) if attempt else None,
        )

    def _time(self, version: str) -> ApprovalTime:
        number = version_number(version)
        return next((t for t in self.times if t.number == number), ApprovalTime(number, self.horizon))

    def _timed(self, time: ApprovalTime) -> Self:
        others = (t for t in self.times if t.number != time.number)
        kept, forgotten = newest_times((*others, time), MAXIMUM_TIMES)
        horizon = max((self.horizon, *(t.latest for t in forgotten)))
        return dataclasses.replace(self, times=kept, horizon=horizon)


def _half(things: Sized) -> int:
    return (len(things) + 1) // 2
