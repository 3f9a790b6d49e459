"""Changing the registered autoscaling. The steps: write the intent, delete unused alarms, check that the endpoint is
opted in, make the calls, write the outcome. After a crash between two steps the intent stays open, and a reconcile
after the lock makes the calls again."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Denied, Limited, NotFound, Refused
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide.action import Scale
from lambdas.gate.reconcile.preflight import not_opted_in
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
        """Register or deregister the autoscaling, and return the decision with its outcome. Throttled propagates."""
        begun, last, now = AutoscalingChange(decision.digest, change.now), change.head.scaling, change.now
        intent = self.writer.write(change.to(dataclasses.replace(change.head, scaling=begun)), None)
        # The next reconcile may hold the rollout, so the rollout's alarms must not stay. Before the intent, another
        # invocation could open the attempt that these alarms guard. Now its intent fails, or it waits for the lock.
        self.cloudwatch.delete(decision.unused_alarms)
        detail: dict[str, Any] = {"variant": spec.variant.name, "autoscaling": None}
        if decision.digest != OFF and spec.autoscaling:
            detail["autoscaling"] = dataclasses.asdict(spec.autoscaling)
        refusal = self._refused(spec, endpoint, decision.digest)
        if refusal is None:
            done = dataclasses.replace(intent.head, scaling=dataclasses.replace(begun, done=True), notice=None)
            fact = Fact(Kind.AUTOSCALING_CHANGED, now, decision.reason, detail=detail)
            self.writer.write(intent.to(done, (fact,)), decision.reconcile_at)
            return decision
        key, text = refusal
        reason = f"the autoscaling of {spec.variant.name} could not be changed: {text}"
        refused = dataclasses.replace(begun, refused=reason, refused_for=key)
        alerts = () if refused.is_known(last) else (Fact(Kind.ALERT, now, reason, detail=detail),)
        self.writer.write(intent.to(dataclasses.replace(intent.head, scaling=refused), alerts), now + RETRY_SECONDS)
        return dataclasses.replace(decision, reason=reason, reconcile_at=now + RETRY_SECONDS)

    def _refused(self, spec: Spec, endpoint: Endpoint, wanted: str) -> tuple[str, str] | None:
        """Make the calls. Return None if all went through; otherwise why not, as the key of the refusal and as a text.
        The endpoint's tag is read first, because Application Auto Scaling does not ask for it."""
        if not self.hosting.is_opted_in(endpoint.arn):
            return Code.NOT_OPTED_IN, not_opted_in(endpoint.arn)
        try:
            if wanted != OFF and spec.autoscaling:
                self.target.register(spec.endpoint, spec.variant.name, spec.autoscaling)
            else:
                self.target.deregister(spec.endpoint, spec.variant.name)
        except (Denied, Limited, NotFound, Refused) as error:
            return str(error), str(error)
        return None
