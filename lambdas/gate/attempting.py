"""Making an attempt: CreateModel → CreateEndpointConfig → alarms → preflight → intent → the approval read once more →
the call → accepted. A crash between any two of these leads to the same end:

- before the intent: names are deterministic, so the next look makes the same things again as no-ops;
- after the intent and before the call: nobody sees a sign of the update, and `judgement` tries once more;
- after the call: SageMaker shows the config asked for, as pending or as live.
"""

import dataclasses
from dataclasses import dataclass

from lambdas.gate import alarms, gate, names, rollout, transition
from lambdas.gate.attempt import Attempt, Fleet, Outcome, Purpose
from lambdas.gate.aws_error import Denied, InProgress, Limited, NotFound, Refused, Throttled
from lambdas.gate.decision import HOLD_LOOK_SECONDS, Action, Decision
from lambdas.gate.fact import Fact
from lambdas.gate.head import Head
from lambdas.gate.hosting import Hosting
from lambdas.gate.judgement import failed, failed_for_now
from lambdas.gate.observed import Endpoint
from lambdas.gate.preflight import Clearance, Preflight
from lambdas.gate.record import Record
from lambdas.gate.registry import Registry
from lambdas.gate.spec import Rollout, Spec
from lambdas.gate.watch import Watch

REFUSED_LOOK_SECONDS = 60
"""After a refusal that passes by itself: throttled, or the endpoint busy."""


@dataclass(frozen=True)
class Attempting:
    registry: Registry
    hosting: Hosting
    watch: Watch
    record: Record
    preflight: Preflight

    def attempt(
        self,
        spec: Spec,
        endpoint: Endpoint | None,
        before: Head | None,
        head: Head,
        facts: tuple[Fact, ...],
        decision: Decision,
        now: float,
    ) -> Decision:
        """Carry out a CREATE or an UPDATE. `head` is `before` with `facts` recognised in this look, written with the
        intent. What is given back says what became of it: a WAIT for the rollout, or why there is none."""
        approval, purpose = decision.approval, decision.purpose
        if approval is None or purpose is None:
            raise ValueError("A CREATE or an UPDATE names an approval and a purpose.")
        number = head.attempts + 1
        fleet = Fleet(
            config=names.endpoint_config(spec.endpoint, approval.order, spec.settings, number),
            settings=spec.settings,
            instance_type=spec.variant.instance_type,
            instance_count=spec.variant.instance_count,
        )
        try:
            model = self.hosting.create_model(spec, approval.version)
            self.hosting.create_config(spec, fleet, model)
        except (Refused, Limited, NotFound) as error:
            return Decision(Action.ALERT, f"AWS refused to prepare the rollout: {error}", now + HOLD_LOOK_SECONDS)
        clearance = self._clear(spec, head, endpoint, fleet, purpose)
        if clearance.hold:
            return Decision(Action.HOLD, clearance.hold, look_again_at=now + HOLD_LOOK_SECONDS, approval=approval)
        shape = rollout.reverting(spec.rollout) if purpose is Purpose.REVERT else spec.rollout
        attempt = Attempt(
            number=number,
            approval=approval,
            purpose=purpose,
            fleet=fleet,
            alarms=clearance.guards,
            opened_at=now,
            expected_seconds=rollout.expected_seconds(shape, fleet.instance_count),
            previous_config=endpoint.config if endpoint else None,
            modified_at=endpoint.modified_at if endpoint else None,
        )
        intent, opening = transition.opened(head, attempt, _told(decision, clearance), now)
        intent = self.record.write(before, intent, (*facts, *opening), None, now)
        answer = self._call(spec, attempt, intent, shape, clearance, now)
        if isinstance(answer, Decision):
            after, closing = transition.closed(intent, attempt, answer, endpoint, now)
            self.record.write(intent, after, closing, answer.look_again_at, now)
            return answer
        after, accepting = transition.accepted(intent, attempt, f"{answer.reason} before the call", now)
        self.record.write(intent, after, accepting, attempt.expected_end, now)
        return Decision(Action.WAIT, decision.reason, look_again_at=attempt.expected_end)

    def _clear(self, spec: Spec, head: Head, endpoint: Endpoint | None, fleet: Fleet, purpose: Purpose) -> Clearance:
        if endpoint is None:
            # The first create has nothing to roll back to: AWS ignores a DeploymentConfig there.
            return Clearance()
        self.watch.create(alarms.rollout_alarms(spec, fleet.config))
        return self.preflight.check(spec, head, endpoint, fleet, purpose)

    def _call(
        self, spec: Spec, attempt: Attempt, intent: Head, shape: Rollout, clearance: Clearance, now: float
    ) -> gate.Verdict | Decision:
        """The authoritative read and the one call: the verdict it was accepted on, or how to close the attempt. An
        error that leaves open whether SageMaker acted propagates, and leaves the attempt to be judged by its
        witnesses."""
        try:
            verdict = gate.judge(self.registry.describe(attempt.approval.version))
            if verdict.answer is not gate.Answer.PASSED:
                return Decision(
                    Action.CLOSE, f"stopped right before the call: {verdict.reason}", now, outcome=Outcome.ABORTED
                )
            if attempt.purpose is Purpose.CREATE:
                self.hosting.create_endpoint(spec.endpoint, attempt.fleet.config)
            else:
                deployment = rollout.deployment_config(shape, clearance.guards)
                self.hosting.update_endpoint(
                    spec.endpoint, attempt.fleet.config, deployment, keep_count=clearance.keep_count
                )
        except (Throttled, InProgress) as error:
            return failed_for_now(intent, attempt, f"SageMaker is busy: {error}", now + REFUSED_LOOK_SECONDS)
        except (Limited, Denied, NotFound) as error:
            return failed(intent, attempt, f"SageMaker refused: {error}", now)
        except Refused as error:
            reason = f"SageMaker refused: {error}"
            return Decision(Action.CLOSE, reason, now, outcome=Outcome.FAILED, quarantine=True, alert=reason)
        return verdict


def _told(decision: Decision, clearance: Clearance) -> Decision:
    if not clearance.left_out:
        return decision
    return dataclasses.replace(decision, reason=f"{decision.reason}, without: {'; '.join(clearance.left_out)}")
