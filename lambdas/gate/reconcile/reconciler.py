"""Reconciling one endpoint: read → observe → learn → decide → do → write. Events, schedules and operators all come
through here."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import SpecParameters, StoredSpec
from lambdas.gate.decide import baseline, witness
from lambdas.gate.decide.action import (
    Accept,
    Alert,
    AnyDecision,
    Close,
    Confirm,
    Create,
    Decision,
    Defer,
    Hold,
    Judgement,
    Keep,
    NeedEvidence,
    RecordChange,
    Refuse,
    RequestAbort,
    RollOut,
    Scale,
    Update,
    Wait,
)
from lambdas.gate.decide.decision import BUSY_LOOK_SECONDS, decide, scale
from lambdas.gate.decide.hold import HOLD_LOOK_SECONDS
from lambdas.gate.decide.judgement import judge
from lambdas.gate.decide.recognition import MOST, recognise
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.roll_out import Prepared, RolloutStarter
from lambdas.gate.reconcile.write import Change, LedgerWriter
from lambdas.gate.rollout.alarms import own_alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.autoscaling_change import OFF, of_endpoint
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Hints
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed, Package
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.registration import Registration
from lambdas.gate.state.versions_seen import seen_in, settle
from lambdas.gate.timing import LOCK
from lambdas.gate.transitions import closing, golden, guarding, manual_change, notice, opening, promotion
from lambdas.gate.transitions.transition import Transition

BEHIND_LOOK_SECONDS = 15
"""Until a read that was answered from before a change is made again."""


@dataclass(frozen=True)
class _Look:
    """What one reconcile knows. `pins`: approval's order → its pin as read in this reconcile, or why it was not."""

    spec: Spec
    observed: Observed
    change: Change
    pins: Mapping[int, Pin | Unreadable] = field(default_factory=dict)

    @property
    def head(self) -> Head:
        return self.change.head

    @property
    def now(self) -> float:
        return self.change.now

    def to(self, transition: Transition) -> "_Look":
        return dataclasses.replace(self, change=self.change.to(*transition))


