"""What the model of SageMaker needs from the sandbox: its clock and event bus, alarms, autoscaling, S3 and capacity."""

import functools
from typing import Any, Protocol

from moto.applicationautoscaling.models import applicationautoscaling_backends

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.sagemaker import model_data
from world.account import Account
from world.assumptions import Assumptions
from world.hosting.endpoint import Endpoint
from world.hosting.endpoints import Launch
from world.surroundings import Event
from world.timestamps import timestamp

NO_CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
NO_MODEL_DATA = (
    'Failed to download model data for container "container_1" from URL: "{uri}". Please ensure that there is an '
    "object located at the URL and that the role passed to CreateModel has permissions to download the object."
)


class Alarms(Protocol):
    def state(self, *, account: str, region: str, alarm: str) -> str | None: ...


class Part(Protocol):
    """A part of the model that does work at times that it sets."""

    def perform(self, *work: Any) -> None: ...


class SandboxSurroundings:
    """`parts` are the parts of the model, by the name that their work begins with. `capacity` limits the instances that
    can be launched at a time, by instance type; other types have no limit."""

    def __init__(
        self, clock: Clock, events: EventBus, alarms: Alarms, account: Account, assumptions: Assumptions | None = None
    ) -> None:
        self.account = account
        self.assumptions = assumptions or Assumptions()
        self.parts: dict[str, Part] = {}
        self.capacity: dict[str, int] = {}
        self._clock = clock
        self._events = events
        self._alarms = alarms

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        return None

    def time(self) -> float:
        return self._clock.time()

    def at(self, due: float, *work: Any) -> None:
        part, *step = work
        self._clock.at(due, functools.partial(self._perform, part, *step))

    def put_event(self, event: Event) -> None:
        self._events.put(
            account=self.account.id,
            region=self.account.region,
            source=event.source,
            detail_type=event.detail_type,
            resources=list(event.resources),
            detail=event.detail,
            time=None if event.time is None else timestamp(event.time),
        )

    def alarm_state(self, name: str) -> str | None:
        return self._alarms.state(account=self.account.id, region=self.account.region, alarm=name)

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
            for container in variant.model.containers:
                if uri := model_data.missing(container):
                    return NO_MODEL_DATA.format(uri=uri)
        return None

    def endpoint_changed(self, name: str, before: Endpoint | None, after: Endpoint | None) -> None:
        pass

    def _perform(self, part: str, *step: Any) -> None:
        self.parts[part].perform(*step)
