"""What stories are made of."""

from lambdas.gate.state.fact import Kind
from tests.e2e.endpoint import Line


def approved(version: int) -> Line:
    return Kind.APPROVAL_SEEN, None, version


def revoked(version: int) -> Line:
    return Kind.APPROVAL_REVOKED, None, version


def opened(version: int, purpose: str = "update") -> Line:
    return Kind.ATTEMPT_OPENED, purpose, version


def accepted(version: int) -> Line:
    return Kind.ATTEMPT_ACCEPTED, None, version


def closed(version: int, outcome: str) -> Line:
    return Kind.ATTEMPT_CLOSED, outcome, version


def held(version: int | None) -> Line:
    return Kind.HELD, None, version


def alert(version: int | None = None) -> Line:
    return Kind.ALERT, None, version


SPEC_CHANGED: Line = (Kind.SPEC_CHANGED, None, None)


def attempt(version: int, outcome: str = "succeeded", purpose: str = "update") -> list[Line]:
    """The three rows of an attempt during which nothing else happened."""
    return [opened(version, purpose), accepted(version), closed(version, outcome)]


def deployed(version: int, outcome: str = "succeeded") -> list[Line]:
    """Approved, and rolled out."""
    return [approved(version), *attempt(version, outcome)]


FIRST = [approved(1), *attempt(1, purpose="create")]
"""The story of an endpoint that serves its first version."""
