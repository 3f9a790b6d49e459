"""The permissions that a request needs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.iam.identity_policy import Context


@dataclass(frozen=True)
class Permission:
    """One action on one resource. The resource is `*` if the action has none, or the sandbox does not know it."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class ApiRequest:
    """A request's operation and parameters, named as in the API, and its account and Region."""

    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str

    def get(self, name: str) -> Any:
        return self.parameters.get(name)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Permissions = Iterator[Permission]
Requires = Callable[[ApiRequest], Permissions]
"""Returns the permissions that one operation needs."""


def same_for(permissions: Requires, *operations: str) -> dict[str, Requires]:
    """Return a table with the same permissions for each operation."""
    return dict.fromkeys(operations, permissions)
