"""What is published about a row of the ledger: an event on the bus and, for some rows, a notification to people. Pure.

`docs/events.md` documents both for their readers.
"""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.text import one_line, time_text
from lambdas.publisher import evidence_text
from lambdas.publisher.advice import advise
from lambdas.publisher.time import iso

MAXIMUM_BYTES = 250_000
"""The most bytes of an event's Detail and of a notification. Both services take at least 256 KB, and all other parts
are far below 6 KB.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
TEXT_LENGTH = 10_000
"""How many characters of a summary are kept if a row is too large. They have at most 40 KB."""
SUBJECT_LENGTH = 99
"""SNS takes subjects of "less than 100 characters".
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
_QUOTATION = "Lines that begin with > quote it: people, models and AWS wrote parts of them."


def event(row: Row) -> dict[str, Any]:
    """Return the entry of a PutEvents request for the default bus."""
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
    """Return the event's detail type, such as `Approval Gate Attempt Closed`."""
    return f"Approval Gate {kind.value.replace('_', ' ').title()}"


def message(row: Row, topic_arn: str) -> dict[str, Any] | None:
    """Return the Publish request to the topic; None if no notification is sent for the row."""
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
        "Message": _fitting_body(row, topic_arn, advice),
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
    """Return the body. Each text that may come from outside is a quoted line of its own, so that it cannot pass for a
    text of this product. Rows of earlier releases are not safe to show, so every line is made safe."""
    fact = row.fact
    region, account = topic_arn.split(":")[3:5]
    where = "all endpoints" if row.endpoint == names.ALL else f"endpoint {row.endpoint}"
    lines = [
        evidence_text.quoted(fact.summary),
        "",
        f"What:   {_words(fact.kind.value)}",
        f"Where:  {where} (account {account}, {region})",
        f"When:   {time_text(fact.at)}",
    ]
    if fact.version:
        lines.append(f"Which:  {fact.version}")
    lines += ["Who:", evidence_text.quoted(fact.who), *evidence_text.section(fact.detail)]
    lines += ["", "What to do:", f"  {advice}", "", f"Row {row.number} of the endpoint's ledger. {_QUOTATION}"]
    return "\n".join(map(one_line, lines))


def _fitting_body(row: Row, topic_arn: str, advice: str) -> str:
    """Return the body, with a shorter summary if it is too large. `evidence_text` cuts the evidence."""
    body = _body(row, topic_arn, advice)
    if len(body.encode(errors="replace")) <= MAXIMUM_BYTES:
        return body
    fact = dataclasses.replace(row.fact, summary=_shortened(row.fact.summary), who=_shortened(row.fact.who))
    return _body(dataclasses.replace(row, fact=fact), topic_arn, advice)


def _subject(text: str) -> str:
    visible = (char if char.isprintable() else " " for char in text.encode("ascii", "replace").decode())
    line = " ".join("".join(visible).split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 3]}..."


def _fitting(detail: dict[str, Any]) -> str:
    """Return the detail as JSON. If it is too large for EventBridge, its parts are cut, the largest first, until it
    fits. `evidence_cut` names the parts of the evidence that were cut. A summary that was cut ends with an ellipsis."""
    cut: list[str] = []
    while _size(detail) > MAXIMUM_BYTES:
        evidence: dict[str, Any] = detail["evidence"]
        largest = max(evidence, key=lambda name: _size(evidence[name]), default=None)
        shorter = detail | {"summary": _shortened(detail["summary"]), "who": _shortened(detail["who"])}
        if shorter != detail and (largest is None or _size(detail["summary"]) > _size(evidence[largest])):
            detail = shorter
        elif largest is not None:
            cut.append(largest)
            left = {name: value for name, value in evidence.items() if name != largest}
            detail = detail | {"evidence": left, "evidence_cut": sorted(cut)}
        else:
            break
    return codec.encode(detail)


def _size(value: Any) -> int:
    return len(codec.encode(value).encode())


def _shortened(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"


def _words(name: str) -> str:
    return name.replace("_", " ")
