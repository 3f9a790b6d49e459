"""The changes that a change set lists: which resources are added, modified and removed, and why.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import ResourceMap

from sandbox.cloudformation.dependencies import Reference, in_order, references
from sandbox.cloudformation.resource import ResourceType
from sandbox.cloudformation.stack_resource import StackResource, resources_of

_ATTRIBUTES = ("Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
"""What a resource has besides its properties, and CloudFormation lists. DependsOn is not one of them."""
_TAGS = "Tags"
"""The property that CloudFormation lists as an attribute of its own."""


def resource_changes(
    stack: Stack, template: Mapping[str, Any], parameters: Mapping[str, str], exports: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return each ResourceChange of a change set for the stack, in the template's order, and the removed ones last."""
    resources, changed_parameters = _proposed(stack, template, parameters, exports)
    existing = resources_of(stack)
    before = stack.template_dict.get("Resources", {}) if existing else {}
    modified: dict[str, _Modified] = {}
    for name in in_order(resources):  # A resource may change because one that it names does.
        if old := existing.get(name):
            causes = _Causes(changed_parameters, modified, resources.keys() - existing.keys())
            if details := list(_details(old.kind, before[name], resources[name], causes)):
                modified[name] = _Modified(old, details)
    changes: list[dict[str, Any]] = []
    for name, resource in resources.items():
        if name not in existing:
            changes.append(_added(name, resource["Type"]))
        elif name in modified:
            changes.append(modified[name].change())
    removed = [one for name, one in existing.items() if name not in resources]
    return [*changes, *map(_removed, removed)]


def _proposed(
    stack: Stack, template: Mapping[str, Any], parameters: Mapping[str, str], exports: dict[str, Any]
) -> tuple[dict[str, Any], set[str]]:
    """Return the resources whose condition will be true, and the names of the parameters whose values change."""
    proposed = ResourceMap(
        stack.stack_id, stack.name, dict(parameters), {}, stack.region_name, stack.account_id, dict(template), exports
    )
    proposed.load_mapping()
    proposed.load_parameters()
    proposed.load_conditions()
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or proposed.lazy_condition_map[resource["Condition"]]
    }
    now, then = stack.resource_map.resolved_parameters, proposed.resolved_parameters
    return resources, {name for name in {*now, *then} if now.get(name) != then.get(name)}


@dataclass(frozen=True)
class _Modified:
    old: StackResource
    details: list[dict[str, Any]]

    @property
    def replacement(self) -> str:
        """Conditional if only the execution shows whether a property that needs a new resource changes."""
        recreating = [each for each in self.details if each["Target"]["RequiresRecreation"] == "Always"]
        if any(each["Evaluation"] == "Static" for each in recreating):
            return "True"
        return "Conditional" if recreating else "False"

    def change(self) -> dict[str, Any]:
        change = {
            "Action": "Modify",
            "LogicalResourceId": self.old.logical_resource_id,
            "PhysicalResourceId": self.old.physical.id,
            "ResourceType": self.old.cf_resource_type,
            "Replacement": self.replacement,
            "Scope": list(dict.fromkeys(each["Target"]["Attribute"] for each in self.details)),
            "Details": self.details,
        }
        if self.replacement == "True":
            retained = self.old.update_replace_policy == "Retain"
            change["PolicyAction"] = "ReplaceAndRetain" if retained else "ReplaceAndDelete"
        return change


def _added(name: str, type_: str) -> dict[str, Any]:
    return {"Action": "Add", "LogicalResourceId": name, "ResourceType": type_, "Scope": [], "Details": []}


def _removed(old: StackResource) -> dict[str, Any]:
    return {
        "PolicyAction": "Delete" if old.deletion_policy == "Delete" else "Retain",
        "Action": "Remove",
        "LogicalResourceId": old.logical_resource_id,
        "PhysicalResourceId": old.physical.id,
        "ResourceType": old.cf_resource_type,
        "Scope": [],
        "Details": [],
    }


@dataclass(frozen=True)
class _Causes:
    """What else changes: parameters, and resources that are modified or added."""

    parameters: set[str]
    modified: Mapping[str, _Modified]
    added: set[str]

    def of_same(self, value: Any) -> Iterator[dict[str, str]]:
        """Yield why an expression that is the same in both templates may have another value."""
        named = [*dict.fromkeys(references(value))]
        entities = [each.name for each in named if not each.attribute and each.name in self.parameters]
        if entities:
            yield {"Evaluation": "Dynamic", "ChangeSource": "DirectModification"}
        for entity in entities:
            yield {"Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": entity}
        for each in named:
            if (other := self.modified.get(each.name)) and (each.attribute or other.replacement != "False"):
                yield {"Evaluation": "Dynamic", **_of_resource(each)}

    def of_other(self, value: Any) -> Iterator[dict[str, str]]:
        """Yield why an expression has another value that the template changes."""
        named = [each for each in dict.fromkeys(references(value)) if not each.name.startswith("AWS::")]
        yield {"Evaluation": "Dynamic" if named else "Static", "ChangeSource": "DirectModification"}
        for each in named:
            if each.name in self.parameters and not each.attribute:
                yield {"Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": each.name}
            elif each.name in self.added:
                yield {"Evaluation": "Static", **_of_resource(each)}


def _of_resource(each: Reference) -> dict[str, str]:
    if each.attribute:
        return {"ChangeSource": "ResourceAttribute", "CausingEntity": f"{each.name}.{each.attribute}"}
    return {"ChangeSource": "ResourceReference", "CausingEntity": each.name}


def _details(
    kind: ResourceType, before: Mapping[str, Any], after: Mapping[str, Any], causes: _Causes
) -> Iterator[dict[str, Any]]:
    old, new = before.get("Properties", {}), after.get("Properties", {})
    for name in _keys(old, new):
        if name == _TAGS:
            target = {"Attribute": _TAGS, "RequiresRecreation": "Never"}
        else:
            recreation = "Always" if name in (kind.name_property, *kind.replaced_by) else "Never"
            target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
        same = old.get(name) == new.get(name)
        for cause in causes.of_same(new[name]) if same else causes.of_other(new.get(name)):
            yield {"Target": target, **cause}
    for name in _ATTRIBUTES:
        if before.get(name) != after.get(name):
            for cause in causes.of_other(after.get(name)):
                yield {"Target": {"Attribute": name, "RequiresRecreation": "Never"}, **cause}


def _keys(*mappings: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))