@dataclass(frozen=True)
class Reconciler:
    specs: SpecParameters
    ledger: Ledger
    observer: Observer
    pinning: Pinning
    evidence: EvidenceReader
    rollouts: RolloutStarter
    autoscaling: AutoscalingUpdater
    cloudwatch: CloudWatch
    writer: LedgerWriter

    def reconcile(self, endpoint: str, hints: Hints, now: float) -> AnyDecision:
        """Reconcile one endpoint at `now` (seconds since 1970) and return what was decided and done.

        Raises ledger.Conflict if another invocation wrote first, AwsError and botocore's errors if AWS did not answer
        as hoped. A crash anywhere leads to the same end: the next reconcile begins again from the stored head.
        """
        # Read the head before the spec. Otherwise a stale read of the spec would look like a redeployed stack.
        before = self.ledger.head(endpoint)
        stored = self.specs.read(endpoint)
        if stored is None:
            return self._without_spec(before, now)
        if before is not None and baseline.is_behind(before, stored.seen):
            reason = "the spec that was read is older than the last one seen"
            return Defer(reason, now + BEHIND_LOOK_SECONDS)
        spec, hints = stored.spec, hints.followed(stored.spec.gate.stage)
        if before is None or baseline.is_new(before, stored.seen) or baseline.is_moved(before, spec):
            return self._adopt(stored, before, hints, now)
        observed = self.observer.look(spec, before, hints.approvals, now, hints.versions)
        look = self._learn(_Look(spec, observed, Change(before, before, now)), hints)
        head = guarding.guarded(look.head, spec, stored.seen, now)
        if head.attempt is None:
            head = dataclasses.replace(head, spec=stored.seen)
        return self._act(look.to((head, ())))

    def _adopt(self, stored: StoredSpec, before: Head | None, hints: Hints, now: float) -> AnyDecision:
        """The first reconcile of an endpoint, or of one that begins again: write down what is there."""
        observed = self.observer.first(stored.spec, hints.approvals, hints.versions)
        if observed.endpoint and observed.endpoint.is_busy:
            reason = f"adoption waits: the endpoint is {observed.endpoint.status}"
            self._register(stored.spec, (p for p in observed.packages.values() if p and not p.is_approved), now)
            # No head remembers what the messages say, so the messages themselves have to come again.
            return Defer(reason, now + BUSY_LOOK_SECONDS) if hints.is_lasting else Wait(reason)
        head, facts = baseline.baseline(stored.spec, stored.seen, observed, before, now)
        return self._act(self._learn(_Look(stored.spec, observed, Change(before, head, now, facts)), hints))

    def _without_spec(self, head: Head | None, now: float) -> AnyDecision:
        """The endpoint's stack was deleted: the endpoint keeps serving, and an open attempt is judged and closed."""
        if head is None or head.attempt is None:
            return Keep("there is no spec: the endpoint is not managed")
        observed = self.observer.abandoned(head, head.attempt, now)
        change = Change(head, head, now).to(*recognise(head, observed, now))
        judgement = judge(observed, change.head, head.attempt, now)
        return self._apply_judgement(change, head.attempt, observed, judgement)

    def _learn(self, look: _Look, hints: Hints) -> _Look:
        """What was approved, what exactly that is, who approved it, and what golden requests showed."""
        spec, observed, now = look.spec, look.observed, look.now
        head, found = recognise(look.head, observed, now)
        while len(found) >= MOST:
            # An outage may leave too much for one write.
            look = self._written(look.to((head, found)))
            head, found = recognise(look.head, observed, now)
        look = look.to((head, found))
        if len(look.change.facts) > MOST // 2:
            look = self._written(look)
        look = look.to((self._registered(look), ()))
        pinned = self.pinning.pin(spec, look.head, observed.packages, now)
        look = dataclasses.replace(look.to((pinned.head, pinned.facts)), pins=pinned.read)
        look = look.to(witness.settle(look.head, hints.witnesses, spec.gate.stage, now))
        return look.to(golden.settle(look.head, hints.golden, now))

    def _registered(self, look: _Look) -> Head:
        """Store the registrations of versions that were not seen before. A crash between this and the write of the head
        repeats it, and what is stored stays."""
        head, observed = look.head, look.observed
        approvals = (*head.known_approvals, *(each.approval for each in head.quarantined))
        # An adopted version has no approval that this endpoint acted on.
        given = sorted((a for a in approvals if a.order > 0), key=lambda a: a.at)
        approved, group = {approval.version: approval.at for approval in given}, look.spec.model_package_group
        seen, packages = settle(seen_in(head.versions, group), observed.listing, observed.packages, approved, group)
        self._register(look.spec, packages, look.now)
        return dataclasses.replace(head, versions=seen)

    def _register(self, spec: Spec, packages: Iterable[Package], now: float) -> None:
        for package in packages:
            if package.status == "Completed":
                self.ledger.register(spec.endpoint, Registration.of(package, now))

    def _written(self, look: _Look) -> _Look:
        return dataclasses.replace(look, change=self.writer.write(look.change, None))

    def _act(self, look: _Look) -> AnyDecision:
        """Judge the open attempt, or decide about an endpoint that has none; then do it and write it."""
        observed, now = look.observed, look.now
        head = manual_change.disturbed(look.head, observed.endpoint, now)
        if observed.endpoint is not None:
            head = dataclasses.replace(head, scaling=of_endpoint(head.scaling, observed.endpoint.created_at))
        look = look.to((head, ()))
        if head.attempt is not None:
            judgement = judge(observed, head, head.attempt, now)
            return self._apply_judgement(look.change, head.attempt, observed, judgement)
        look = look.to(guarding.reported(look.spec, observed, head, now))
        look, decision = self._decide(look)
        if not isinstance(decision, RollOut | Scale):
            return self._carry_out(look, decision)
        if obstacle := self._obstacle(look.head, decision, now):
            return self._record(look.change, observed, obstacle)
        return self._carry_out(look, decision) if isinstance(decision, Scale) else self._roll_out(look, decision)

    def _decide(self, look: _Look) -> tuple[_Look, Decision]:
        """The decision, with the evidence that it needs, which is read for no other approval."""
        decision = decide(look.spec, look.observed, look.head, look.now)
        if not isinstance(decision, NeedEvidence):
            return look, decision
        approval, head, observed = decision.approval, look.head, look.observed
        package = observed.packages[approval.version]
        if package is None:
            raise ValueError("The gate is asked about versions that exist.")
        live = head.live.version if head.live and observed.endpoint else None
        evidence = self.evidence.gather(look.spec, approval, package, live, look.pins)
        look = dataclasses.replace(look, observed=dataclasses.replace(observed, evidence=evidence))
        return look, decide(look.spec, look.observed, head, look.now)

    def _obstacle(self, head: Head, decision: RollOut | Scale, now: float) -> Hold | Wait | None:
        """What keeps the endpoint from being changed now, whatever is wanted: all endpoints are paused; or the janitor
        may delete any moment what a rollout takes for there, see `lambdas.janitor.claim`. It ends its claim within
        seconds, unless it died."""
        every = self.ledger.head(names.ALL)
        if isinstance(decision, RollOut) and now < head.cleaning_until:
            reason = "the janitor is deleting what the endpoint no longer needs"
            return Wait(reason, min(head.cleaning_until, now + LOCK))
        if every is None or every.paused is None:
            return None
        return Hold(
            f"all endpoints are paused: {every.paused_for}",
            now + HOLD_LOOK_SECONDS,
            notice=Notice(Code.ALL_PAUSED, every.paused_for),
            approval=decision.approval if isinstance(decision, RollOut) else None,
        )

    def _roll_out(self, look: _Look, decision: RollOut) -> AnyDecision:
        """Prepare and start the rollout. If it has to wait, the autoscaling may still be changed."""
        spec, observed, head, now = look.spec, look.observed, look.head, look.now
        prepared = self.rollouts.prepare(spec, observed.endpoint, head, decision, now)
        if isinstance(prepared, Prepared):
            if package := observed.packages.get(prepared.attempt.approval.version):
                head = head.with_read(package.version, package.modified_at)
            return self.rollouts.start(prepared, look.change.to(guarding.kept(head, spec)), observed, decision)
        if isinstance(prepared, Hold | Alert):
            stopped = _with_failing_version(prepared, decision, head)
            return self._carry_out(look, self._scale_meanwhile(look) or stopped)
        return self._carry_out(look, prepared)

    def _scale_meanwhile(self, look: _Look) -> Scale | None:
        """The autoscaling to register while the rollout has to wait, as it may have been taken off for that rollout."""
        if look.observed.endpoint is None or not _may_be_off(look.head):
            return None
        return scale(look.spec, look.observed.endpoint, look.head, look.now)

    def _carry_out(self, look: _Look, decision: Decision) -> AnyDecision:
        match decision:
            case Defer():
                return decision
            case Scale() if look.observed.endpoint:
                return self.autoscaling.update(look.spec, look.observed.endpoint, look.change, decision)
            case Keep() | Wait() | Hold() | Alert() | Confirm() | Refuse() | RecordChange():
                return self._record(look.change, look.observed, decision)
            case Create() | Update() | Scale() | NeedEvidence():
                raise ValueError(f"{decision.name} is carried out elsewhere.")

    def _record(
        self,
        change: Change,
        observed: Observed,
        decision: Keep | Wait | Hold | Alert | Confirm | Refuse | RecordChange,
    ) -> AnyDecision:
        """Everything that changes the ledger only."""
        head, now = change.head, change.now
        match decision:
            case Keep():
                change = change.to(dataclasses.replace(head, notice=None))
            case Wait():
                pass  # The notice stands, as autoscaling may have the endpoint busy many times a day.
            case Hold() | Alert():
                change = change.to(*notice.noticed(head, decision, observed, now))
            case Confirm():
                change = change.to(*notice.confirmed(head, decision))
            case Refuse():
                change = change.to(*notice.refused(head, decision, observed, now))
            case RecordChange():
                change = change.to(*manual_change.recorded(head, observed, decision.reason, now))
        self.writer.write(change, _look_again_at(change.head, decision, now))
        return decision

    def _apply_judgement(
        self, change: Change, attempt: Attempt, observed: Observed, judgement: Judgement
    ) -> AnyDecision:
        """Do what is to be done about the open attempt. A crash before the write repeats the reconcile; after it, the
        alarms of a closed attempt are garbage and nothing more."""
        head, now = change.head, change.now
        match judgement:
            case Defer():
                return judgement
            case Wait() | Alert():
                live = promotion.gone_live(head, attempt, observed.endpoint, now)
                return self._record(change.to(live), observed, judgement)
            case Accept():
                transition = opening.accepted(head, attempt, judgement.reason, now)
            case RequestAbort():
                if attempt.is_guarded:
                    self.cloudwatch.request_abort(head.endpoint, attempt.fleet.config, now)
                transition = opening.abort_requested(head, attempt, judgement, now)
            case Close():
                served = manual_change.served(head, observed)
                transition = closing.closed(head, attempt, judgement, observed.endpoint, now, served)
        self.writer.write(change.to(*transition), judgement.look_again_at)
        if isinstance(judgement, Close):
            self.cloudwatch.delete(own_alarms(head.endpoint, attempt))
        return judgement


