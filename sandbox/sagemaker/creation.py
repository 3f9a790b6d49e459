"""One accepted CreateEndpoint, in simulated time. It ends InService or Failed and never rolls back."""

from sandbox.sagemaker.endpoint import Endpoint
from sandbox.sagemaker.fleet import Fleet
from sandbox.sagemaker.guardrails import Status
from sandbox.sagemaker.update import STATE_CHANGE, ChangeContext

CREATION_SECONDS = 180


class Creation:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html"""

    def __init__(self, context: ChangeContext, endpoint: Endpoint) -> None:
        self.pending: Fleet = endpoint.fleet
        self.started = context.clock.now()
        self._context = context
        self._endpoint = endpoint

    def begin(self) -> None:
        for variant in self.pending.variants:
            message = f"Launching {variant.desired_count} instance(s)."
            variant.status = [{"Status": Status.CREATING, "StatusMessage": message, "StartTime": self.started}]
        self._endpoint.activity = self
        self._context.emit(self._endpoint, STATE_CHANGE)
        clock = self._context.clock
        clock.at(clock.time() + CREATION_SECONDS, self._end)

    def _end(self) -> None:
        endpoint = self._endpoint
        if endpoint.activity is not self:
            return
        endpoint.failure_reason = self._context.launch_error(self.pending, lambda variant: variant.desired_count)
        endpoint.status = "Failed" if endpoint.failure_reason else "InService"
        for variant in self.pending.variants:
            variant.current_count, variant.status = variant.desired_count, []
        endpoint.activity, endpoint.modified = None, self._context.clock.now()
        self._context.emit(endpoint, STATE_CHANGE)
