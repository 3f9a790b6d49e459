"""Severities: how soon a notification needs a person. Pure."""

from enum import StrEnum

from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.rung import RungEnd


class Severity(StrEnum):
    """The value of the message attribute `severity`."""

    INFO = "info"
    """Nothing needs to be done."""
    WARNING = "warning"
    """Something did not go as planned, or somebody stepped in. Read it today."""
    CRITICAL = "critical"
    """A person is needed now."""


_OUTCOMES = {
    Outcome.SUCCEEDED: Severity.INFO,
    Outcome.ROLLED_BACK: Severity.WARNING,
    Outcome.FAILED: Severity.WARNING,
    Outcome.ABORTED: Severity.INFO,
    Outcome.SHADOWED: Severity.INFO,
    Outcome.SUPERSEDED: Severity.WARNING,
}
_KINDS = {
    Kind.APPROVAL_AWAITED: Severity.INFO,
    Kind.APPROVAL_SEEN: Severity.INFO,
    Kind.APPROVAL_OVERTAKEN: Severity.INFO,
    Kind.APPROVAL_REVOKED: Severity.INFO,
    Kind.ABORT_ORDERED: Severity.INFO,
    Kind.ABORT_REQUESTED: Severity.INFO,
    Kind.CONTENT_RESTORED: Severity.INFO,
    Kind.RESUMED: Severity.INFO,
    Kind.RETRY_REQUESTED: Severity.INFO,
    Kind.APPROVER_DISPUTED: Severity.CRITICAL,
    Kind.ALERT: Severity.CRITICAL,
}
"""Every other kind is a warning, but for the end of a shadow."""
_AS_PLANNED = (RungEnd.PASSED, RungEnd.NOT_ASKED)
"""The ends of a shadow after which its version is rolled out, and for which nobody stepped in."""


def severity(row: Row) -> Severity:
    """Return how soon the row's notification needs a person."""
    kind = row.fact.kind
    if kind is Kind.SHADOW_ENDED:
        return Severity.INFO if row.fact.detail.get("end") in _AS_PLANNED else Severity.WARNING
    if kind is Kind.ATTEMPT_CLOSED:
        return _OUTCOMES.get(row.fact.detail.get("outcome", ""), Severity.WARNING)
    return _KINDS.get(kind, Severity.WARNING)
