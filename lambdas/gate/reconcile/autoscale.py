"""Changing what is registered for autoscaling: intent → alarms that are not used → is the endpoint opted in → the calls
→ outcome. A crash between any two leaves an intent, and the look after the lock makes the calls again."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Denied, Limited, NotFound, Refused
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide.action import Scale
from lambdas.gate.reconcile.preflight import opting_in
from lambdas.gate.reconcile.write import Change, LedgerWriter
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.autoscaling_change import OFF, RETRY_SECONDS, AutoscalingChange
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.notice import Code
from lambdas.gate.state.observed import Endpoint


@dataclass(frozen=True)
class AutoscalingUpdater:
    hosting: Hosting
    target: ScalableTarget
    cloudwatch: CloudWatch
    writer: LedgerWriter

    def update(self, spec: Spec, endpoint: Endpoint, change: Change, decision: Scale) -> Scale:
        """Change what is registered, and return the decision with what came of it. Throttles propagate."""
        begun, last, now = AutoscalingChange(decision.digest, change.now), change.head.scaling, change.now
        intent = self.writer.write(change.to(dataclasses.replace(change.head, scaling=begun)), None)
        # If the next reconcile holds the rollout, nothing is left behind. Before the intent another invocation might
        # open the attempt that these alarms guard; after it that intent fails, or waits for the lock.
        self.cloudwatch.delete(decision.unused_alarms)
        detail: dict[str, Any] = {"variant": spec.variant.name, "autoscaling": None}
        if decision.digest != OFF and spec.autoscaling:
            detail["autoscaling"] = dataclasses.asdict(spec.autoscaling)
        refusal = self._refused(spec, endpoint, decision.digest)
        if refusal is None:
            done = dataclasses.replace(intent.head, scaling=dataclasses.replace(begun, done=True), notice=None)
            fact = Fact(Kind.AUTOSCALING_CHANGED, now, decision.reason, detail=detail)
            self.writer.write(intent.to(done, (fact,)), decision.look_again_at)
            return decision
        why, told = refusal
        reason = f"the autoscaling of {spec.variant.name} could not be changed: {told}"
        refused = dataclasses.replace(begun, refused=reason, refused_for=why)
        alerts = () if refused.is_known(last) else (Fact(Kind.ALERT, now, reason, detail=detail),)
        self.writer.write(intent.to(dataclasses.replace(intent.head, scaling=refused), alerts), now + RETRY_SECONDS)
        return dataclasses.replace(decision, reason=reason, look_again_at=now + RETRY_SECONDS)

    def _refused(self, spec: Spec, endpoint: Endpoint, wanted: str) -> tuple[str, str] | None:
        """None once the calls went through; otherwise why they did not, as what people know it by and as a sentence.
        Application Auto Scaling asks for no tag of the endpoint, so that is read here."""
        if not self.hosting.is_opted_in(endpoint.arn):
            return Code.NOT_OPTED_IN, f"the endpoint is not opted in: {opting_in(endpoint.arn)}"
        try:
            if wanted != OFF and spec.autoscaling:
                self.target.register(spec.endpoint, spec.variant.name, spec.autoscaling)
            else:
                self.target.deregister(spec.endpoint, spec.variant.name)
        except (Denied, Limited, NotFound, Refused) as error:
            return str(error), str(error)
        return None
