"""AWS's own managed policies. Each one exists once it is attached; moto would create all 1,500 in every account at
once."""

import functools
import json
from collections.abc import Callable
from typing import Any, Final

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

_ATTACHING: Final = ("attach_role_policy", "attach_user_policy", "attach_group_policy")
_MOTO: Final[dict[str, Callable[..., None]]] = {name: getattr(IAMBackend, name) for name in _ATTACHING}


def serve() -> None:
    """Let AWS's managed policies be attached."""
    for name, attach in _MOTO.items():
        setattr(IAMBackend, name, _attaching(attach))


def _attaching(attach: Callable[..., None]) -> Callable[..., None]:
    def method(backend: Any, policy_arn: str, *args: Any, **kwargs: Any) -> None:
        offered = _offered()
        if policy_arn in offered and policy_arn not in backend.managed_policies:
            name, data = offered[policy_arn]
            policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
            backend.managed_policies[policy_arn] = policy
            backend.aws_managed_policies.append(policy)
        attach(backend, policy_arn, *args, **kwargs)

    return method


@functools.cache
def _offered() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return name and data by ARN."""
    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return {f"arn:aws:iam::aws:policy{data['Path']}{name}": (name, data) for name, data in policies.items()}
