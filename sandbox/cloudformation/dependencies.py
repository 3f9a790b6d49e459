"""The order in which a template's resources are created: each after the resources that it names.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
"""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

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
    return {*_named(resource.get("Properties", {})), *([explicit] if isinstance(explicit, str) else explicit)}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for element in value:
            yield from _named(element)
    if not isinstance(value, dict):
        return
    for key, element in value.items():
        match key:
            case "Ref":
                yield element
            case "Fn::GetAtt":
                yield element[0] if isinstance(element, list) else element.split(".")[0]
            case "Fn::Sub":
                text = element[0] if isinstance(element, list) else element
                yield from (name.split(".")[0] for name in _SUBSTITUTED.findall(text))
                yield from _named(element[1:] if isinstance(element, list) else [])
            case _:
                yield from _named(element)
