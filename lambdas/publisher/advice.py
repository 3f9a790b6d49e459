"""What people are to do about a row of the ledger, and so which rows they are told of. Pure."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.policy.checks import NOT_TO_BE_OVERRIDDEN
from lambdas.gate.policy.verdict import Result
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind, Row

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
    Outcome.ABORTED: (
        "Nothing. The rollout was stopped as asked; what was live before is live again. The version is not tried again "
        "until it is approved again, or where an operator ordered the abort: python -m ops retry {endpoint} {number} "
        "--reason WHY"
    ),
    Outcome.SUPERSEDED: (
        "Somebody else changed the endpoint during the rollout; settle with them what it should serve, and approve "
        "that version again."
    ),
}
_KINDS = {
    Kind.APPROVAL_REFUSED: (
        "The reason says which: register a new version and have it approved, or approve this version again if what it "
        "is now is right."
    ),
    Kind.ABORT_ORDERED: "Nothing yet. The deployer asks SageMaker for it; that, and the outcome, follow.",
    Kind.ABORT_REQUESTED: "Nothing yet. SageMaker rolls back when it sees the abort alarm; the outcome follows.",
    Kind.HELD: "It goes on by itself once the reason is gone. If it was paused: python -m ops resume {endpoint}",
    Kind.ALERT: "A person is needed; do what is said above. " + _STORY,
    Kind.CHANGED_BY_HAND: (
        "Approval Gate reports this and does not undo it. Find out who did it and why; the next approval is rolled "
        "out over it. To have a version that was approved before, approve it again."
    ),
    Kind.ENDPOINT_DELETED: "Nothing. It never served; an approval creates it again. " + _STORY,
    Kind.RESUMED: "Nothing. What was held meanwhile is looked at now.",
    Kind.RETRY_REQUESTED: "Nothing. The version is tried once more; the outcome follows.",
    Kind.OVERRIDDEN: (
        "Nothing, if this is as it should be. Else reject the version: what was live before stays, or comes back."
    ),
    Kind.APPROVER_DISPUTED: (
        "The registry and the account's trail name different people. Ask both whether they approved the version; if in "
        "doubt reject it, which brings the last good version back, and have it approved again. " + _STORY
    ),
}
_ALL_PAUSED = "No rollout starts on any endpoint until: python -m ops resume --all"
_SHUT = (
    "Mend what is named above, and the version goes by itself; a check of people takes another approval, by another "
    "person. Or let this approval pass, on the record: python -m ops override {endpoint} {number} --check NAME "
    "--reason WHY, NAME being {check}"
)
_ANSWERS_WRONG = (
    "It stays live. If the version is at fault, reject it, which brings the last good version back. If the golden "
    "requests are, correct their file and deploy. " + _STORY
)
_UNHEARD = (
    "It stays live. Nobody knows what it answers to golden requests: the log /aws/lambda/{prober} says what became of "
    "them. If in doubt reject it, which brings the last good version back. " + _STORY
)
_OVERTAKEN = "Nothing, if what came later is right. To have this version all the same, approve it again."
_REVERT = "Nothing yet. The last good version is on its way back; the outcome follows."


def advise(row: Row) -> str | None:
    """None where the row is of no concern to people."""
    text = _text(row)
    number = row.fact.version.rsplit("/", 1)[-1] if row.fact.version else "VERSION"
    check = " or ".join(_shut(row.fact.detail))
    return text and text.format(endpoint=row.endpoint, number=number, check=check, prober=names.prober(row.endpoint))


def _text(row: Row) -> str | None:
    detail = row.fact.detail
    match row.fact.kind:
        case Kind.ATTEMPT_CLOSED:
            return _OUTCOMES.get(detail.get("outcome", ""), _STORY)
        case Kind.ATTEMPT_OPENED:
            return _REVERT if detail.get("purpose") == Purpose.REVERT else None
        case Kind.HELD if row.endpoint == names.ALL:
            return _ALL_PAUSED
        case Kind.HELD if _shut(detail):
            return _SHUT
        case Kind.ALERT if (detail.get("golden_requests") or {}).get("heard") is False:
            return _UNHEARD
        case Kind.ALERT if detail.get("golden_requests"):
            return _ANSWERS_WRONG
        case Kind.APPROVAL_SEEN:
            return _OVERTAKEN if detail.get("overtaken_by") else None
        case kind:
            return _KINDS.get(kind)


def _shut(detail: dict[str, Any]) -> list[str]:
    """The checks that keep the gate shut and can be overridden."""
    gate = detail.get("gate") or {}
    return [
        check["name"]
        for check in gate.get("checks", ())
        if not (check["result"] == Result.PASSED or check["advisory"] or check["overridden"])
        and check["name"] not in NOT_TO_BE_OVERRIDDEN
    ]
