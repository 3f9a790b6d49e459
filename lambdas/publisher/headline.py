"""Headlines: what happened to what, in the words of this product alone. Pure."""

from lambdas.gate import names
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row

_OUTCOMES = {
    Outcome.SUCCEEDED: "{version} is live on {endpoint}",
    Outcome.ROLLED_BACK: "{version} was rolled back on {endpoint}",
    Outcome.FAILED: "the rollout of {version} on {endpoint} failed",
    Outcome.ABORTED: "the rollout of {version} on {endpoint} was stopped",
    Outcome.SHADOWED: "{version} is the shadow of {endpoint}, and gets copies of its requests",
    Outcome.SUPERSEDED: "somebody else changed {endpoint} during the rollout of {version}",
}
_KINDS = {
    Kind.APPROVAL_AWAITED: "{version} waits for an approval for {endpoint}",
    Kind.APPROVAL_OVERDUE: "{version} waits longer than usual for an approval for {endpoint}",
    Kind.APPROVAL_SEEN: "{version} was overtaken, and is not rolled out on {endpoint}",
    Kind.APPROVAL_OVERTAKEN: "{version} was overtaken, and is not rolled out on {endpoint} any more",
    Kind.APPROVAL_REVOKED: "{version} is not approved any more, and does not wait for {endpoint} any more",
    Kind.APPROVAL_REFUSED: "{version} was refused for {endpoint}",
    Kind.APPROVER_DISPUTED: "AWS names two approvers of {version} for {endpoint}",
    Kind.ATTEMPT_OPENED: "a revert of {endpoint} to {version} has begun",
    Kind.ABORT_ORDERED: "an operator ordered to stop the rollout of {version} on {endpoint}",
    Kind.ABORT_REQUESTED: "SageMaker was asked to stop the rollout of {version} on {endpoint}",
    Kind.PROMOTION_ORDERED: "an operator ordered to roll out {version} on {endpoint} before its shadow is over",
    Kind.SHADOW_ENDED: "{version} is no longer the shadow on {endpoint}",
    Kind.JUDGED: "{version} is worse than the live version of {endpoint}",
    Kind.HELD: "{version} is on hold for {endpoint}",
    Kind.ALERT: "{endpoint} needs your attention because of {version}",
    Kind.CONTENT_RESTORED: "{version} loads again what was approved for {endpoint}",
    Kind.CHANGED_BY_HAND: "somebody changed {endpoint} manually",
    Kind.ENDPOINT_DELETED: "the janitor deleted {endpoint}, whose creation had failed",
    Kind.RESUMED: "an operator resumed {endpoint}",
    Kind.RETRY_REQUESTED: "an operator asked for another try of {version} on {endpoint}",
    Kind.ROLLBACK_ORDERED: "an operator ordered a rollback from {version} on {endpoint}",
    Kind.OVERRIDDEN: "an operator let {version} pass a check for {endpoint}",
    Kind.RESTORED: "an operator restored the state of {endpoint} from its ledger",
}
_WITHOUT_VERSION = {
    Kind.HELD: "rollouts are on hold for {endpoint}",
    Kind.ALERT: "{endpoint} needs your attention",
    Kind.ABORT_ORDERED: "an operator ordered to stop the rollout on {endpoint}",
}


def place(endpoint: str) -> str:
    """Return the endpoint in words. One name stands for all endpoints."""
    return "all endpoints" if endpoint == names.ALL else f"the endpoint {endpoint}"


def headline(row: Row) -> str:
    """Return what happened to what, as a sentence."""
    fact = row.fact
    label = version_label(fact.version) if fact.version else ""
    pattern = _pattern(row, has_version=bool(label))
    text = pattern.format(version=label or "a version", endpoint=place(row.endpoint))
    if label and pattern.startswith("{version}"):
        return f"{text}."  # A group's name is written as AWS has it.
    return f"{text[:1].upper()}{text[1:]}."


def subject_words(row: Row) -> str:
    """Return the outcome or the kind as the subject has it. The runbooks are ordered by these words."""
    if row.fact.kind is Kind.ATTEMPT_OPENED:
        return "going back to"
    return entry(row)


def entry(row: Row) -> str:
    """Return the heading of the row's entry in the runbooks, in lower case."""
    closed = row.fact.kind is Kind.ATTEMPT_CLOSED
    name = str(row.fact.detail.get("outcome", "attempt closed")) if closed else row.fact.kind.value
    return name.replace("_", " ")


def _pattern(row: Row, *, has_version: bool) -> str:
    kind = row.fact.kind
    if kind is Kind.ATTEMPT_CLOSED:
        return _OUTCOMES.get(row.fact.detail.get("outcome", ""), "a rollout of {version} on {endpoint} ended")
    if not has_version and kind in _WITHOUT_VERSION:
        return _WITHOUT_VERSION[kind]
    return _KINDS.get(kind, f"{kind.value.replace('_', ' ')} of {{version}} on {{endpoint}}")
