"""The order in which a template's resources are created: each after the resources that it names.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
"""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

_SUBSTITUTED = re.compile(r"\$\{([^!][^}]*)\}")


class CircularError(ValueError):
    """Some resources depend on each other."""


def in_order(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the logical ids, dependencies first, otherwise in the template's order. Raises CircularError."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, resource in resources.items():
        sorter.add(name, *(found for found in dependencies(resource) if found in resources))
    try:
        return list(sorter.static_order())
    except CycleError as error:
        names = ", ".join(dict.fromkeys(error.args[1]))
        raise CircularError(f"Circular dependency between resources: [{names}]") from error


def dependencies(resource: Mapping[str, Any]) -> set[str]:
    """Return the names in a resource's Ref, Fn::GetAtt, Fn::Sub and DependsOn: resources, parameters and pseudo
    parameters."""
    explicit = resource.get("DependsOn", [])
    named = {each.name for each in references(resource.get("Properties", {}))}
    return {*named, *([explicit] if isinstance(explicit, str) else explicit)}


class Reference(NamedTuple):
    """A resource or parameter that an expression names. `attribute`: the one that is read; empty for Ref."""

    name: str
    attribute: str = ""


def references(value: Any) -> Iterator[Reference]:
    """Yield what the Ref, Fn::GetAtt and Fn::Sub of an expression name."""
    if isinstance(value, list):
        for element in value:
            yield from references(element)
    if not isinstance(value, dict):
        return
    for key, element in value.items():
        match key:
            case "Ref":
                yield Reference(element)
            case "Fn::GetAtt":
                yield Reference(*(element if isinstance(element, list) else element.split(".", 1)))
            case "Fn::Sub":
                text = element[0] if isinstance(element, list) else element
                yield from (Reference(*name.split(".", 1)) for name in _SUBSTITUTED.findall(text))
                yield from references(element[1:] if isinstance(element, list) else [])
            case _:
                yield from references(element)
