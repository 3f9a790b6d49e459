"""Reconciling one endpoint: observe → decide → apply. Events, schedules and operators all come through here."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import SpecParameters, StoredSpec
from lambdas.gate.decide import baseline, witness
from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.decide.decision import BUSY_LOOK_SECONDS, candidate, decide, scale
from lambdas.gate.decide.hold import HOLD_LOOK_SECONDS
from lambdas.gate.decide.judgement import judge
from lambdas.gate.decide.recognition import MOST, recognise
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.roll_out import Prepared, RolloutStarter
from lambdas.gate.reconcile.write import LedgerWriter
from lambdas.gate.rollout.alarms import own_alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.autoscaling_change import OFF, of_endpoint
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.gate.state.observed import Observed, Package
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.registration import Registration
from lambdas.gate.state.versions_seen import seen_in, settle
from lambdas.gate.timing import LOCK
from lambdas.gate.transitions import closing, golden, guarding, manual_change, notice, opening, promotion
from lambdas.gate.transitions.transition import Transition

BEHIND_LOOK_SECONDS = 15
"""Until a read that was answered from before a change is made again."""
WRITING = (Action.CREATE, Action.UPDATE, Action.SCALE)
"""What a pause of all endpoints holds."""


@dataclass(frozen=True)
class _Known:
    """`before` is what is written, `head` what is to be, `facts` what lies in between. `read`: see Pinned."""

    before: Head | None
    head: Head
    facts: tuple[Fact, ...] = ()
    read: Mapping[int, Pin | Unreadable] = field(default_factory=dict)


@dataclass(frozen=True)
class Reconciler:
    specs: SpecParameters
    ledger: Ledger
    observation: Observer
    attempting: RolloutStarter
    watch: CloudWatch
    record: LedgerWriter
    pinning: Pinning
    gathering: EvidenceReader
    rescaling: AutoscalingUpdater

    def reconcile(
        self,
        endpoint: str,
        hints: tuple[ApprovalHint, ...],
        now: float,
        witnesses: tuple[Witness, ...] = (),
        played: tuple[GoldenResult, ...] = (),
        named: tuple[str, ...] = (),
    ) -> Decision:
        """One look at one endpoint at `now` (seconds since 1970), and what it led to. Raises ledger.Conflict when
        another invocation wrote first, AwsError and botocore's errors where AWS did not answer as hoped."""
        # The head first: of a spec that is older than it, a look must not think that its stack was deployed anew.
        before = self.ledger.head(endpoint)
        stored = self.specs.read(endpoint)
        if stored is None:
            return self._without_spec(before, now)
        if before is not None and baseline.is_behind(before, stored.seen):
            reason = "the spec that was read is older than the one of the last look"
            return Decision(Action.DEFER, reason, look_again_at=now + BEHIND_LOOK_SECONDS)
        hints = tuple(hint for hint in hints if stored.spec.gate.stage or not hint.by_stage)
        if before is None or baseline.is_new(before, stored.seen) or baseline.is_moved(before, stored.spec):
            return self._first_look(stored, before, hints, witnesses, played, now, named)
        observed = self.observation.look(stored.spec, before, hints, now, named)
        known = self._learn(stored.spec, _Known(before, before), observed, witnesses, played, now)
        known = dataclasses.replace(known, head=guarding.guarded(known.head, stored.spec, stored.seen, now))
        if known.head.spec != stored.seen and known.head.attempt is None:
            known = dataclasses.replace(known, head=dataclasses.replace(known.head, spec=stored.seen))
        return self._decide_and_apply(stored.spec, observed, known, now)

    def _first_look(
        self,
        stored: StoredSpec,
        before: Head | None,
        hints: tuple[ApprovalHint, ...],
        witnesses: tuple[Witness, ...],
        played: tuple[GoldenResult, ...],
        now: float,
        named: tuple[str, ...],
    ) -> Decision:
        observed = self.observation.first(stored.spec, hints, named)
        if observed.endpoint and observed.endpoint.is_busy:
            reason = f"the first look waits: the endpoint is {observed.endpoint.status}"
            self._register(stored.spec, (p for p in observed.packages.values() if p and not p.is_approved), now)
            if not hints and not witnesses and not played:
                return Decision(Action.WAIT, reason)
            # No head remembers what the message tells of, so the message itself has to come again.
            return Decision(Action.DEFER, reason, look_again_at=now + BUSY_LOOK_SECONDS)
        head, facts = baseline.baseline(stored.spec, stored.seen, observed, before, now)
        known = self._learn(stored.spec, _Known(before, head, facts), observed, witnesses, played, now)
        return self._decide_and_apply(stored.spec, observed, known, now)

    def _learn(
        self,
        spec: Spec,
        known: _Known,
        observed: Observed,
        witnesses: tuple[Witness, ...],
        played: tuple[GoldenResult, ...],
        now: float,
    ) -> _Known:
        """What was approved, what exactly that is, and who approved it, by the registry and by the account's trail; and
        what golden requests found."""
        head, found = recognise(known.head, observed, now)
        while len(found) >= MOST:
            known = self._written(_Known(known.before, head, (*known.facts, *found)), now)
            head, found = recognise(known.head, observed, now)
        known = _Known(known.before, head, (*known.facts, *found))
        if len(known.facts) > MOST // 2:
            known = self._written(known, now)
        known = dataclasses.replace(known, head=self._registered(spec, known.head, observed, now))
        pinned = self.pinning.pin(spec, known.head, observed.packages, now)
        head, settled = witness.settle(pinned.head, witnesses, spec.gate.stage, now)
        head, answered = golden.settle(head, played, now)
        return _Known(known.before, head, (*known.facts, *pinned.facts, *settled, *answered), pinned.read)

    def _registered(self, spec: Spec, head: Head, observed: Observed, now: float) -> Head:
        """Keep what the versions are that were not seen before. A crash between this and the write of the head repeats
        it, and what is kept stays."""
        approvals = (*head.known_approvals, *(each.approval for each in head.quarantined))
        # What was adopted has no approval that this endpoint acted on.
        given = sorted((a for a in approvals if a.order > 0), key=lambda a: a.at)
        approved, group = {approval.version: approval.at for approval in given}, spec.model_package_group
        seen, packages = settle(seen_in(head.versions, group), observed.listing, observed.packages, approved, group)
        self._register(spec, packages, now)
        return dataclasses.replace(head, versions=seen)

    def _register(self, spec: Spec, packages: Iterable[Package], now: float) -> None:
        for package in packages:
            if package.status == "Completed":
                self.ledger.register(spec.endpoint, Registration.of(package, now))

    def _written(self, known: _Known, now: float) -> _Known:
        """What an outage left is too much for one write."""
        head = self.record.write(known.before, known.head, known.facts, None, now)
        return _Known(head, head)

    def _without_spec(self, head: Head | None, now: float) -> Decision:
        """The endpoint's stack is gone: it keeps serving, and an attempt still open is judged and closed."""
        if head is None or head.attempt is None:
            return Decision(Action.KEEP, "there is no spec: the endpoint is not managed")
        observed = self.observation.abandoned(head, head.attempt, now)
        after, facts = recognise(head, observed, now)
        decision = judge(observed, after, head.attempt, now)
        return self._apply_judgement(head, after, facts, observed, decision, now)

    def _decide_and_apply(self, spec: Spec, observed: Observed, known: _Known, now: float) -> Decision:
        before, facts = known.before, known.facts
        head = manual_change.disturbed(known.head, observed.endpoint, now)
        if observed.endpoint is not None:
            head = dataclasses.replace(head, scaling=of_endpoint(head.scaling, observed.endpoint.created_at))
        if head.attempt is not None:
            decision = judge(observed, head, head.attempt, now)
            return self._apply_judgement(before, head, facts, observed, decision, now)
        observed = self._with_evidence(spec, observed, head, known.read, now)
        head, told = guarding.reported(spec, observed, head, now)
        facts = (*facts, *told)
        decision = decide(spec, observed, head, now)
        held = self._held_everywhere(decision, now) if decision.action in WRITING else None
        if decision.action in (Action.CREATE, Action.UPDATE):
            held = _cleaning(head, decision, now) or held
            prepared = held or self.attempting.prepare(spec, observed.endpoint, head, decision, now)
            if isinstance(prepared, Prepared):
                if package := observed.packages.get(prepared.attempt.approval.version):
                    head = head.with_read(package.version, package.modified_at)
                head = guarding.kept(head, spec)
                return self.attempting.carry_out(prepared, observed, before, head, facts, decision, now)
            decision = _not_begun(prepared, decision, head)
            stopped = decision.action in (Action.HOLD, Action.ALERT)
            last = head.scaling
            is_still_on = last is not None and last.digest == OFF and last.refused is not None
            if stopped and not is_still_on and held is None and observed.endpoint:
                # It may have been taken off for the rollout that now has to wait.
                decision = scale(spec, observed.endpoint, head, now) or decision
        if decision.action is Action.DEFER:
            return decision
        if decision.action is Action.SCALE and held is None and observed.endpoint:
            return self.rescaling.carry_out(spec, observed.endpoint, before, head, facts, decision, now)
        return self._apply(before, head, facts, observed, held or decision, now)

    def _with_evidence(
        self, spec: Spec, observed: Observed, head: Head, read: Mapping[int, Pin | Unreadable], now: float
    ) -> Observed:
        approval = candidate(spec, observed, head, now)
        package = observed.packages.get(approval.version) if approval else None
        if approval is None or package is None:
            return observed
        live = head.live.version if head.live and observed.endpoint else None
        evidence = self.gathering.gather(spec, approval, package, live, read)
        return dataclasses.replace(observed, evidence=evidence)

    def _held_everywhere(self, decision: Decision, now: float) -> Decision | None:
        every = self.ledger.head(names.ALL)
        if every is None or every.paused is None:
            return None
        reason = f"all endpoints are paused: {every.paused_for}"
        return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS, approval=decision.approval)

    def _apply(
        self,
        before: Head | None,
        head: Head,
        facts: tuple[Fact, ...],
        observed: Observed,
        decision: Decision,
        now: float,
    ) -> Decision:
        """Everything that changes the ledger only."""
        more: tuple[Fact, ...] = ()
        match decision.action:
            case Action.KEEP:
                head = dataclasses.replace(head, notice=None)
            case Action.WAIT:
                pass  # What people were told still stands, as autoscaling may have the endpoint busy many times a day.
            case Action.HOLD | Action.ALERT:
                head, more = notice.noticed(head, decision, observed, now)
            case Action.CONFIRM:
                head, more = notice.confirmed(head, _approval(decision))
            case Action.REFUSE:
                head, more = notice.refused(head, _approval(decision), decision, observed, now)
            case Action.RECORD_CHANGE:
                head, more = self._changed_by_hand(head, observed, decision, now)
            case Action.DEFER | Action.CREATE | Action.UPDATE | Action.SCALE:
                raise ValueError(f"{decision.action} changes more than the ledger, or nothing.")
            case Action.ACCEPT | Action.REQUEST_ABORT | Action.CLOSE:
                raise ValueError(f"{decision.action} is not for an endpoint without an open attempt.")
            case _:
                assert_never(decision.action)
        self.record.write(before, head, (*facts, *more), _look_again_at(head, decision, now), now)
        return decision

    def _apply_judgement(
        self,
        before: Head | None,
        head: Head,
        facts: tuple[Fact, ...],
        observed: Observed,
        decision: Decision,
        now: float,
    ) -> Decision:
        """What is to be done about the open attempt. A crash before the write repeats the look; after the write, the
        alarms of a closed attempt are garbage and nothing more."""
        attempt = head.attempt
        if attempt is None:
            raise ValueError("There is no open attempt to judge.")
        match decision.action:
            case Action.DEFER:
                return decision
            case Action.ACCEPT:
                head, more = opening.accepted(head, attempt, decision.reason, now)
            case Action.REQUEST_ABORT:
                if attempt.is_guarded:
                    self.watch.request_abort(head.endpoint, attempt.fleet.config, now)
                head, more = opening.abort_requested(head, attempt, decision, now)
            case Action.CLOSE:
                head, more = closing.closed(
                    head, attempt, decision, observed.endpoint, now, manual_change.served(head, observed)
                )
            case _:
                head = promotion.gone_live(head, attempt, observed.endpoint, now)
                return self._apply(before, head, facts, observed, decision, now)
        self.record.write(before, head, (*facts, *more), decision.look_again_at, now)
        if decision.action is Action.CLOSE:
            self.watch.delete(own_alarms(head.endpoint, attempt))
        return decision

    def _changed_by_hand(self, head: Head, observed: Observed, decision: Decision, now: float) -> Transition:
        endpoint = observed.endpoint
        if endpoint is None:
            raise ValueError("A missing endpoint was not changed.")
        served = manual_change.served(head, observed)
        return manual_change.changed_by_hand(head, endpoint, served, decision.reason, now)


