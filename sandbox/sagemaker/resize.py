"""One accepted UpdateEndpointWeightsAndCapacities, in simulated time: the fleet gets other weights or counts."""

from typing import Any

from moto.sagemaker.exceptions import ValidationError

from sandbox.sagemaker.endpoint import Endpoint
from sandbox.sagemaker.fleet import Fleet, Variant
from sandbox.sagemaker.guardrails import ACTIVATION_SECONDS, LAUNCH_SECONDS, TEARDOWN_SECONDS, Status
from sandbox.sagemaker.update import STATE_CHANGE, ChangeContext


class Resize:
    """Without capacity to grow, the endpoint is RollingBack and then has its former weights and counts.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
    """

    pending: Fleet | None = None

    def __init__(self, context: ChangeContext, endpoint: Endpoint, desired: list[dict[str, Any]]) -> None:
        """Raises ValidationException if the endpoint does not have one of the variants."""
        self.started = context.clock.now()
        self._context = context
        self._endpoint = endpoint
        self._desired = [(self._variant(wanted["VariantName"]), wanted) for wanted in desired]
        self._before = [(variant, variant.desired_weight, variant.desired_count) for variant, _ in self._desired]

    def begin(self) -> None:
        for variant, wanted in self._desired:
            variant.desired_weight = wanted.get("DesiredWeight", variant.desired_weight)
            variant.desired_count = wanted.get("DesiredInstanceCount", variant.desired_count)
            if growth := _growth(variant):
                message = f"Scaling {'out' if growth > 0 else 'in'} desired instance count to {variant.desired_count}."
                variant.status = [{"Status": Status.UPDATING, "StatusMessage": message, "StartTime": self.started}]
        self._endpoint.activity = self
        self._change("Updating", None)
        clock = self._context.clock
        clock.at(clock.time() + self._seconds(), self._launched)

    def _variant(self, name: str) -> Variant:
        variant = self._endpoint.fleet.variant(name)
        if variant is None:
            raise ValidationError(f'Could not find variant "{name}" of endpoint "{self._endpoint.arn}".')
        return variant

    def _seconds(self) -> int:
        growths = [_growth(variant) for variant in self._endpoint.fleet.variants]
        if any(growth > 0 for growth in growths):
            return LAUNCH_SECONDS
        return TEARDOWN_SECONDS if any(growths) else ACTIVATION_SECONDS

    def _launched(self) -> None:
        if self._endpoint.activity is not self:
            return
        launch_error = self._context.launch_error(self._endpoint.fleet, _growth)
        if launch_error is None:
            self._finish(None)
            return
        for variant, weight, count in self._before:
            variant.desired_weight, variant.desired_count = weight, count
        self._change("RollingBack", launch_error)
        clock = self._context.clock
        clock.at(clock.time() + TEARDOWN_SECONDS, lambda: self._finish(launch_error))

    def _finish(self, reason: str | None) -> None:
        if self._endpoint.activity is not self:
            return
        for variant in self._endpoint.fleet.variants:
            variant.current_weight, variant.current_count = variant.desired_weight, variant.desired_count
            variant.status = []
        self._endpoint.activity = None
        self._change("InService", reason)

    def _change(self, status: str, reason: str | None) -> None:
        endpoint = self._endpoint
        endpoint.status, endpoint.failure_reason, endpoint.modified = status, reason, self._context.clock.now()
        self._context.emit(endpoint, STATE_CHANGE)


def _growth(variant: Variant) -> int:
    return variant.desired_count - variant.current_count
