"""The resource policy of a table: what it denies to a caller, whatever the caller's own policies allow.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from sandbox.iam.identity_policy import Context, UnknownConditionError, Verdict, decide


def documents(resource: str) -> Iterator[Mapping[str, Any]]:
    """Yield the policy of the table, or of the table that an index belongs to. Raises UnknownConditionError if it does
    more than deny something to everybody."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] != "dynamodb":
        return
    arn = "/".join(resource.split("/")[:2])
    policy = dynamodb_backends[parts[4]][parts[3]].resource_policies.get(arn)
    if policy is None:
        return
    document = json.loads(policy.policy_doc)
    for statement in document["Statement"]:
        if statement["Effect"] != "Deny" or statement["Principal"] not in ("*", {"AWS": "*"}):
            raise UnknownConditionError("The sandbox evaluates only Deny statements for everybody in a table's policy.")
    yield document


def denies(action: str, resource: str, principal: str) -> bool:
    """True if the table's policy denies the action to this role."""
    context: Context = {"aws:principalarn": principal}
    return decide(documents(resource), action, resource, context) is Verdict.DENIED_EXPLICITLY
