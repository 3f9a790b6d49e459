"""Making an attempt: preflight → CreateModel → CreateEndpointConfig → alarms → is all visible → intent → what was
pinned and the approval read once more → the call → accepted. A crash between any two of these leads to the same end:

- before the intent: names are deterministic, so the next look makes the same things again as no-ops;
- after the intent and before the call: nobody sees a sign of the update, and `judgement` tries once more;
- after the call: SageMaker shows the config asked for, as pending or as live.
"""

import dataclasses
from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import (
    AlreadyExists,
    Denied,
    InProgress,
    Limited,
    NotFound,
    Refused,
    Throttled,
    Unreadable,
    answering,
)
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.decide.hold import HOLD_LOOK_SECONDS
from lambdas.gate.decide.judgement import failed, failed_for_now
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer
from lambdas.gate.reconcile.pinning import Pinning, specified, with_specification
from lambdas.gate.reconcile.preflight import Clearance, Preflight
from lambdas.gate.reconcile.write import LedgerWriter
from lambdas.gate.rollout import alarms, deployment_config
from lambdas.gate.spec.minimum_requests import MinimumRequests
from lambdas.gate.spec.spec import Rollout, Spec
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt, Fleet, Outcome, Purpose
from lambdas.gate.state.autoscaling_change import OFF, is_due
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint, Observed, Package
from lambdas.gate.state.pin import Pin, difference
from lambdas.gate.state.registration import Registration
from lambdas.gate.transitions import golden
from lambdas.gate.transitions.closing import closed
from lambdas.gate.transitions.opening import accepted, opened

REFUSED_LOOK_SECONDS = 60
"""After a refusal that passes by itself: throttled, or the endpoint busy."""
UNSEEN_LOOK_SECONDS = 30
"""Until what was just made should be visible."""
STOPPED = "stopped right before the call"


@dataclass(frozen=True)
class Prepared:
    """An attempt that may be opened, with what its call needs besides: the shape of its rollout, the alarms left out
    and whether the present instance count and data capture are kept."""

    attempt: Attempt
    spec: Spec
    shape: Rollout
    left_out: tuple[str, ...]
    keep_count: bool
    keep_capture: bool


@dataclass(frozen=True)
class _Accepted:
    """SageMaker took the call. `reason`: on what grounds it was made; `pin`: what the version was right before it."""

    reason: str
    pin: Pin | None