def _look_again_at(head: Head, decision: Decision, now: float) -> float | None:
    """Soon, if versions are left whose registration is still to be taken."""
    if head.versions is None or not head.versions.is_to_go_on:
        return decision.look_again_at
    return min(now + BEHIND_LOOK_SECONDS, decision.look_again_at or math.inf)


def _cleaning(head: Head, decision: Decision, now: float) -> Decision | None:
    """The janitor may delete any moment what this look would take for there: see `lambdas.janitor.claim`. It ends its
    claim within seconds, unless it died."""
    if now >= head.cleaning_until:
        return None
    reason = "the janitor is deleting what the endpoint no longer needs"
    return Decision(Action.WAIT, reason, look_again_at=min(head.cleaning_until, now + LOCK), approval=decision.approval)


def _not_begun(prepared: Decision, decision: Decision, head: Head) -> Decision:
    """What is live and burned is told of, and written down, though the way back from it is barred for now. The words
    stay the same while its alarm comes and goes, or people would be told each time."""
    barred, live = prepared.action in (Action.HOLD, Action.ALERT), head.live
    if not barred or decision.purpose is not Purpose.REVERT or live is None or live.approval is None:
        return prepared
    if not decision.quarantine and not head.has_quarantined(live):
        return prepared
    reason = f"{prepared.reason}; meanwhile {version_label(live.approval.version)} is live, which burned"
    return dataclasses.replace(prepared, reason=reason, quarantine=decision.quarantine, fired=decision.fired)


def _approval(decision: Decision) -> Approval:
    if decision.approval is None:
        raise ValueError(f"{decision.action} names an approval.")
    return decision.approval
