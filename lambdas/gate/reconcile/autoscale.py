"""Changing what is registered for autoscaling: intent → alarms that are not used → is the endpoint opted in → the calls
→ outcome. A crash between any two leaves an intent, and the look after the lock makes the calls again."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Denied, Limited, NotFound, Refused
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.decide.action import Decision
from lambdas.gate.reconcile.preflight import opting_in
from lambdas.gate.reconcile.write import LedgerWriter
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.autoscaling_change import OFF, RETRY_SECONDS, AutoscalingChange
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint


@dataclass(frozen=True)
class AutoscalingUpdater:
    hosting: Hosting
    target: ScalableTarget
    watch: CloudWatch
    record: LedgerWriter

    def carry_out(
        self,
        spec: Spec,
        endpoint: Endpoint,
        before: Head | None,
        head: Head,
        facts: tuple[Fact, ...],
        decision: Decision,
        now: float,
    ) -> Decision:
        """`head` is `before` with the `facts` recognised in this look, written with the intent. Throttles propagate."""
        if decision.scaling is None:
            raise ValueError("A SCALE says to what.")
        change, last = AutoscalingChange(decision.scaling, now), head.scaling
        intent = self.record.write(before, dataclasses.replace(head, scaling=change), facts, None, now)
        # Should the rollout be held in the next look, nothing is left behind. Before the intent another look might open
        # the attempt that these alarms guard; now its intent fails, or it waits for the lock.
        self.watch.delete(decision.unused_alarms)
        detail: dict[str, Any] = {"variant": spec.variant.name, "autoscaling": None}
        if decision.scaling != OFF and spec.autoscaling:
            detail["autoscaling"] = dataclasses.asdict(spec.autoscaling)
        refused = self._refused(spec, endpoint, decision.scaling)
        if refused is None:
            done = dataclasses.replace(intent, scaling=dataclasses.replace(change, done=True), notice=None)
            fact = Fact(Kind.AUTOSCALING_CHANGED, now, decision.reason, detail=detail)
            self.record.write(intent, done, (fact,), decision.look_again_at, now)
            return decision
        reason = f"the autoscaling of {spec.variant.name} could not be changed: {refused}"
        told = last is not None and (last.digest, last.refused) == (change.digest, reason)
        alerts = () if told else (Fact(Kind.ALERT, now, reason, detail=detail),)
        change = dataclasses.replace(change, refused=reason)
        self.record.write(intent, dataclasses.replace(intent, scaling=change), alerts, now + RETRY_SECONDS, now)
        return dataclasses.replace(decision, reason=reason, look_again_at=now + RETRY_SECONDS)

    def _refused(self, spec: Spec, endpoint: Endpoint, wanted: str) -> str | None:
        """Application Auto Scaling asks for no tag of the endpoint, so that is read here."""
        if not self.hosting.is_opted_in(endpoint.arn):
            return f"the endpoint is not opted in: {opting_in(endpoint.arn)}"
        try:
            if wanted != OFF and spec.autoscaling:
                self.target.register(spec.endpoint, spec.variant.name, spec.autoscaling)
            else:
                self.target.deregister(spec.endpoint, spec.variant.name)
        except (Denied, Limited, NotFound, Refused) as error:
            return str(error)
        return None
