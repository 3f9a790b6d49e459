"""A CloudFormation resource type as calls of its service's API, and the registry of those the sandbox knows."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.cloudformation.services import Services

Properties = dict[str, Any]


class UnsupportedError(RuntimeError):
    """A type or a property that the sandbox does not model: a stack fails on it rather than lack it silently."""


@dataclass(frozen=True)
class Physical:
    """What was made: `id` is what Ref gives, `attributes` what Fn::GetAtt gives."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class ResourceType(ABC):
    """Each property reaches the service or is refused; whatever the service refuses fails the stack."""

    type: ClassVar[str]
    name_property: ClassVar[str] = ""
    replaced_by: ClassVar[tuple[str, ...]] = ()
    """Properties whose change makes a new resource, beside the name."""
    longest_name: ClassVar[int] = 64

    @abstractmethod
    def create(self, services: Services, name: str, properties: Properties) -> Physical: ...

    @abstractmethod
    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        """In place; `before` are the properties it has."""

    @abstractmethod
    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        """Nothing happens where it is already gone."""

    def find(self, services: Services, name: str) -> Physical | None:
        """The resource of that name, made outside of any stack; for `ImportExistingResources`."""
        return None

    def replaces(self, properties: Properties, before: Properties) -> bool:
        return any(properties.get(key) != before.get(key) for key in (self.name_property, *self.replaced_by) if key)


class NoOp(ResourceType):
    """Nothing to make: the subclass says why."""

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        return Physical(name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        return None


def taken(properties: Properties, *names: str, ignored: tuple[str, ...] = ()) -> Properties:
    """The named properties that are given. Raises UnsupportedError for any but these and the ignored ones."""
    if unknown := properties.keys() - set(names) - set(ignored):
        raise UnsupportedError(f"The sandbox does not model the properties {', '.join(sorted(unknown))}.")
    return {name: properties[name] for name in names if name in properties}


def boolean(value: bool | str) -> bool:
    """CloudFormation takes both true and "true"."""
    return value is True or str(value).lower() == "true"


def text(value: Any) -> str:
    """As SQS and SNS take attributes."""
    if isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false")):
        return str(boolean(value)).lower()
    return value if isinstance(value, str) else json.dumps(value)
