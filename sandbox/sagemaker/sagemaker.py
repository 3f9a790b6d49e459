"""SageMaker: its model, served with moto's server and wire format."""

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.iam.identity import DeniedRequest
from sandbox.sagemaker import behaviour
from sandbox.sagemaker.callers import Callers
from sandbox.sagemaker.operations import serve
from sandbox.sagemaker.surroundings import Alarms, SageMakerSurroundings
from world.account import Account
from world.assumptions import Assumptions
from world.call import Call, Caller, Operation
from world.cloud_trail import CloudTrail
from world.hosting.hosting import Hosting
from world.registry.registry import Registry
from world.tags import Tags

_BEHAVING = ("CreateModelPackage", "UpdateModelPackage")


class SageMaker:
    def __init__(
        self, clock: Clock, events: EventBus, alarms: Alarms, account: Account, assumptions: Assumptions | None = None
    ) -> None:
        self.surroundings = SageMakerSurroundings(clock, events, alarms, account, assumptions)
        self.callers = Callers()
        self.tags = Tags(self.surroundings)
        self.trail = CloudTrail(self.surroundings)
        self.registry = Registry(self.surroundings, self.trail, self.tags)
        self.surroundings.registry = self.registry
        self.hosting = Hosting(self.surroundings, self.registry, self.tags)
        self.surroundings.parts |= {"cloud_trail": self.trail, "hosting": self.hosting}

    def install(self) -> None:
        self.callers.install()
        operations = {**self.registry.operations(), **self.hosting.operations(), **self.tags.operations()}
        for name in _BEHAVING:
            operations[name] = _checked(operations[name])
        serve(operations, self.caller_of)

    def caller_of(self, access_key: str) -> Caller:
        return self.callers.caller(self.surroundings.account, access_key)

    def set_capacity(self, instance_type: str, available: int | None) -> None:
        """Limit the instances of a type that can be launched at a time; None removes the limit."""
        self.surroundings.capacity.pop(instance_type, None)
        if available is not None:
            self.surroundings.capacity[instance_type] = available

    def denied(self, request: DeniedRequest) -> None:
        """IAM has denied a request."""
        call = Call(request.parameters, self.caller_of(request.access_key))
        self.trail.denied(call, request.operation, request.message)


def _checked(operation: Operation) -> Operation:
    """Return the operation that also refuses metadata by which no version can behave in the sandbox."""

    def check(call: Call) -> dict[str, object]:
        behaviour.behaviour(call.request.get("CustomerMetadataProperties", {}))
        return operation(call)

    return check
