"""What a request needs of IAM."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.iam.identity_policy import Context


@dataclass(frozen=True)
class Permission:
    """One action on one resource; `*` where the action has no resource, or none that the sandbox knows."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class ApiRequest:
    """A request's parameters, as the API names them, and where it is made."""

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
"""What one operation needs."""


def same_for(permissions: Requires, *operations: str) -> dict[str, Requires]:
    """The same for each."""
    return dict.fromkeys(operations, permissions)
