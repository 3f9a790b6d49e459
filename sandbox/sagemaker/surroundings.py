"""What the model of SageMaker needs from the sandbox in addition: alarms, autoscaling, S3, capacity and versions that
cannot be launched."""

from typing import Protocol

from moto.applicationautoscaling.models import applicationautoscaling_backends

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.sagemaker import model_data
from sandbox.sagemaker.behaviour import behaviour
from sandbox.surroundings import SandboxSurroundings
from world.account import Account
from world.assumptions import Assumptions
from world.hosting.endpoint import Endpoint
from world.hosting.endpoints import Launch
from world.hosting.fleet import Variant
from world.registry.registry import Registry

NO_CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
NO_MODEL_DATA = (
    'Failed to download model data for container "container_1" from URL: "{uri}". Please ensure that there is an '
    "object located at the URL and that the role passed to CreateModel has permissions to download the object."
)


class Alarms(Protocol):
    def state_of(self, name: str) -> str | None: ...

    def has_metric_math(self, name: str) -> bool: ...


class SageMakerSurroundings(SandboxSurroundings):
    """`capacity` limits the instances that can be launched at a time, by instance type; other types have no limit.
    `registry` has the versions that may say that they cannot be launched."""

    registry: Registry

    def __init__(
        self, clock: Clock, events: EventBus, alarms: Alarms, account: Account, assumptions: Assumptions | None = None
    ) -> None:
        super().__init__(clock, events, account, assumptions)
        self.capacity: dict[str, int] = {}
        self._alarms = alarms

    def alarm_state(self, name: str) -> str | None:
        return self._alarms.state_of(name)

    def has_metric_math(self, alarm: str) -> bool:
        return self._alarms.has_metric_math(alarm)

    def is_scalable(self, endpoint: str, variant: str) -> bool:
        targets = applicationautoscaling_backends[self.account.id][self.account.region].targets
        return f"endpoint/{endpoint}/variant/{variant}" in targets.get("sagemaker:variant:DesiredInstanceCount", {})

    def launch_error(self, endpoint: Endpoint, launch: Launch) -> str | None:
        for variant, instances in launch:
            kind = variant.instance_type
            if instances <= 0:
                continue
            if kind in self.capacity and instances > self.capacity[kind]:
                return NO_CAPACITY
            if reason := self._failure_reason(variant):
                return reason
            for container in variant.model.containers:
                if uri := model_data.missing(container):
                    return NO_MODEL_DATA.format(uri=uri)
        return None

    def _failure_reason(self, variant: Variant) -> str:
        package = self.registry.packages.get(variant.model.version)
        return behaviour(package.metadata).failure_reason if package is not None else ""

    def endpoint_changed(self, name: str, before: Endpoint | None, after: Endpoint | None) -> None:
        pass
