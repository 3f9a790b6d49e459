"""The resources that a stack has created."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.cloudformation.models import Stack

from sandbox.cloudformation.resource import Physical, Properties, ResourceType
from sandbox.cloudformation.types import TYPES


@dataclass
class StackResource:
    """A created resource, with the members that moto's template functions and answers read."""

    logical_resource_id: str
    cf_resource_type: str
    physical: Physical
    properties: Properties
    deletion_policy: str
    update_replace_policy: str
    is_imported: bool = False

    @property
    def physical_resource_id(self) -> str:
        return self.physical.id

    @property
    def kind(self) -> ResourceType:
        return TYPES[self.cf_resource_type]

    def get_cfn_attribute(self, name: str) -> str:
        if name not in self.physical.attributes:
            raise UnformattedGetAttTemplateException
        return self.physical.attributes[name]


def resources_of(stack: Stack) -> dict[str, StackResource]:
    """Return a stack's resources by logical id."""
    return {name: one for name, one in stack.resource_map._parsed_resources.items() if isinstance(one, StackResource)}


def summaries(stack: Stack) -> Iterator[dict[str, Any]]:
    """Yield the summaries for ListStackResources."""
    for name, one in resources_of(stack).items():
        events = [event for event in stack.events if event.logical_resource_id == name]
        yield {
            "LogicalResourceId": name,
            "PhysicalResourceId": one.physical.id,
            "ResourceType": one.cf_resource_type,
            "ResourceStatus": events[-1].resource_status,
            "LastUpdatedTimestamp": events[-1].timestamp,
        }
