"""How a row of the ledger is told: as an event on the bus and, where people care, as a message. Pure.

`docs/events.md` documents both for their readers.
"""

from datetime import UTC, datetime
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.approval import version_label
from lambdas.gate.fact import Kind, Row
from lambdas.publisher import grounds
from lambdas.publisher.advice import advise
from lambdas.publisher.instant import iso

DETAIL_BYTES = 250_000
"""Room for an event's Detail: the user guide limits an entry to 256 KB, its other parts stay far below 6 KB.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""
SUBJECT_LENGTH = 99
"""SNS takes subjects of "less than 100 characters".
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""


def event(row: Row) -> dict[str, Any]:
    """The entry of a PutEvents request for the default bus."""
    fact = row.fact
    detail = {
        "endpoint": row.endpoint,
        "number": row.number,
        "kind": fact.kind.value,
        "at": iso(fact.at),
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
    advice = advise(row)
    if advice is None:
        return None
    fact = row.fact
    label = version_label(fact.version) if fact.version else ""
    where = "all endpoints" if row.endpoint == names.ALL else row.endpoint
    attributes = {"endpoint": row.endpoint, "kind": fact.kind.value}
    if fact.kind is Kind.ATTEMPT_CLOSED and "outcome" in fact.detail:
        attributes["outcome"] = str(fact.detail["outcome"])
    return {
        "TopicArn": topic_arn,
        "Subject": _subject(f"{where}: {_headline(row)} {label}".rstrip()),
        "Message": _body(row, topic_arn, advice),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }


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
    where = "all endpoints" if row.endpoint == names.ALL else f"endpoint {row.endpoint}"
    lines = [
        fact.summary,
        "",
        f"What:   {_words(fact.kind.value)}",
        f"Where:  {where} (account {account}, {region})",
        f"Who:    {fact.who}",
        f"When:   {iso(fact.at)}",
    ]
    if fact.version:
        lines.append(f"Which:  {fact.version}")
    return "\n".join(
        (
            *lines,
            *grounds.section(fact.detail),
            "",
            "What to do:",
            f"  {advice}",
            "",
            f"Row {row.number} of the endpoint's ledger.",
        )
    )


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