def _look_again_at(head: Head, decision: AnyDecision, now: float) -> float | None:
    """Soon, if versions are left whose registration is still to be taken."""
    if head.versions is None or not head.versions.is_to_go_on:
        return decision.look_again_at
    return min(now + BEHIND_LOOK_SECONDS, decision.look_again_at or math.inf)


def _may_be_off(head: Head) -> bool:
    """True if the autoscaling may have been taken off. It is still on if AWS refused that."""
    last = head.scaling
    return not (last is not None and last.digest == OFF and last.refused is not None)


def _with_failing_version(stopped: Hold | Alert, decision: RollOut, head: Head) -> Hold | Alert:
    """The hold or alert that stops a revert also says that the failing version is still live, and quarantines it. The
    words stay the same while its alarm comes and goes."""
    live = head.live
    if not isinstance(decision, Update) or decision.purpose is not Purpose.REVERT:
        return stopped
    if live is None or live.approval is None or not (decision.quarantines_live or head.has_quarantined(live)):
        return stopped
    label = version_label(live.approval.version)
    return dataclasses.replace(
        stopped,
        reason=f"{stopped.reason}; meanwhile {label} is live, and its alarm fired",
        notice=stopped.notice.besides(f"failing: {live.approval.version}"),
        quarantines_live=decision.quarantines_live,
        fired=decision.fired,
    )
