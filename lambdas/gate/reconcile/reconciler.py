"""Reconciling one endpoint: read → observe → learn → decide → act → write. Every event, schedule and operator's order
leads to a reconcile."""

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.comparers import Comparers
from lambdas.gate.aws.errors import Denied, Limited, Refused, Unreadable
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import FloorParameter, SpecParameters, StoredSpec
from lambdas.gate.decide import acceptance, baseline, doubt, resize, revocation, shadow
from lambdas.gate.decide import answers as comparing
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
from lambdas.gate.decide.decision import BUSY_RECONCILE_SECONDS, decide, scale
from lambdas.gate.decide.hold import HOLD_RECONCILE_SECONDS
from lambdas.gate.decide.judgement import judge
from lambdas.gate.decide.judging import is_found_worse, next_look
from lambdas.gate.decide.recognition import MOST, recognise
from lambdas.gate.decide.revert import undisputed_targets
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.compare import Comparison
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.roll_out import Prepared, RolloutStarter
from lambdas.gate.reconcile.write import Change, LedgerWriter
from lambdas.gate.rollout import alarms
from lambdas.gate.rollout.alarms import own_alarms
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.autoscaling_change import OFF, of_endpoint
from lambdas.gate.state.certainty import Certain
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.hints import Hints
from lambdas.gate.state.history import History
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint, Observed, Package
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.registration import Registration
from lambdas.gate.state.spec_version import SpecVersion
from lambdas.gate.state.versions_seen import seen_in, settle
from lambdas.gate.state.watch import Watch
from lambdas.gate.timing import LOCK
from lambdas.gate.transitions import (
    answers,
    awaiting,
    closing,
    golden,
    guarding,
    intervention,
    manual_change,
    notice,
    opening,
    promotion,
    revert_targets,
    rung,
    spec_changed,
    verdict,
    watching,
)
from lambdas.gate.transitions.transition import Transition

MOST_SPECS = 10
"""How many rows about the spec's parameter a write adds to its other rows."""
BEHIND_RECONCILE_SECONDS = 15
"""The wait before a read is repeated that was answered with an old state."""


@dataclass(frozen=True)
class _Context:
    """What one reconcile knows. `observed`: what it read from AWS. `change`: what it makes of the ledger. `pins`:
    approval's order → its pin, or why it could not be read, in this reconcile."""

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

    def to(self, transition: Transition) -> "_Context":
        """Return the context with the transition's head, and its rows added."""
        return dataclasses.replace(self, change=self.change.to(*transition))


