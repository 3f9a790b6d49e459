"""Who calls the registry: people, tools and the publisher, by their ARNs."""

import hashlib
from functools import cache
from typing import Any

from lambdas.gate import names
from simulation.world.registry import ACCOUNT, HERE, REGION
from world.call import Caller, Role
from world.registry.package import Package

AUTHOR = f"arn:aws:iam::{ACCOUNT}:user/data-scientist"
"""The person who registers versions."""
REVIEWER = f"arn:aws:iam::{ACCOUNT}:user/reviewer"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:user/operator"
"""The person who gives orders."""
TOOL, DEPLOYER_ARN, PROBER_ARN, COMPARER_ARN, PUBLISHER_ARN = (
    f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{role}"
    for role in (
        "tool",
        *(
            names.function_role(REGION, function)
            for function in (
                names.DEPLOYER,
                names.prober("fraud-detection"),
                names.comparer("fraud-detection"),
                names.PUBLISHER,
            )
        ),
    )
)
"""A tool of somebody, and the functions, each in a session of its role."""
STRANGER = f"arn:aws:iam::{ACCOUNT}:user/mallory"
"""A person who calls nothing, and whom only forged messages name."""
NOBODY = "nobody"
"""A person whose name SageMaker does not give."""


@cache
def caller(arn: str) -> Caller | None:
    """Return the caller with this ARN; None for NOBODY. All sessions of a role share the first part of the
    PrincipalId."""
    if arn == NOBODY:
        return None
    kind, *name = arn.rpartition(":")[2].split("/")
    unique = hashlib.sha256(name[0].encode()).hexdigest()[:16].upper()
    if kind != "assumed-role":
        return Caller(arn, f"AIDA{unique}")
    role = Role(f"arn:aws:iam::{ACCOUNT}:role/{name[0]}", f"AROA{unique}", name[0])
    return Caller(arn, f"{role.id}:{name[1]}", role)


def role_id(arn: str) -> str:
    """Return the unique id of the role of a session with this ARN."""
    session = caller(arn)
    assert session is not None
    assert session.role is not None
    return session.role.id


def user_context(arn: str) -> dict[str, Any]:
    """Return how SageMaker describes the caller with this ARN."""
    found = caller(arn)
    return found.user_context(HERE) if found else {}


def author(package: Package) -> str:
    """Return the ARN of the person who registered the version."""
    arn: str = package.created_by["IamIdentity"]["Arn"] if package.created_by else NOBODY
    return arn
