"""Advice: what people should do about a row of the ledger. A notification is sent for every row that has one. Pure."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.policy.checks import is_overridable
from lambdas.gate.policy.verdict import Result
from lambdas.gate.spec.judge import JudgeMode
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.rung import RungEnd

_STORY = "To see what happened before: approval-gate story {endpoint}"
_SHADOW_FAILED = (
    "No caller got an answer from the version. The live version stays live, and the shadow is removed. The approval "
    "is not tried again: approve a corrected version. If the version was not at fault: approval-gate retry "
    "{endpoint} {number} --reason WHY. docs/shadow.md explains the verdict."
)
_OUTCOMES = {
    Outcome.SUCCEEDED: (
        "Nothing. The version is live. If one of its alarms fires within the watch window, Approval Gate reverts to "
        "the last good version."
    ),
    Outcome.ROLLED_BACK: (
        "The former version is live again, and this approval is not tried again. Read the evidence and the model's "
        "log group /aws/sagemaker/Endpoints/{endpoint}, then approve a corrected version. If the version was not at "
        "fault: approval-gate retry {endpoint} {number} --reason WHY"
    ),
    Outcome.FAILED: (
        "The endpoint serves what it served before. Temporary failures are retried automatically; you get an alert "
        "if the retries are exhausted. " + _STORY
    ),
    Outcome.ABORTED: (
        "Nothing. The rollout was stopped, and the former version is live. This version is rolled out only after a "
        "new approval. If an operator ordered the abort, you can also run: approval-gate retry {endpoint} {number} "
        "--reason WHY"
    ),
    Outcome.SHADOWED: (
        "Nothing. The version gets copies of requests and answers no caller. You get a notification when that ends. "
        "To stop it: approval-gate abort {endpoint} --reason WHY"
    ),
    Outcome.SUPERSEDED: (
        "Somebody else changed the endpoint during the rollout. Find out who, agree which version should serve, and "
        "approve that version again."
    ),
}
_KINDS = {
    Kind.APPROVAL_AWAITED: (
        "Review the version, and decide: approval-gate approve {endpoint} {number} --comment WHY, or approval-gate "
        "reject {endpoint} {number} --comment WHY. If the gate names approvers, they are listed below."
    ),
    Kind.APPROVAL_OVERDUE: (
        "Find out whether anybody reviews the version, and decide: approval-gate approve {endpoint} {number} "
        "--comment WHY, or approval-gate reject {endpoint} {number} --comment WHY. You get this once for the version."
    ),
    Kind.APPROVAL_REFUSED: (
        "Register a new version and have it approved: another approval of this one does not help. Only if the reason "
        "says so, approve this version again if its present content is right."
    ),
    Kind.ABORT_ORDERED: (
        "Nothing yet. The deployer asks SageMaker to roll back. You get a notification of that, and of the outcome."
    ),
    Kind.ABORT_REQUESTED: (
        "Nothing yet. SageMaker rolls back when it sees the abort alarm. You get a notification of the outcome."
    ),
    Kind.HELD: (
        "The approval continues automatically when the reason is gone. If the endpoint is paused: approval-gate "
        "resume {endpoint}"
    ),
    Kind.ALERT: "A person is needed: do what the text above says. " + _STORY,
    Kind.CONTENT_RESTORED: "Nothing. Find out who changed the content and who put it back. " + _STORY,
    Kind.CHANGED_BY_HAND: (
        "Approval Gate reports a manual change and does not undo it. Find out who made it and why. The next approval "
        "replaces it. To roll out a version that was approved before, approve it again."
    ),
    Kind.ENDPOINT_DELETED: "Nothing. The endpoint never served. The next approval creates it again. " + _STORY,
    Kind.RESUMED: "Nothing. Approvals that were on hold are reconciled now.",
    Kind.RESTORED: (
        "The endpoint is reconciled again from what the rows say. Find out who changed the table: CloudTrail's data "
        "events of the table name the caller. " + _STORY
    ),
    Kind.PROMOTION_ORDERED: (
        "Nothing, if this is right. The version is rolled out next, unless the copies until now show it worse or "
        "cannot be read. To stop it: approval-gate abort {endpoint} --reason WHY"
    ),
    Kind.RETRY_REQUESTED: "Nothing. The version is tried once more. You get a notification of the outcome.",
    Kind.ROLLBACK_ORDERED: (
        "Nothing yet. The good version is rolled out next, and you get a notification of the outcome. The former "
        "live version stays in quarantine. To roll it out again: approval-gate retry {endpoint} {number} --reason WHY"
    ),
    Kind.OVERRIDDEN: (
        "Nothing, if this override is right. Otherwise reject the version: the former version stays live, or "
        "Approval Gate reverts to the last good version."
    ),
    Kind.APPROVER_DISPUTED: (
        "The registry and CloudTrail name different approvers. Ask both people whether they approved the version. If "
        "one of them did, have it approved again. If in doubt, reject it: if it is live, Approval Gate reverts to "
        "the last good version. " + _STORY
    ),
}
_SHADOW_GOES_ON = "Nothing. The version is rolled out once nothing holds it. You get a notification of the outcome."
_SHADOW_ENDS = {
    RungEnd.PASSED: _SHADOW_GOES_ON,
    RungEnd.PROMOTED: _SHADOW_GOES_ON,
    RungEnd.NOT_ASKED: _SHADOW_GOES_ON,
    RungEnd.WORSE: _SHADOW_FAILED,
    RungEnd.DIFFERING: _SHADOW_FAILED,
    RungEnd.UNPROVEN: _SHADOW_FAILED,
    RungEnd.ABORTED: _SHADOW_FAILED,
    RungEnd.FROZEN: "Nothing. The version becomes the shadow again once the freeze is over.",
    RungEnd.SETTINGS_CHANGED: "Nothing. The version becomes the shadow again once the settings are rolled out.",
    RungEnd.LIVE_REPLACED: "Nothing yet. You get a notification of what replaces the live version. " + _STORY,
    RungEnd.CHANGED_MANUALLY: (
        "Find out who changed the endpoint. A version that was approved before that is not rolled out: approve it "
        "again."
    ),
    RungEnd.ADOPTED_ANEW: (
        "The version is not rolled out: approve it again. If the endpoint still has the shadow, an alert says so. "
    )
    + _STORY,
}
_SHADOW_OVER = "Nothing. The shadow is removed, or the later version becomes the shadow."
_UNCONFIRMED = (
    "The live version was not replaced, because the person who revoked it is no approver. If the revocation is "
    "right, an approver sets the version's status again, for example to Rejected: then the last good version is "
    "restored. If the version was deleted, approve another version. If the revocation is wrong, an approver approves "
    "the version again. " + _STORY
)
_ONCE_MORE = (
    "Nothing yet. The former version is live again. One bad instance makes a whole fleet worse, so the same approval "
    "is tried once more on a new fleet. If that one is worse too, the approval is not tried again. " + _STORY
)
_OBSERVED = (
    "Nothing was stopped, because the entry's judge.mode is observe. If the version is at fault, reject it: then the "
    "last good version stays live, or is restored. To let the judge do that, write into the entry: judge: {{mode: "
    "revert}}. docs/judge.md explains the verdict."
)
_OBSERVED_SLOWER = (
    "Nothing was stopped, because the entry only observes the latency. If the version is too slow, reject it: then "
    "the last good version stays live, or is restored. To let the judge do that, write into the entry: judge: "
    "{{mode: revert, latency: revert}}."
)
_ALL_PAUSED = "No rollout starts on any endpoint until: approval-gate resume --all"
_SHUT = (
    "Fix what the text above names, and the rollout continues automatically. A check about people needs a new "
    "approval by another person. Or let this approval pass, which is recorded: approval-gate override {endpoint} "
    "{number} --check NAME --reason WHY, where NAME is {check}"
)
_SHUT_FOR_ALL = (
    "Fix what the text above names. The approval continues automatically then. Nobody can override this check."
)
_ANSWERS_WRONG = (
    "The version stays live. If the version is at fault, reject it, which restores the last good version. If the "
    "golden requests are at fault, correct their file and deploy. " + _STORY
)
_UNHEARD = (
    "The version stays live. Its answers to golden requests are not known: the log group /aws/lambda/{prober} says "
    "why. If in doubt, reject the version, which restores the last good version. " + _STORY
)
_UNPROVED = "Deploy the stack ApprovalGate-{endpoint}: make deploy. Until then no result of golden requests counts."
_OVERTAKEN = "Nothing, if the later version or change is right. To roll out this version anyway, approve it again."
_WAIT_IS_OVER = (
    "Nothing. You were notified that this approval waits. It does not wait any more, and the endpoint did not "
    "change. If nobody decided so, look for a tool that sets ModelApprovalStatus again at each run, and take the "
    "status out of its definition."
)
_REVERT = (
    "Nothing yet. The last good version is being rolled out again. You get a notification of the outcome. If the "
    "version was revoked and nobody decided so, look for a tool that sets ModelApprovalStatus again at each run, and "
    "take the status out of its definition."
)


_SETTINGS_BACK = (
    "Nothing yet. The live version is being rolled out again with its former settings. You get a notification of the "
    "outcome."
)
_SETTINGS_WORSE = (
    "Nothing yet. The version is not at fault, and gets its former settings back. The settings of its entry are not "
    "tried again until the entry or the version changes, or until: approval-gate retry {endpoint} {number} --reason "
    "WHY"
)


def advise(row: Row) -> str | None:
    """Return the advice for a row; None if no notification is sent for it."""
    text = _text(row)
    number = row.fact.version.rsplit("/", 1)[-1] if row.fact.version else "VERSION"
    check = " or ".join(_overridable(row.fact.detail))
    return text and text.format(endpoint=row.endpoint, number=number, check=check, prober=names.prober(row.endpoint))


def _text(row: Row) -> str | None:
    detail = row.fact.detail
    match row.fact.kind:
        case Kind.ATTEMPT_CLOSED if detail.get("outcome") == Outcome.ABORTED and detail.get("tried_again_at"):
            return _ALL_PAUSED
        case Kind.ATTEMPT_CLOSED if detail.get("outcome") == Outcome.ROLLED_BACK and detail.get("tried_again_at"):
            return _ONCE_MORE
        case Kind.ATTEMPT_CLOSED if detail.get("restores_settings"):
            return _SETTINGS_WORSE
        case Kind.ATTEMPT_OPENED if detail.get("restores_settings"):
            return _SETTINGS_BACK
        case Kind.SHADOW_ENDED:
            return _SHADOW_ENDS.get(detail.get("end", ""), _SHADOW_OVER)
        case Kind.JUDGED:
            return _observed(detail)
        case Kind.ATTEMPT_CLOSED:
            return _OUTCOMES.get(detail.get("outcome", ""), _STORY)
        case Kind.ATTEMPT_OPENED:
            return _REVERT if detail.get("purpose") == Purpose.REVERT else None
        case Kind.HELD | Kind.ABORT_ORDERED if row.endpoint == names.ALL:
            return _ALL_PAUSED
        case Kind.HELD if detail.get("revocation"):
            return _UNCONFIRMED
        case Kind.HELD if _overridable(detail):
            return _SHUT
        case Kind.HELD if _shut(detail):
            return _SHUT_FOR_ALL
        case Kind.ALERT if (detail.get("golden_requests") or {}).get("counts") is False:
            return _UNPROVED
        case Kind.ALERT if (detail.get("golden_requests") or {}).get("heard") is False:
            return _UNHEARD
        case Kind.ALERT if detail.get("golden_requests"):
            return _ANSWERS_WRONG
        case Kind.APPROVAL_SEEN | Kind.APPROVAL_OVERTAKEN:
            return _OVERTAKEN if detail.get("overtaken_by") else None
        case Kind.APPROVAL_REVOKED:
            return _WAIT_IS_OVER if detail.get("waited") else None
        case kind:
            return _KINDS.get(kind)


def _observed(detail: dict[str, Any]) -> str | None:
    """Return the advice for a verdict that nothing followed; None if people need not know of it."""
    found, rules = detail.get("comparison") or {}, detail.get("judge") or {}
    if found.get("verdict") == Verdict.WORSE:
        return _OBSERVED if rules.get("mode") == JudgeMode.OBSERVE else None
    is_slower = (found.get("latency") or {}).get("verdict") == Verdict.WORSE
    is_observed = JudgeMode.OBSERVE in (rules.get("mode"), (rules.get("latency") or {}).get("mode"))
    return _OBSERVED_SLOWER if is_slower and is_observed else None


def _overridable(detail: dict[str, Any]) -> list[str]:
    """Return the names of the checks that hold the approval and may be overridden."""
    return [name for name in _shut(detail) if is_overridable(name)]


def _shut(detail: dict[str, Any]) -> list[str]:
    """Return the names of the checks that hold the approval."""
    gate = detail.get("gate") or {}
    return [
        check["name"]
        for check in gate.get("checks", ())
        if not (check["result"] == Result.PASSED or check["advisory"] or check["overridden"])
    ]