@dataclass(frozen=True)
class Reconciler:
    specs: SpecParameters
    floor: FloorParameter
    ledger: Ledger
    observer: Observer
    pinning: Pinning
    evidence: EvidenceReader
    rollouts: RolloutStarter
    autoscaling: AutoscalingUpdater
    cloudwatch: CloudWatch
    writer: LedgerWriter
    comparers: Comparers

    def reconcile(self, endpoint: str, hints: Hints, now: float) -> AnyDecision:
        """Reconcile one endpoint at `now` (seconds since 1970) and return what was decided and done.

        Raises ledger.Conflict if another invocation wrote first, and AwsError or botocore's errors if a call to AWS
        failed. After any error or crash the next reconcile begins again from the stored head.
        """
        # Read the head before the spec. Otherwise a stale read of the spec would look like a redeployed stack.
        before = self.ledger.head(endpoint)
        stored = self.specs.read(endpoint)
        if stored is None:
            return self._without_spec(before, now)
        if before is not None and baseline.is_behind(before, stored.seen):
            reason = "the spec that was read is older than the last one seen"
            return Defer(reason, now + BEHIND_RECONCILE_SECONDS)
        spec, hints = stored.spec, hints.followed(stored.spec.gate.stage)
        if before is None or baseline.is_new(before, stored.seen) or baseline.is_moved(before, spec):
            return self._adopt(stored, before, hints, now)
        observed = self.observer.observe(spec, before, hints.approvals, now, hints.versions)
        context = self._learn(_Context(spec, observed, Change(before, before, now)), hints)
        context = context.to((guarding.guarded(context.head, spec, stored.seen, now), ()))
        if context.head.attempt is not None:
            return self._act(self._moved(context))
        history = self._history(stored.seen, endpoint, before.spec.version)
        if history is None:
            # What was learned is found again: AWS still says it, and the messages come again.
            return Defer("SSM's history does not have the spec's version yet", now + BEHIND_RECONCILE_SECONDS)
        context = self._recorded(context, history, before.spec.version)
        return self._act(context.to((dataclasses.replace(context.head, spec=stored.seen), ())))

    def look(self, endpoint: str, attempts: Collection[int], now: float) -> AnyDecision:
        """Let the judge look at the open attempt, if its number is one of these. It reads the ledger and CloudWatch
        only. If it finds the new version worse, the endpoint is reconciled, and that reconcile writes the verdict and
        acts on it."""
        head = self.ledger.head(endpoint)
        attempt = head.attempt if head else None
        if attempt is None or attempt.number not in attempts or attempt.judging is None or not attempt.is_to_compare:
            return Keep("the judge has nothing to compare")
        if is_found_worse(attempt.judging, self.observer.minutes(endpoint, attempt, now)):
            return self.reconcile(endpoint, Hints(), now)
        self.writer.send_look(endpoint, attempt.number, next_look(now) - now)
        return Wait("the judge has not found the new version worse", next_look(now))

    def _adopt(self, stored: StoredSpec, before: Head | None, hints: Hints, now: float) -> AnyDecision:
        """Adopt the endpoint: store its present state as the baseline. This is the first reconcile of the endpoint, or
        of its stack that was deployed again."""
        observed = self.observer.first(stored.spec, hints.approvals, hints.versions)
        if observed.endpoint and observed.endpoint.is_busy:
            reason = f"adoption waits: the endpoint is {observed.endpoint.status}"
            self._register(stored.spec, (p for p in observed.packages.values() if p and not p.is_approved), now)
            # There is no head that could store what the messages say, so the messages have to be sent again.
            return Defer(reason, now + BUSY_RECONCILE_SECONDS) if hints.is_lasting else Wait(reason)
        change = Change(before, before, now) if before else None
        if before and change and before.spec != NOT_RECONCILED:
            after = 0 if baseline.is_new(before, stored.seen) else before.spec.version
            history = self._history(stored.seen, before.endpoint, after)
            if history is None:
                return Defer("SSM's history does not have the spec's version yet", now + BEHIND_RECONCILE_SECONDS)
            change = self._recorded(_Context(stored.spec, observed, change), history, after).change
        before = change.head if change else None
        head, facts = baseline.baseline(stored.spec, stored.seen, observed, before, now)
        facts += rung.left_behind(before, observed.endpoint, now) if before else ()
        change = change.to(head, facts) if change else Change(None, head, now, facts)
        return self._act(self._learn(_Context(stored.spec, observed, change), hints))

    def _history(self, seen: SpecSeen, endpoint: str, after: int) -> tuple[SpecVersion, ...] | None:
        """Return the versions of the spec's parameter up to the one that was read; None if SSM's history is behind.
        Nothing is read if there is no version after the one last seen."""
        if seen.version <= after:
            return ()
        history = tuple(each for each in self.specs.history(endpoint) if each.version <= seen.version)
        return history if history and history[-1].version == seen.version else None

    def _recorded(self, context: _Context, history: tuple[SpecVersion, ...], after: int) -> _Context:
        """Add a row for each version of the spec's parameter after the one last seen. If there are many, they are
        written at once; the head then knows the last version that has a row."""
        facts = spec_changed.recorded(history, after, context.now)
        while len(facts) > MOST_SPECS:
            now, facts = facts[:MOST_SPECS], facts[MOST_SPECS:]
            context = self._written(context)
            last = history[-len(facts) - 1]
            seen = SpecSeen(last.version, last.modified_at)
            context = self._written(context.to((dataclasses.replace(context.head, spec=seen), now)))
        return context.to((context.head, facts))

    def _without_spec(self, head: Head | None, now: float) -> AnyDecision:
        """Judge and close an open attempt after the endpoint's stack was deleted. The endpoint keeps serving."""
        if head is None or head.attempt is None:
            return Keep("there is no spec: the endpoint is not managed")
        observed = self.observer.abandoned(head, head.attempt, now)
        change = Change(head, head, now).to(*recognise(head, observed, now))
        return self._judge(None, change, head.attempt, observed)

    def _judge(self, spec: Spec | None, change: Change, attempt: Attempt, observed: Observed) -> AnyDecision:
        """Judge the open attempt, which takes the order to abort the rollouts of all endpoints, if there is one.
        `spec`: None after the endpoint's stack was deleted."""
        every = self.ledger.head(names.ALL)
        change = change.to(*intervention.abort_for_all(change.head, every.abort_all if every else None, change.now))
        change = change.to(*verdict.judged(change.head, observed, change.now))
        attempt = change.head.attempt or attempt
        judgement = judge(observed, change.head, attempt, change.now)
        return self._apply_judgement(spec, change, attempt, observed, judgement)

    def _learn(self, context: _Context, hints: Hints) -> _Context:
        """Add to the head which versions were approved or revoked, the pins, who approved or revoked them, and results
        of golden requests. Read the floor if it is asked who may approve or revoke."""
        spec, observed, now = context.spec, context.observed, context.now
        context, found = self._recognised(context)
        while found >= MOST:
            # After an outage there may be too many rows for one write.
            context, found = self._recognised(self._written(context))
        if len(context.change.facts) > MOST // 2:
            context = self._written(context)
        context = self._registered(context)
        pinned = self.pinning.pin(spec, context.head, observed.packages, now)
        context = dataclasses.replace(context.to((pinned.head, pinned.facts)), pins=pinned.read)
        context = self._inquired(context.to((doubt.begun(context.head, hints, spec.gate.stage, now), ())))
        is_revoked = context.head.live is not None and context.head.live.revocation is not None
        is_disputed = any(approval.is_disputed for approval in context.head.known_approvals)
        if context.head.approvals or is_disputed or is_revoked:
            observed = dataclasses.replace(observed, floor=self.floor.read())
            context = dataclasses.replace(context, observed=observed)
        context = context.to((doubt.settle(spec, observed, context.head), ()))
        context = context.to((acceptance.settle(spec, context.head, observed, now), ()))
        context = self._revoked(context)
        context = context.to(golden.settle(spec, context.head, hints.golden, now))
        return context.to(answers.settle(spec, observed, context.head, hints.answers, now))

    def _recognised(self, context: _Context) -> tuple[_Context, int]:
        """Add the approvals and revocations, and report a revert's version that was revoked. Return how many rows are
        about approvals and revocations."""
        before = context.head
        head, found = recognise(before, context.observed, context.now)
        reported = revert_targets.reported(context.spec.settings, before, head, context.now)
        return context.to((head, (*found, *reported))), len(found)

    def _inquired(self, context: _Context) -> _Context:
        """Ask CloudTrail's event history if a message disagrees about an approver. The inquiry goes on if CloudTrail
        does not answer."""
        history = self._event_history(doubt.asks_since(context.head, context.now), context.now)
        if history is None:
            return context
        return context.to(doubt.answered(context.head, history, context.spec.gate.stage, context.now))

    def _revoked(self, context: _Context) -> _Context:
        """Add what is known about a revocation of the live version. CloudTrail's event history is asked if it may name
        somebody whom the registry does not. If CloudTrail does not answer, what is known stays."""
        spec, observed, head, now = context.spec, context.observed, context.head, context.now
        history = self._event_history(revocation.asks_since(spec, head, observed, now), now)
        return context.to(revocation.settle(spec, head, observed, history, now))

    def _event_history(self, since: float | None, now: float) -> History | None:
        """Return CloudTrail's event history since then; None if nobody asks, or if CloudTrail does not answer."""
        if since is None:
            return None
        try:
            return self.evidence.histories.read(since, now)
        except Unreadable:
            return None

    def _registered(self, context: _Context) -> _Context:
        """Store the registrations of versions that were not seen before, and report the newest one that waits for an
        approval. After a crash before the head's write this is repeated, and stored registrations stay. If AWS does not
        answer for what a version loads, the next reconcile sees that version anew."""
        head, observed = context.head, context.observed
        approvals = (*head.known_approvals, *(each.approval for each in head.quarantined))
        # An adopted version has no approval that this endpoint acted on.
        given = sorted((a for a in approvals if a.order > 0), key=lambda a: a.at)
        approved, group = {approval.version: approval.at for approval in given}, context.spec.model_package_group
        before = seen_in(head.versions, group)
        seen, packages = settle(before, observed.listing, observed.packages, approved, group)
        if later := self._register(context.spec, packages, context.now):
            known = {version: package for version, package in observed.packages.items() if version not in later}
            seen, _ = settle(before, observed.listing, known, approved, group)
        # Versions that are older than the first reconcile are not reported, however many wait.
        since = math.inf if before is None else before.newest
        new = [package for package in packages if package.version not in later and package.created_at > since]
        # What is known to wait, and for how long versions usually do, is of the group that was followed before.
        head = dataclasses.replace(head, versions=seen, review=head.review if before else None)
        head, facts = awaiting.settle(context.spec, head, new, observed.packages, context.now)
        return context.to((head, tuple(self._with_metrics(context, fact) for fact in facts)))

    def _with_metrics(self, context: _Context, fact: Fact) -> Fact:
        """Return a fact about a version that waits for an approval, with its metrics beside those of the live one."""
        live, observed = context.head.live, context.observed
        package = observed.packages.get(fact.version) if fact.version else None
        if package is None:
            return fact
        found = self.evidence.metrics(context.spec, package, live.approval if live and observed.endpoint else None)
        return dataclasses.replace(fact, detail=fact.detail | found.detail)

    def _register(self, spec: Spec, packages: Iterable[Package], now: float) -> frozenset[str]:
        """Store the registrations, and return the versions that have to be seen again for what they load."""
        completed = [package for package in packages if package.status == "Completed"]
        for package in completed:
            self.ledger.register(spec.endpoint, Registration.of(package, now))
        return self.pinning.register(spec, completed, now)

    def _moved(self, context: _Context) -> _Context:
        """Let the golden alarm of the open attempt watch the metric of the prober that the spec now names. The prober
        that an earlier release deployed is gone, and the new one may not put the old metric."""
        head = golden.moved(context.head, context.spec)
        attempt = head.attempt
        if head == context.head or attempt is None:
            return context
        known = attempt.golden_set is not None and golden.has_baseline(head.live, attempt.golden_set)
        namespace, config = attempt.golden_namespace, attempt.fleet.config
        self.cloudwatch.create((alarms.golden_alarm(context.spec, namespace, config, has_baseline=known),))
        return context.to((head, ()))

    def _written(self, context: _Context) -> _Context:
        return dataclasses.replace(context, change=self.writer.write(context.change, None))

    def _act(self, context: _Context) -> AnyDecision:
        """Judge the open attempt, or decide what to do if there is none. Then do it and write it."""
        observed, now = context.observed, context.now
        head = manual_change.disturbed(context.head, observed.endpoint, now)
        if observed.endpoint is not None:
            head = dataclasses.replace(head, scaling=of_endpoint(head.scaling, observed.endpoint.created_at))
        context = context.to((head, ()))
        if head.attempt is not None:
            return self._judge(context.spec, context.change, head.attempt, observed)
        context = self._unwatched(context.to(guarding.reported(context.spec, observed, head, now)))
        if context.head.rung is not None:
            every = self.ledger.head(names.ALL)
            context = context.to(intervention.abort_for_all(context.head, every.abort_all if every else None, now))
            context = self._asked(context.to(rung.settled(context.spec, observed, context.head, now)))
        context, decision = self._decide(context)
        if isinstance(decision, Keep | Hold | Alert):
            before, context = context.head.good, self._compared(context)
            if context.head.good != before:
                # A revert takes other versions than were known.
                context, decision = self._decide(context)
        if not isinstance(decision, RollOut | Scale):
            return self._carry_out(context, decision)
        if obstacle := self._obstacle(context.head, decision, now):
            if isinstance(obstacle, Hold):
                context = self._compared(context)
            return self._record(context.change, context.observed, obstacle)
        return self._carry_out(context, decision) if isinstance(decision, Scale) else self._roll_out(context, decision)

    def _asked(self, context: _Context) -> _Context:
        """Ask the comparer for the next answers of a rung that goes on. If it cannot be asked, the next look tries it
        again."""
        head, spec, now = context.head, context.spec, context.now
        running = shadow.running(head)
        task = comparing.task(spec, running, context.observed.copied, now) if running else None
        if task is None or spec.comparer is None or now < (head.compare_at or 0.0):
            return context
        self.comparers.ask(spec.comparer, task)
        return context.to((dataclasses.replace(head, compare_at=now + comparing.AGAIN_SECONDS), ()))

    def _compared(self, context: _Context) -> _Context:
        """Compare the live version and those that a revert takes with what was approved."""
        comparison = Comparison(self.evidence, context.spec, context.observed, context.now)
        return context.to(comparison.settled(context.head))

    def _decide(self, context: _Context) -> tuple[_Context, Decision]:
        """Return the decision. The evidence is read only if the decision needs it, and only for its approval."""
        decision = decide(context.spec, context.observed, context.head, context.now)
        if not isinstance(decision, NeedEvidence):
            return context, decision
        approval, live, observed = decision.approval, context.head.live, context.observed
        package = observed.packages[approval.version]
        if package is None:
            raise ValueError("The gate is asked about versions that exist.")
        other = live.approval if live and observed.endpoint else None
        floor = observed.floor.floor if observed.floor else None
        evidence = self.evidence.gather(context.spec, approval, package, other, context.pins, context.now, floor)
        context = dataclasses.replace(context, observed=dataclasses.replace(observed, evidence=evidence))
        if isinstance(evidence.witnessed, Certain) and (call := evidence.witnessed.by):
            context = context.to(doubt.shown(context.head, (call,), context.spec.gate.stage, context.now))
            approval = next(a for a in context.head.approvals if a.order == approval.order)
        if isinstance(evidence.certainty, Certain):
            call = evidence.certainty.by
            shown_at = call.at if call else None
            certain = dataclasses.replace(approval, unchanged=evidence.certainty.text, shown_at=shown_at)
            context = context.to((context.head.with_revised(certain), ()))
        return context, decide(context.spec, context.observed, context.head, context.now)

    def _obstacle(self, head: Head, decision: RollOut | Scale, now: float) -> Hold | Wait | None:
        """Return why no endpoint may be changed now; None if this one may.

        1. The janitor may be deleting what a rollout relies on, see `lambdas.janitor.claim`. It ends its claim within
           seconds, unless its function died.
        2. An operator paused all endpoints.
        """
        every = self.ledger.head(names.ALL)
        if isinstance(decision, RollOut) and now < head.cleaning_until:
            reason = "the janitor is deleting what the endpoint no longer needs"
            return Wait(reason, min(head.cleaning_until, now + LOCK))
        if every is None or not every.is_paused(now):
            return None
        return Hold(
            f"all endpoints are paused: {every.paused_for}",
            now + HOLD_RECONCILE_SECONDS,
            notice=Notice(Code.ALL_PAUSED, every.paused_for),
            approval=decision.approval if isinstance(decision, RollOut) else None,
        )

    def _roll_out(self, context: _Context, decision: RollOut) -> AnyDecision:
        """Prepare and start the rollout. If the rollout is held, the autoscaling may still be registered."""
        observed, head, now = context.observed, context.head, context.now
        spec = self._with_settings(context.spec, decision)
        if spec is None:
            unknown = shadow if decision.purpose is Purpose.END_SHADOW else resize
            stopped: Hold | Alert = unknown.unknown_settings(decision.approval, now)
            if isinstance(decision, Update) and decision.quarantines_live:
                stopped = _with_failing_version(stopped, decision, context)
            return self._carry_out(context, stopped)
        if decision.purpose.keeps_live and (held := self._not_launchable(spec, context, decision)):
            return self._carry_out(context, held)
        prepared = self.rollouts.prepare(spec, observed, head, decision, now)
        if isinstance(prepared, Prepared):
            if package := observed.packages.get(prepared.attempt.approval.version):
                head = head.with_read(package.version, package.modified_at)
            comparison = Comparison(self.evidence, spec, observed, now)
            compared = comparison.before_rollout(guarding.kept(head, spec), decision, prepared.attempt)
            return self.rollouts.start(prepared, context.change.to(*compared), observed, decision)
        if isinstance(prepared, Hold | Alert):
            context = self._compared(context)
            stopped = _with_failing_version(prepared, decision, context)
            return self._carry_out(context, self._scale_meanwhile(context) or stopped)
        return self._carry_out(context, prepared)

    def _with_settings(self, spec: Spec, decision: RollOut) -> Spec | None:
        """Return the spec of a rollout, which may be of former settings; None if SSM's history has these no more."""
        if not isinstance(decision, Update) or decision.settings is None:
            return spec
        return self.specs.with_settings(spec, decision.settings)

    def _not_launchable(self, spec: Spec, context: _Context, decision: RollOut) -> Hold | None:
        """Return why the live version cannot be launched anew for a shadow: what it would load now is not what was
        approved, or that cannot be read. None if it can."""
        live = context.head.live
        if live is None or live.approval is None:
            raise ValueError("A shadow needs a live version.")
        try:
            packages = context.observed.packages
            why = self.evidence.live_difference(spec, live.approval, packages, with_entry=True)
        except Unreadable as error:
            why = str(error)
        if why is None:
            return None
        label = version_label(live.approval.version)
        reason = f"a shadow can neither come nor go: {label} is live and cannot be launched anew: {why}"
        notice = Notice(Code.LIVE_NOT_LAUNCHABLE, f"{live.approval.version}: {why}")
        waits = decision.approval if decision.purpose is Purpose.SHADOW else None
        return Hold(reason, context.now + HOLD_RECONCILE_SECONDS, notice=notice, approval=waits)

    def _scale_meanwhile(self, context: _Context) -> Scale | None:
        """Return the autoscaling to register while the rollout is held. It may have been deregistered for that
        rollout."""
        if context.observed.endpoint is None or not _may_be_off(context.head):
            return None
        return scale(context.spec, context.observed.endpoint, context.head, context.now)

    def _carry_out(self, context: _Context, decision: Decision) -> AnyDecision:
        match decision:
            case Defer():
                return decision
            case Scale() if context.observed.endpoint:
                return self.autoscaling.update(context.spec, context.observed.endpoint, context.change, decision)
            case Keep() | Wait() | Hold() | Alert() | Confirm() | Refuse() | RecordChange():
                return self._record(context.change, context.observed, decision)
            case Create() | Update() | Scale() | NeedEvidence():
                raise ValueError(f"{decision.name} is carried out elsewhere.")

    def _record(
        self,
        change: Change,
        observed: Observed,
        decision: Keep | Wait | Hold | Alert | Confirm | Refuse | RecordChange,
    ) -> AnyDecision:
        """Carry out a decision that changes only the ledger."""
        head, now = change.head, change.now
        match decision:
            case Keep():
                change = change.to(dataclasses.replace(head, notice=None))
            case Wait():
                pass  # The notice stays, because autoscaling may make the endpoint busy many times a day.
            case Hold() | Alert():
                change = change.to(*notice.noticed(head, decision, observed, now))
            case Confirm():
                change = change.to(*notice.confirmed(head, decision, now))
            case Refuse():
                change = change.to(*notice.refused(head, decision, observed, now))
            case RecordChange():
                change = change.to(*manual_change.recorded(head, observed, decision.reason, now))
        if isinstance(decision, Wait | Hold | Alert):
            change = change.to(*notice.waited(change.head, decision, observed, now))
        self.writer.write(change, _reconcile_at(change.head, decision, now))
        return decision

    def _unwatched(self, context: _Context) -> _Context:
        """Delete the watch alarms that are over. If a crash prevents the write, the next reconcile deletes them again,
        which is harmless."""
        head = watching.prolonged(context.spec, context.head)
        ended = watching.over(context.spec, head, context.observed.standing, context.now)
        self.cloudwatch.delete(tuple(alarms.watch_name(head.endpoint, watch.config) for watch in ended))
        return context.to((watching.without(head, ended), ()))

    def _watch(
        self, spec: Spec | None, attempt: Attempt, judgement: Close, endpoint: Endpoint | None, now: float
    ) -> Watch | None:
        """Put the watch alarm of a version that goes live. Return None if it gets none. If AWS refuses the alarm, the
        standing alarm for errors guards the version instead."""
        since = promotion.live_since(attempt, endpoint, now)
        watch = watching.watch(spec, attempt, judgement, since, now)
        if spec is None or watch is None:
            return None
        try:
            self.cloudwatch.create((alarms.watch_alarm(spec, watch.config, watch.above),))
        except (Denied, Limited, Refused):
            return None
        return watch

    def _apply_judgement(
        self, spec: Spec | None, change: Change, attempt: Attempt, observed: Observed, judgement: Judgement
    ) -> AnyDecision:
        """Carry out a judgement about the open attempt. After a crash before the write, the next reconcile repeats it.
        After a crash later, the alarms of the closed attempt stay and are garbage."""
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
                watch = self._watch(spec, attempt, judgement, observed.endpoint, now)
                transition = closing.closed(head, attempt, judgement, observed.endpoint, now, served, watch)
        self.writer.write(change.to(*transition), judgement.reconcile_at)
        if isinstance(judgement, Close):
            self.cloudwatch.delete(own_alarms(head.endpoint, attempt))
        return judgement