@dataclass(frozen=True)
class RolloutStarter:
    registry: Registry
    hosting: Hosting
    watch: CloudWatch
    record: LedgerWriter
    preflight: Preflight
    pinning: Pinning
    ledger: Ledger

    def prepare(
        self, spec: Spec, endpoint: Endpoint | None, head: Head, decision: Decision, now: float
    ) -> Prepared | Decision:
        """Everything up to the intent for a CREATE or an UPDATE; a HOLD, an ALERT or a WAIT where it cannot go on, and
        a SCALE where the autoscaling has to be taken off first, which is the last thing before the intent."""
        approval, purpose = decision.approval, decision.purpose
        if approval is None or purpose is None:
            raise ValueError("A CREATE or an UPDATE names an approval and a purpose.")
        number, specification = head.attempts + 1, approval.pin.specification if approval.pin else ""
        settings = spec.settings + specification
        fleet = Fleet(
            config=names.endpoint_config(spec.endpoint, approval.version, approval.order, settings, number),
            settings=spec.settings,
            instance_type=spec.variant.instance_type,
            instance_count=spec.variant.instance_count,
            serverless=spec.variant.serverless,
        )
        # The first create has nothing to roll back to: no alarms, and AWS ignores a DeploymentConfig there.
        clearance = Clearance()
        if endpoint:
            let = any(override.check == checks.ALARMS for override in head.overrides_of(approval))
            clearance = self.preflight.check(spec, head, endpoint, fleet, purpose, now, without_unfit_alarms=let)
        hold = clearance.hold
        if hold is None and clearance.unscale:
            hold = _still_on(head, now)
        if hold is not None:
            return Decision(Action.HOLD, hold, look_again_at=now + HOLD_LOOK_SECONDS, approval=approval)
        if clearance.wait is not None:
            return Decision(Action.WAIT, clearance.wait, look_again_at=now + UNSEEN_LOOK_SECONDS)
        # A way back must not be barred by golden requests that were written for what came after it.
        guarding = dataclasses.replace(spec, golden=None) if purpose is Purpose.REVERT else spec
        is_guarded = endpoint is not None and fleet.serverless is None
        judged_by = guarding.golden.digest if guarding.golden and is_guarded else None
        try:
            model = self.hosting.create_model(spec, approval)
            self.hosting.create_config(spec, fleet, model)
            if is_guarded:
                known = judged_by is not None and golden.has_baseline(head.live, judged_by)
                self.watch.create(alarms.rollout_alarms(guarding, fleet.config, has_baseline=known))
        except (Refused, Limited, NotFound, Denied) as error:
            return Decision(Action.ALERT, f"AWS refused to prepare the rollout: {error}", now + HOLD_LOOK_SECONDS)
        own = alarms.rollout_names(guarding, fleet.config) if is_guarded else ()
        if obstacle := self.preflight.verify(fleet.config, own):
            return Decision(Action.WAIT, obstacle, look_again_at=now + UNSEEN_LOOK_SECONDS)
        if clearance.unscale:
            # All can be made, so the rollout follows.
            reason = f"{spec.variant.name} is not autoscaled while its instance type changes to {fleet.instance_type}"
            return Decision(Action.SCALE, reason, look_again_at=now, scaling=OFF, unused_alarms=own)
        shape = deployment_config.reverting(spec.rollout) if purpose is Purpose.REVERT else spec.rollout
        attempt = Attempt(
            number=number,
            approval=approval,
            purpose=purpose,
            fleet=fleet,
            alarms=(*own, *clearance.alarms),
            opened_at=now,
            expected_seconds=deployment_config.expected_seconds(shape, fleet.instance_count or 1),
            previous_config=endpoint.config if endpoint else None,
            modified_at=endpoint.modified_at if endpoint else None,
            enough=_enough(spec, purpose),
            maximum_seconds=shape.maximum_seconds,
            capacity_seconds=spec.capacity_seconds,
            golden_set=judged_by,
        )
        # RetainAllVariantProperties would keep what is captured now, whatever the new config says.
        captures = spec.serving.data_capture is not None or (endpoint is not None and endpoint.captures_data)
        return Prepared(attempt, spec, shape, clearance.left_out, clearance.keep_count, keep_capture=not captures)

    def carry_out(
        self,
        prepared: Prepared,
        observed: Observed,
        before: Head | None,
        head: Head,
        facts: tuple[Fact, ...],
        decision: Decision,
        now: float,
    ) -> Decision:
        """From the intent on. `head` is `before` with the `facts` recognised in this look, written with the intent.
        What is given back says what became of it: a WAIT for the rollout, or how the attempt was closed."""
        attempt = prepared.attempt
        if prepared.left_out:
            told = f"{decision.reason}, without: {'; '.join(prepared.left_out)}"
            decision = dataclasses.replace(decision, reason=told)
        intent, opening = opened(head, attempt, decision, observed, now)
        intent = self.record.write(before, intent, (*facts, *opening), None, now)
        answer = self._call(prepared, intent, now)
        if isinstance(answer, Decision):
            after, closing = closed(intent, attempt, answer, observed.endpoint, now)
            self.record.write(intent, after, closing, answer.look_again_at, now)
            self.watch.delete(alarms.own_alarms(intent.endpoint, attempt))
            return answer
        approval = dataclasses.replace(attempt.approval, pin=answer.pin)
        intent, attempt = intent.with_revised(approval), dataclasses.replace(attempt, approval=approval)
        after, accepting = accepted(intent, attempt, f"{answer.reason} before the call", now)
        self.record.write(intent, after, accepting, attempt.expected_end, now)
        return Decision(Action.WAIT, decision.reason, look_again_at=attempt.expected_end)

    def _call(self, prepared: Prepared, intent: Head, now: float) -> _Accepted | Decision:
        """The authoritative reads, the approval's last, and the one call: that it was accepted, or how to close the
        attempt. An error that leaves open whether SageMaker acted propagates, and leaves the attempt to be
        judged by its witnesses."""
        attempt, name = prepared.attempt, intent.endpoint
        pinned = attempt.approval.pin
        try:
            before = self._described(prepared)
            registration = self._registration(name, before) if before else None
            found = self.pinning.again(prepared.spec, pinned, before) if pinned and before else None
            package = self._described(prepared) if before else None
            verdict = checks.authorise(package)
            if verdict.answer is Answer.HELD:
                return failed_for_now(intent, attempt, f"{STOPPED}: {verdict.reason}", now + HOLD_LOOK_SECONDS)
            if verdict.answer is Answer.REFUSED or package is None:
                return Decision(Action.CLOSE, f"{STOPPED}: {verdict.reason}", now, outcome=Outcome.ABORTED)
            if changed := _changed(pinned, found, registration, package):
                reason = f"{STOPPED}: of {version_label(attempt.approval.version)} {changed}"
                return Decision(Action.CLOSE, reason, now, outcome=Outcome.ABORTED, quarantine=True, alert=reason)
            if attempt.purpose is Purpose.CREATE:
                self.hosting.create_endpoint(name, attempt.fleet.config)
            elif not attempt.is_guarded:
                self.hosting.switch_endpoint(name, attempt.fleet.config)
            else:
                deployment = deployment_config.deployment_config(prepared.shape, attempt.alarms)
                self.hosting.update_endpoint(
                    name,
                    attempt.fleet.config,
                    deployment,
                    keep_count=prepared.keep_count,
                    keep_capture=prepared.keep_capture,
                )
        except Unreadable as error:
            return failed(intent, attempt, f"{STOPPED}: {error}", now)
        except (Throttled, InProgress, AlreadyExists) as error:
            # An endpoint that exists was not to be seen at the look that wanted to create it.
            return failed_for_now(intent, attempt, f"SageMaker is busy: {error}", now + REFUSED_LOOK_SECONDS)
        except (Limited, Denied, NotFound) as error:
            scarce = isinstance(error, Limited)
            return failed(intent, attempt, f"SageMaker refused: {error}", now, scarce=scarce)
        except Refused as error:
            reason = f"SageMaker refused: {error}"
            return Decision(Action.CLOSE, reason, now, outcome=Outcome.FAILED, quarantine=True, alert=reason)
        return _Accepted(verdict.reason, pinned.lengthened(specified(package)) if pinned else None)

    def _described(self, prepared: Prepared) -> Package | None:
        """Raises Unreadable where AWS fails or does not answer: nothing was called yet, so that decides nothing."""
        version = prepared.attempt.approval.version
        with answering(version_label(version)):
            return self.registry.describe(version, prepared.spec.gate.stage)

    def _registration(self, endpoint: str, package: Package) -> Registration | None:
        """Raises Unreadable, like `_described`."""
        with answering(f"what {version_label(package.version)} was when it was registered"):
            return self.ledger.registration(endpoint, package)


def _enough(spec: Spec, purpose: Purpose) -> MinimumRequests | None:
    """Of what was good before, and of an endpoint that had no requests before, none are asked."""
    return spec.enough if purpose in (Purpose.UPDATE, Purpose.RESIZE) else None


def _still_on(head: Head, now: float) -> str | None:
    """Why the autoscaling could not be taken off, for as long as it is not tried again."""
    last = head.scaling
    return last.refused if last and last.digest == OFF and not is_due(last, OFF, now) else None


def _changed(pinned: Pin | None, found: Pin | None, registration: Registration | None, package: Package) -> str | None:
    if registration and (changed := registration.change(package)):
        return checks.after_registration(changed)
    if pinned is None or found is None:
        return None
    return difference(pinned, with_specification(found, package))
