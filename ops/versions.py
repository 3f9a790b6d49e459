"""The versions that people ask about: how people write one, which one it is on an endpoint, and where it stands."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import click

from lambdas.gate import names
from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.aws.registry import Registry
from lambdas.gate.state.approval import (
    is_version,
    version_group,
    version_label,
    version_number,
    version_prefix,
)
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Package
from ops.account import Account
from ops.errors import Exit, Refused
from ops.options import Text

_NAMED = re.compile(rf"(?:(?P<group>{names.ENDPOINT_NAME})/)?(?P<number>[1-9][0-9]{{0,9}})")
"""A number, or GROUP/number. The names of groups and of endpoints have the same pattern."""
_SHOWN = 60
"""How much of a text that is no version is shown."""


@dataclass(frozen=True)
class Asked:
    """A version as it was asked for. `group`, `arn`: None if they were not given."""

    number: int
    group: str | None = None
    arn: str | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the version that a number, GROUP/number or ARN names. Raises ValueError for any other text."""
        if is_version(text):
            return cls(version_number(text), version_group(text), text)
        found = _NAMED.fullmatch(text)
        if found is None:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            raise ValueError(f"{shown!r} is no version. Give its number, such as 3, GROUP/number, or its ARN.")
        return cls(int(found["number"]), found["group"])

    def __str__(self) -> str:
        if self.arn is not None:
            return self.arn
        return str(self.number) if self.group is None else f"{self.group}/{self.number}"

    def names(self, version: str, group: str | None) -> bool:
        """True if this is the version with that ARN. `group`: the one that a number alone is of. Case does not matter,
        because SageMaker's ARNs have the group in lower case."""
        if self.arn is not None:
            return self.arn.lower() == version.lower()
        wanted = self.group or group or ""
        return (self.number, wanted.lower()) == (version_number(version), version_group(version).lower())


class _Version(Text):
    name = "version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return Asked.read(super().convert(value, param, ctx))
        except ValueError as error:
            self.fail(str(error), param, ctx)


VERSION = _Version()


def resolve(account: Account, endpoint: str, asked: Asked, head: Head | None, known: Iterable[str]) -> str:
    """Return the ARN of the version that is asked for on an endpoint, as AWS writes it if the ledger has it.

    `known`: the ARNs of the versions in the endpoint's ledger. A number alone is of the group that the endpoint
    follows. Raises Refused if the version cannot be one of the endpoint, or if the endpoint's group cannot be read.
    """
    known = tuple(known)
    # A destroyed stack has no spec, and a head of an earlier release no prefix.
    prefixes = (head.prefix if head else "", *map(version_prefix, reversed(known)))
    before = next((version_group(f"{prefix}1") for prefix in prefixes if prefix), None)
    group = account.group(endpoint) or before
    for version in known:
        if asked.names(version, group):
            return version
    if group is None:
        raise Refused(f"The model package group of {endpoint} cannot be read from its spec.", Exit.UNREADABLE)
    if asked.group is not None and asked.group.lower() != group.lower():
        raise Refused(f"{asked} is of another group: {endpoint} follows {group}.", Exit.WRONG_CALL)
    alike = (prefix for prefix in prefixes if prefix and version_group(f"{prefix}1").lower() == group.lower())
    own = f"{next(alike, None) or account.version_prefix(group)}{asked.number}"
    if asked.arn is not None and asked.arn.lower() != own.lower():
        said = f"{asked} is of another account or Region: on {endpoint}, version {asked.number} is {own}."
        raise Refused(said, Exit.WRONG_CALL)
    return own


@dataclass(frozen=True)
class Standing:
    """Where a version stands. `exit`: the exit code of a command about it; None if it is Approved, or was known and is
    deleted. `text`: says so."""

    exit: Exit | None
    text: str = ""


def standing(account: Account, version: str, head: Head | None, *, is_known: bool) -> Standing:
    """Return where a version stands: by the ledger if it knows the version as Approved, otherwise by the registry.
    `is_known`: True if the endpoint's ledger is about it."""
    if head is not None and head.prefix.lower() == version_prefix(version).lower() and head.is_approved(version):
        return Standing(None)
    label = version_label(version)
    try:
        package = described(account, version)
    except FAILURES as error:
        return Standing(Exit.UNREADABLE, f"The registry does not say where {label} stands: {error}")
    if package is None:
        nowhere = f"There is no version {label}: neither the registry nor the ledger has it."
        return Standing(None) if is_known else Standing(Exit.NEVER_HEARD_OF, nowhere)
    match package.approval_status:
        case "Approved":
            return Standing(None)
        case "Rejected":
            return Standing(Exit.REJECTED, f"{label} is rejected.")
        case _:
            return Standing(Exit.PENDING, f"{label} is pending: it waits for a reviewer to approve or reject it.")


def described(account: Account, version: str) -> Package | None:
    """Return the version; None if it does not exist. SageMaker writes the group in lower case into some ARNs, and the
    ledger knows AWS's spelling only of versions that were approved."""
    registry = Registry(account.client("sagemaker"))
    spelled = (registry.describe(each) for each in dict.fromkeys((version, version.lower())))
    return next((package for package in spelled if package is not None), None)


def of_head(head: Head | None) -> tuple[str, ...]:
    """Return the ARNs of the versions whose approvals the head knows."""
    if head is None:
        return ()
    return tuple(dict.fromkeys(each.version for each in (*head.known_approvals, *head.acted_on)))