def _reconcile_at(head: Head, decision: AnyDecision, now: float) -> float | None:
    """Return when to reconcile again: soon, if there are more versions whose registration is to be stored, or if
    CloudTrail is asked who approved or revoked."""
    is_behind = head.versions is not None and head.versions.is_to_go_on
    wanted = (
        decision.reconcile_at,
        doubt.reconcile_at(head, now),
        revocation.reconcile_at(head, now),
        shadow.look_at(head, now) if head.attempt is None else None,
        awaiting.reconcile_at(head),
        now + BEHIND_RECONCILE_SECONDS if is_behind else None,
    )
    return min((at for at in wanted if at is not None), default=None)


def _may_be_off(head: Head) -> bool:
    """True if the autoscaling may have been deregistered. It was not if AWS refused that."""
    last = head.scaling
    return not (last is not None and last.digest == OFF and last.refused is not None)


def _with_failing_version(stopped: Hold | Alert, decision: RollOut, context: _Context) -> Hold | Alert:
    """Return the hold or alert that stops a rollout, which also says that the failing version is still live, and
    quarantines it. Its text does not change while that version's alarm fires again and again."""
    head, live = context.head, context.head.live
    if not isinstance(decision, Update) or not _replaces_failing(decision, context):
        return stopped
    if live is None or live.approval is None or not (decision.quarantines_live or head.has_quarantined(live)):
        return stopped
    label = version_label(live.approval.version)
    is_of_settings = decision.approval.version == live.version
    why = "its settings are worse than its former ones" if is_of_settings else "its alarm fired"
    return dataclasses.replace(
        stopped,
        reason=f"{stopped.reason}; meanwhile {label} is live, and {why}",
        notice=stopped.notice.besides(f"failing: {live.approval.version}"),
        quarantines_live=decision.quarantines_live,
        fired=decision.fired,
    )


def _replaces_failing(decision: Update, context: _Context) -> bool:
    """True if the live version will be replaced even if the approval of this rollout is withdrawn: by a revert. That
    needs a good version. A revert has one."""
    if decision.purpose is Purpose.REVERT:
        return True
    live = context.head.live
    is_other = decision.purpose is Purpose.UPDATE and live is not None and decision.approval.version != live.version
    return is_other and bool(undisputed_targets(context.spec, context.observed, context.head, live))
