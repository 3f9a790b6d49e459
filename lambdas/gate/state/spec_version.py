"""A version of a spec's parameter, as SSM's history has it."""

import hashlib
from dataclasses import dataclass

_DEPLOYED = "/AWSCloudFormation"
"""The end of the ARN of CloudFormation's session of the role that it deploys with. Nobody but CloudFormation can assume
a role that trusts CloudFormation only, such as the CDK's."""


@dataclass(frozen=True)
class SpecVersion:
    """`modified_at`: in seconds since 1970. `value`: the parameter's value. `by`: the ARN that SSM names; None if it
    names nobody."""

    version: int
    modified_at: float
    value: str
    by: str | None = None

    @property
    def is_deployed(self) -> bool:
        """True if CloudFormation wrote it."""
        return (self.by or "").endswith(_DEPLOYED)


def digest(value: str) -> str:
    """Return the hexadecimal SHA-256 of a parameter's value."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
