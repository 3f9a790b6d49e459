"""What people are to do about a row of the ledger, and so which rows they are told of. Pure."""

from lambdas.gate.attempt import Outcome, Purpose
from lambdas.gate.fact import Kind, Row

_STORY = "What happened before: python -m ops story {endpoint}"
_OUTCOMES = {
    Outcome.SUCCEEDED: "Nothing. The version is live; its standing alarms watch it from now on.",
    Outcome.ROLLED_BACK: (
        "What was live before is live again, and this approval is not tried again. Read the evidence and the model's "
        "log group /aws/sagemaker/Endpoints/{endpoint}, then approve a corrected version. If the version was "
        "not at fault: python -m ops retry {endpoint} {number} --reason WHY"
    ),
    Outcome.FAILED: (
        "What was live before, if anything, still is. A cause that may pass is tried again by itself; an alert "
        "follows where it is given up. " + _STORY
    ),
    Outcome.ABORTED: "Nothing. The rollout was stopped as asked; what was live before is live again.",
    Outcome.SUPERSEDED: (
        "Somebody else changed the endpoint during the rollout; settle with them what it should serve, and approve "
        "that version again."
    ),
}
_KINDS = {
    Kind.APPROVAL_REFUSED: "Mend what the gate refused, then approve the version again.",
    Kind.ABORT_REQUESTED: "Nothing yet. SageMaker rolls back when it sees the abort alarm; the outcome follows.",
    Kind.HELD: "It goes on by itself once the reason is gone. If it was paused: python -m ops resume {endpoint}",
    Kind.ALERT: "A person is needed; do what is said above. " + _STORY,
    Kind.CHANGED_BY_HAND: (
        "Approval Gate reports this and does not undo it. Find out who did it and why; the next approval is rolled "
        "out over it. To have a version that was approved before, approve it again."
    ),
    Kind.RESUMED: "Nothing. What was held meanwhile is looked at now.",
    Kind.RETRY_REQUESTED: "Nothing. The version is tried once more; the outcome follows.",
}
_OVERTAKEN = "Nothing, if what came later is right. To have this version all the same, approve it again."
_REVERT = "Nothing yet. The last good version is on its way back; the outcome follows."


def advise(row: Row) -> str | None:
    """None where the row is of no concern to people."""
    text = _text(row)
    number = row.fact.version.rsplit("/", 1)[-1] if row.fact.version else "VERSION"
    return text and text.format(endpoint=row.endpoint, number=number)


def _text(row: Row) -> str | None:
    detail = row.fact.detail
    match row.fact.kind:
        case Kind.ATTEMPT_CLOSED:
            return _OUTCOMES.get(detail.get("outcome", ""), _STORY)
        case Kind.ATTEMPT_OPENED:
            return _REVERT if detail.get("purpose") == Purpose.REVERT else None
        case Kind.APPROVAL_SEEN:
            return _OVERTAKEN if detail.get("overtaken_by") else None
        case kind:
            return _KINDS.get(kind)
