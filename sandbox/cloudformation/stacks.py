"""Create, update, replace and delete a stack's resources in order.

moto's own stacks ignore DependsOn and most changes. They give unnamed resources a new name at each update, skip unknown
resource types, and leave a failed stack incomplete.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudformation.exceptions import MissingParameterError, ValidationError
from moto.cloudformation.models import Event, Stack
from moto.cloudformation.parsing import OutputMap, clean_json
from moto.cloudformation.utils import random_suffix

from sandbox.cloudformation.dependencies import in_order
from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError
from sandbox.cloudformation.services import Services, services
from sandbox.cloudformation.stack_resource import StackResource, resources_of
from sandbox.cloudformation.types import TYPES

_REFUSALS = (
    BotoCoreError,
    ClientError,
    KeyError,
    MissingParameterError,
    NotImplementedError,
    UnsupportedError,
    ValidationError,
)
"""The errors by which a service or the sandbox refuses to create, update or delete a resource."""
_RETAINED = ("Retain", "RetainExceptOnCreate")


class StackFailedError(RuntimeError):
    """A resource of the stack could not be created, updated or deleted."""


def apply(
    stack: Stack,
    template: str,
    parameters: Mapping[str, str],
    *,
    exports: dict[str, Any],
    import_existing: bool = False,
) -> None:
    """Make the stack's resources match the template.

    With `import_existing`, a named resource that already exists is imported if its deletion policy retains it. Raises
    StackFailedError with the reason; the changes made until then are kept.
    """
    _StackChange(stack, import_existing=import_existing).run(template, parameters, exports)


def delete(stack: Stack) -> None:
    """Delete the stack's resources, dependents first, except those to be retained. Raises StackFailedError."""
    change = _StackChange(stack, import_existing=False)
    found = resources_of(stack)
    for name in reversed(in_order(stack.template_dict.get("Resources", {}))):
        if name in found:
            change.remove(found[name], found[name].deletion_policy in _RETAINED)
            del stack.resource_map._parsed_resources[name]


def roll_back_creation(stack: Stack) -> None:
    """Delete the resources that the stack has created, except imported and retained ones. Raises StackFailedError."""
    change = _StackChange(stack, import_existing=False)
    for name, one in reversed(resources_of(stack).items()):
        change.remove(one, one.is_imported or one.deletion_policy == "Retain")
        del stack.resource_map._parsed_resources[name]


