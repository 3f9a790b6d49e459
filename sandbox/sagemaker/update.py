"""One accepted UpdateEndpoint, in simulated time: through the plan's phases to the new config, or back to the old
one."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.clock import Clock
from sandbox.sagemaker import guardrails
from sandbox.sagemaker.endpoint import Endpoint
from sandbox.sagemaker.fleet import Fleet, Variant
from sandbox.sagemaker.guardrails import Phase, Status
from world.assumptions import Assumptions

ALARM_CHECK_SECONDS = 5
"""How often SageMaker reads the rollback alarms. AWS does not document it."""

STATE_CHANGE = "SageMaker Endpoint State Change"
DEPLOYMENT_STATE_CHANGE = "SageMaker Endpoint Deployment State Change"


class Alarms(Protocol):
    def state(self, *, account: str, region: str, alarm: str) -> str | None: ...


@dataclass(frozen=True)
class ChangeContext:
    """What a change of an endpoint needs.

    `launch_error` returns why so many instances of a fleet's variants cannot be launched; None if they can. `emit` puts
    an event with this detail-type about the endpoint.
    """

    clock: Clock
    alarms: Alarms
    assumptions: Assumptions
    launch_error: Callable[[Fleet, Callable[[Variant], int]], str | None]
    emit: Callable[[Endpoint, str], None]


class Update:
    """`config` is the DeploymentConfig; {} is all-at-once.

    If guardrails exclude the endpoint, the update is all-at-once, without alarms, deployment events or an error.
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    """

    def __init__(
        self,
        context: ChangeContext,
        endpoint: Endpoint,
        fleet: Fleet,
        config: dict[str, Any],
        data_capture: dict[str, Any] | None,
    ) -> None:
        self.pending = fleet
        self.started = context.clock.now()
        self._context = context
        self._endpoint = endpoint
        self._data_capture = data_capture
        self._is_guarded = not _is_excluded(fleet, config, context.assumptions)
        self._config = config if self._is_guarded else {}
        self._count = min(fleet.counts)
        self._phases = guardrails.plan(self._config, self._count)
        self._phase = self._phases[0]
        self._modified_before = endpoint.modified
        self._is_watching = False
        self._reason: str | None = None
        self._is_rolling_back = False

    def begin(self) -> None:
        endpoint, clock = self._endpoint, self._context.clock
        endpoint.status, endpoint.failure_reason, endpoint.modified = "Updating", None, clock.now()
        endpoint.activity, endpoint.green, endpoint.share = self, self.pending, 0.0
        self._context.emit(endpoint, STATE_CHANGE)
        clock.at(clock.time() + guardrails.timeout(self._config), self._time_out)
        self._next()

    @property
    def _is_over(self) -> bool:
        return self._endpoint.activity is not self

    @property
    def _is_ending_old_fleet(self) -> bool:
        """Return whether the old fleet is being ended. SageMaker no longer reads alarms then."""
        return not self._phases

    def _next(self) -> None:
        if not self._phases:
            self._end()
            return
        self._phase = phase = self._phases.pop(0)
        clock, endpoint = self._context.clock, self._endpoint
        endpoint.share = phase.share
        for variant in self.pending.variants:
            variant.current_count = math.ceil(phase.share * variant.desired_count - 1e-9)
            message = phase.message(variant.desired_count)
            variant.status = [{"Status": phase.status, "StatusMessage": message, "StartTime": clock.now()}]
        for variant in endpoint.fleet.variants:
            variant.current_count = math.ceil(phase.old * variant.desired_count - 1e-9)
        if self._is_guarded:
            self._context.emit(endpoint, DEPLOYMENT_STATE_CHANGE)
        if not self._is_watching and (phase.share or self._context.assumptions.alarms_count_from_launch):
            self._is_watching = True
            self._watch()
        if self._phase is phase:
            clock.at(clock.time() + phase.seconds, lambda: self._leave(phase))

    def _leave(self, phase: Phase) -> None:
        if self._is_over or phase is not self._phase:
            return
        if phase.status is Status.CREATING and (launch_error := self._launch_error(phase)):
            self._roll_back(launch_error)
        elif self._is_watching and (fired := self._fired()):
            self._roll_back_for_alarms(fired)
        else:
            self._next()

    def _watch(self) -> None:
        if self._is_over or self._is_rolling_back or self._is_ending_old_fleet:
            return
        if fired := self._fired():
            self._roll_back_for_alarms(fired)
            return
        clock = self._context.clock
        clock.at(clock.time() + ALARM_CHECK_SECONDS, self._watch)

    def _fired(self) -> list[str]:
        if self._is_rolling_back or self._is_ending_old_fleet:
            return []
        at = {"account": self._endpoint.account, "region": self._endpoint.region}
        names = guardrails.alarms(self._config)
        return [name for name in names if self._context.alarms.state(**at, alarm=name) == "ALARM"]

    def _launch_error(self, phase: Phase) -> str | None:
        fleet = self._endpoint.fleet if self._is_rolling_back else self.pending
        return self._context.launch_error(fleet, lambda variant: phase.instances(variant.desired_count))

    def _time_out(self) -> None:
        # An assumption: the documentation says only that it "causes a timeout".
        if not self._is_over and not self._is_rolling_back and not self._is_ending_old_fleet:
            self._roll_back("The deployment exceeded MaximumExecutionTimeoutInSeconds.")

    def _roll_back_for_alarms(self, fired: list[str]) -> None:
        reason = f"One or more configured alarms are in ALARM state: {', '.join(fired)}."
        self._roll_back(reason if self._context.assumptions.alarm_rollback_has_reason else None)

    def _roll_back(self, reason: str | None) -> None:
        endpoint = self._endpoint
        if self._is_rolling_back:
            self._fail(reason)
            return
        self._is_rolling_back, self._reason = True, reason
        self._phases = guardrails.rollback_plan(self._config, self._count, endpoint.share, self._phase.old)
        if endpoint.status != (status := self._context.assumptions.status_while_rolling_back):
            endpoint.status, endpoint.modified = status, self._context.clock.now()
            self._context.emit(endpoint, STATE_CHANGE)
        self._next()

    def _fail(self, reason: str | None) -> None:
        """End the rollback in UpdateRollbackFailed: the old instances cannot be launched again.

        Both fleets stay in service with the current split.
        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html
        """
        endpoint = self._endpoint
        endpoint.activity, endpoint.status = None, "UpdateRollbackFailed"
        endpoint.failure_reason, endpoint.modified = reason, self._context.clock.now()
        for variant in self.pending.variants:
            variant.status = []
        self._context.emit(endpoint, STATE_CHANGE)

    def _end(self) -> None:
        endpoint, now = self._endpoint, self._context.clock.now()
        endpoint.activity, endpoint.green, endpoint.share, endpoint.modified = None, None, 0.0, now
        endpoint.status, endpoint.failure_reason = "InService", self._reason
        if not self._is_rolling_back:
            endpoint.fleet, endpoint.data_capture = self.pending, self._data_capture
        elif not self._context.assumptions.rollback_moves_last_modified:
            endpoint.modified = self._modified_before
        for variant in endpoint.fleet.variants:
            variant.current_count, variant.status = variant.desired_count, []
        self._context.emit(endpoint, STATE_CHANGE)


def _is_excluded(fleet: Fleet, config: dict[str, Any], assumptions: Assumptions) -> bool:
    is_inferentia1 = any((variant.instance_type or "").startswith("ml.inf1.") for variant in fleet.variants)
    if fleet.is_serverless and not assumptions.serverless_has_guardrails:
        return True
    return is_inferentia1 or ("RollingUpdatePolicy" in config and (fleet.is_serverless or len(fleet.variants) > 1))
