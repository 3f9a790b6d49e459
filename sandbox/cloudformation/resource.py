"""What a CloudFormation resource type is: calls of its service's API, and helpers that read properties."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.cloudformation.services import Services

Properties = dict[str, Any]


class UnsupportedError(RuntimeError):
    """The sandbox does not model the type or property. The stack fails, so that nothing is left out silently."""


@dataclass(frozen=True)
class Physical:
    """A created resource. `id` is the value of Ref, `attributes` the values of Fn::GetAtt."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class ResourceType(ABC):
    """Each property is passed to the service or refused. If the service refuses a property, the stack fails."""

    type: ClassVar[str]
    name_property: ClassVar[str] = ""
    replaced_by: ClassVar[tuple[str, ...]] = ()
    """Properties that cannot change in place: a change creates a new resource. The name is always one of them."""
    longest_name: ClassVar[int] = 64

    @abstractmethod
    def create(self, services: Services, name: str, properties: Properties) -> Physical: ...

    @abstractmethod
    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        """Update the resource in place. `before` holds its current properties."""

    @abstractmethod
    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        """Delete the resource. Succeed also if it does not exist."""

    def find(self, services: Services, name: str) -> Physical | None:
        """Return the resource with this name that was created outside of any stack. Used for
        `ImportExistingResources`."""
        return None

    def replaces(self, properties: Properties, before: Properties) -> bool:
        return any(properties.get(key) != before.get(key) for key in (self.name_property, *self.replaced_by) if key)


class NoOp(ResourceType):
    """A type for which nothing is created. Each subclass says why."""

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        return Physical(name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        return None


def supported(properties: Properties, *names: str, ignored: tuple[str, ...] = ()) -> Properties:
    """Return those of the named properties that are given. Raises UnsupportedError for any other, unless it is in
    `ignored`."""
    if unknown := properties.keys() - set(names) - set(ignored):
        raise UnsupportedError(f"The sandbox does not model the properties {', '.join(sorted(unknown))}.")
    return {name: properties[name] for name in names if name in properties}


def boolean(value: bool | str) -> bool:
    """Return the value as a bool. CloudFormation accepts both true and "true"."""
    return value is True or str(value).lower() == "true"


def text(value: Any) -> str:
    """Return the value in the form that SQS and SNS expect for attributes."""
    if isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false")):
        return str(boolean(value)).lower()
    return value if isinstance(value, str) else json.dumps(value)