class _StackChange:
    def __init__(self, stack: Stack, *, import_existing: bool) -> None:
        self._stack = stack
        self._import_existing = import_existing
        self._services: Services = services(stack.account_id, stack.region_name)
        self._replaced: list[tuple[StackResource, bool]] = []

    def run(self, template: str, parameters: Mapping[str, str], exports: dict[str, Any]) -> None:
        stack, resources = self._stack, self._stack.resource_map
        before = stack.template_dict.get("Resources", {})
        stack.template = template
        stack._parse_template()
        wanted = self._load(parameters, exports)
        for name in in_order(wanted):
            self._create_or_update(name, wanted[name])
        for old, is_retained in reversed(self._replaced):
            self.remove(old, is_retained)
        found = resources_of(stack)
        for name in reversed(in_order(before)):
            if name in found and name not in wanted:
                self.remove(found[name], found[name].deletion_policy in _RETAINED)
                del resources._parsed_resources[name]
        stack.output_map = OutputMap(resources, stack.template_dict, stack.stack_id)
        self._export(exports)

    def remove(self, one: StackResource, is_retained: bool) -> None:
        if is_retained:
            self._add_event(one.logical_resource_id, one.cf_resource_type, one.physical.id, "DELETE_SKIPPED")
            return
        self._add_event(one.logical_resource_id, one.cf_resource_type, one.physical.id, "DELETE_IN_PROGRESS")
        with self._refusals_fail_the_stack(
            one.logical_resource_id, one.cf_resource_type, one.physical.id, "DELETE_FAILED"
        ):
            one.kind.delete(self._services, one.physical, one.properties)
        self._add_event(one.logical_resource_id, one.cf_resource_type, one.physical.id, "DELETE_COMPLETE")

    def _load(self, parameters: Mapping[str, str], exports: dict[str, Any]) -> dict[str, Any]:
        """Load parameters, mappings and conditions. Return the resources whose condition is true."""
        resources, template = self._stack.resource_map, self._stack.template_dict
        resources._template = template
        resources._resource_json_map = template["Resources"]
        resources.input_parameters = self._stack.parameters = dict(parameters)
        resources.cross_stack_resources = self._stack.cross_stack_resources = exports
        resources.resolved_parameters = {}
        with self._refusals_fail_the_stack(
            self._stack.name, "AWS::CloudFormation::Stack", self._stack.stack_id, "CREATE_FAILED"
        ):
            resources.load_mapping()
            resources.load_parameters()
            resources.load_conditions()
        self._stack.description = template.get("Description")
        return {
            name: resource
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or resources.lazy_condition_map[resource["Condition"]]
        }

    def _create_or_update(self, name: str, resource: Mapping[str, Any]) -> None:
        type_ = resource["Type"]
        old = resources_of(self._stack).get(name)
        status = "UPDATE" if old and old.cf_resource_type == type_ else "CREATE"
        with self._refusals_fail_the_stack(name, type_, old.physical.id if old else "", f"{status}_FAILED"):
            properties = clean_json(resource.get("Properties", {}), self._stack.resource_map)
            policies = _policies(resource)
            if old and old.cf_resource_type == type_ and old.properties == properties:
                old.deletion_policy, old.update_replace_policy = policies
                return
            self._add_event(name, type_, old.physical.id if old else "", f"{status}_IN_PROGRESS")
            is_imported = False
            if not old or old.cf_resource_type != type_ or TYPES[type_].replaces(properties, old.properties):
                physical, is_imported = self._create(name, type_, properties, old, policies[0])
            else:
                physical = old.kind.update(self._services, old.physical, properties, old.properties)
        one = StackResource(name, type_, physical, properties, *policies, is_imported=is_imported)
        self._stack.resource_map._parsed_resources[name] = one
        self._add_event(name, type_, physical.id, "IMPORT_COMPLETE" if is_imported else f"{status}_COMPLETE")

    def _create(
        self, name: str, type_: str, properties: Properties, old: StackResource | None, deletion_policy: str
    ) -> tuple[Physical, bool]:
        kind = TYPES[type_]
        given = properties.get(kind.name_property) if kind.name_property else None
        if old:
            if given and old.properties.get(kind.name_property) == given and old.cf_resource_type == type_:
                raise UnsupportedError(
                    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                    f"Rename {given} and update the stack again."
                )
            self._replaced.append((old, old.update_replace_policy == "Retain"))
        if (
            given
            and self._import_existing
            and deletion_policy in _RETAINED
            and (found := kind.find(self._services, given))
        ):
            return found, True
        return kind.create(self._services, given or self._generated(kind, name), properties), False

    def _generated(self, kind: ResourceType, name: str) -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"""
        suffix = f"-{random_suffix()}"
        text = f"{self._stack.name}-{name}"[: kind.longest_name - len(suffix)].rstrip("-") + suffix
        return text.lower() if kind.type in ("AWS::S3::Bucket", "AWS::ECR::Repository") else text

    def _export(self, exports: dict[str, Any]) -> None:
        stack = self._stack
        for name in [name for name, export in exports.items() if export.exporting_stack_id == stack.stack_id]:
            del exports[name]
        for export in stack.exports:
            if export.name in exports:
                raise StackFailedError(f"Export with name {export.name} is already exported by another stack.")
            exports[export.name] = export

    @contextmanager
    def _refusals_fail_the_stack(self, name: str, type_: str, physical_id: str, status: str) -> Iterator[None]:
        """Turn a refusal into an event of the resource and a StackFailedError."""
        try:
            yield
        except _REFUSALS as error:
            reason = f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)
            self._add_event(name, type_, physical_id, status, reason)
            raise StackFailedError(f"{name}: {reason}") from error

    def _add_event(self, name: str, type_: str, physical_id: str, status: str, reason: str | None = None) -> None:
        self._stack.events.append(
            Event(self._stack.stack_id, self._stack.name, name, physical_id, type_, status, reason, None)
        )


def _policies(resource: Mapping[str, Any]) -> tuple[str, str]:
    return resource.get("DeletionPolicy", "Delete"), resource.get("UpdateReplacePolicy", "Delete")
