"""How a row of the ledger is told: as an event on the bus and, where people care, as a message. Pure.

`docs/events.md` documents both for their readers.
"""

from datetime import UTC, datetime
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.approval import version_label
from lambdas.gate.attempt import Outcome, Purpose
from lambdas.gate.fact import Kind, Row

DETAIL_BYTES = 250_000
"""Room for an event's Detail: the user guide limits an entry to 256 KB, its other parts stay far below 6 KB.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""
SUBJECT_LENGTH = 99
"""SNS takes subjects of "less than 100 characters".
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
EVIDENCE_LINES = 20
EVIDENCE_LENGTH = 500

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
    Outcome.SUPERSEDED: "Somebody else changed the endpoint during the rollout; settle with them what it should serve.",
}
_KINDS = {
    Kind.APPROVAL_REFUSED: "Mend what the gate refused, then approve the version again.",
    Kind.ABORT_REQUESTED: "Nothing yet. SageMaker rolls back when it sees the abort alarm; the outcome follows.",
    Kind.HELD: "It goes on by itself once the reason is gone. If it was paused: python -m ops resume {endpoint}",
    Kind.ALERT: "A person is needed; do what is said above. " + _STORY,
    Kind.CHANGED_BY_HAND: (
        "Approval Gate reports this and does not undo it. Find out who did it and why; the next approval is rolled "
        "out over it."
    ),
    Kind.RESUMED: "Nothing. What was held meanwhile is looked at now.",
    Kind.RETRY_REQUESTED: "Nothing. The version is tried once more; the outcome follows.",
}
_REVERT = "Nothing yet. The last good version is on its way back; the outcome follows."


def event(row: Row) -> dict[str, Any]:
    """The entry of a PutEvents request for the default bus."""
    fact = row.fact
    detail = {
        "endpoint": row.endpoint,
        "number": row.number,
        "kind": fact.kind.value,
        "at": _iso(fact.at),
        "summary": fact.summary,
        "who": fact.who,
        "version": fact.version,
        "evidence": fact.detail,
        "previous": row.previous,
        "hash": row.hash,
    }
    return {
        "Source": names.EVENT_SOURCE,
        "DetailType": detail_type(fact.kind),
        "Time": datetime.fromtimestamp(fact.at, UTC),
        "Resources": [fact.version] if fact.version else [],
        "Detail": _fitting(detail),
    }


def detail_type(kind: Kind) -> str:
    """`Approval Gate Attempt Closed` and its like."""
    return f"Approval Gate {kind.value.replace('_', ' ').title()}"


def message(row: Row, topic_arn: str) -> dict[str, Any] | None:
    """The Publish request to the topic; None where the row is of no concern to people."""
    advice = _advice(row)
    if advice is None:
        return None
    fact = row.fact
    label = version_label(fact.version) if fact.version else ""
    advice = advice.format(endpoint=row.endpoint, number=label.rsplit("/", 1)[-1] or "VERSION")
    attributes = {"endpoint": row.endpoint, "kind": fact.kind.value}
    if fact.kind is Kind.ATTEMPT_CLOSED and "outcome" in fact.detail:
        attributes["outcome"] = str(fact.detail["outcome"])
    return {
        "TopicArn": topic_arn,
        "Subject": _subject(f"{row.endpoint}: {_headline(row)} {label}".rstrip()),
        "Message": _body(row, topic_arn, advice),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }


def _advice(row: Row) -> str | None:
    detail = row.fact.detail
    match row.fact.kind:
        case Kind.ATTEMPT_CLOSED:
            return _OUTCOMES.get(detail.get("outcome", ""), _STORY)
        case Kind.ATTEMPT_OPENED:
            return _REVERT if detail.get("purpose") == Purpose.REVERT else None
        case kind:
            return _KINDS.get(kind)


def _headline(row: Row) -> str:
    match row.fact.kind:
        case Kind.ATTEMPT_CLOSED:
            return _words(str(row.fact.detail.get("outcome", "attempt closed")))
        case Kind.ATTEMPT_OPENED:
            return "going back to"
        case kind:
            return _words(kind.value)


def _body(row: Row, topic_arn: str, advice: str) -> str:
    fact = row.fact
    region, account = topic_arn.split(":")[3:5]
    lines = [
        fact.summary,
        "",
        f"What:   {_words(fact.kind.value)}",
        f"Where:  endpoint {row.endpoint} (account {account}, {region})",
        f"Who:    {fact.who}",
        f"When:   {_iso(fact.at)}",
    ]
    if fact.version:
        lines.append(f"Which:  {fact.version}")
    evidence = [f"  {_words(name)}: {_shown(name, value)}" for name, value in fact.detail.items() if value]
    if evidence:
        lines += ["Why:", *evidence[:EVIDENCE_LINES]]
    return "\n".join((*lines, "", "What to do:", f"  {advice}", "", f"Row {row.number} of the endpoint's ledger."))


def _shown(name: str, value: Any) -> str:
    if name.endswith("_at") and isinstance(value, int | float):
        return _iso(value)
    text = value if isinstance(value, str) else codec.encode(value)
    return text if len(text) <= EVIDENCE_LENGTH else f"{text[:EVIDENCE_LENGTH]} ..."


def _subject(text: str) -> str:
    one_line = " ".join(text.encode("ascii", "replace").decode().split())
    return one_line if len(one_line) <= SUBJECT_LENGTH else f"{one_line[: SUBJECT_LENGTH - 3]}..."


def _fitting(detail: dict[str, Any]) -> str:
    """The detail as JSON, without the largest parts of its evidence where it would be too large for EventBridge; their
    names are in `evidence_cut`."""
    evidence, cut = dict(detail["evidence"]), []
    while len((text := codec.encode(detail)).encode()) > DETAIL_BYTES and evidence:
        largest = max(evidence, key=lambda name: len(codec.encode(evidence[name])))
        del evidence[largest]
        cut.append(largest)
        detail = detail | {"evidence": evidence, "evidence_cut": sorted(cut)}
    return text


def _words(name: str) -> str:
    return name.replace("_", " ")


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
