"""A role's trust policy, which has to allow its caller besides the caller's own policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.iam.models import iam_backends

_PARTITION = "aws"


def documents(role_arn: str, principal: str) -> Iterator[Mapping[str, Any]]:
    """Yield the statements about the principal; none if there is no such role, which AWS denies as well."""
    account = role_arn.split(":")[4]
    for role in iam_backends[account][_PARTITION].roles.values():
        if role.arn == role_arn:
            trust = json.loads(role.assume_role_policy_document)
            about = [each for each in _several(trust["Statement"]) if _is_about(each["Principal"], principal)]
            yield {"Statement": [each | {"Resource": "*"} for each in about]}


def _is_about(principals: Any, principal: str) -> bool:
    if principals == "*":
        return True
    named = _several(principals.get("AWS", []))
    account = principal.split(":")[4]
    return any(each in ("*", principal, account, f"arn:{_PARTITION}:iam::{account}:root") for each in named)


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
