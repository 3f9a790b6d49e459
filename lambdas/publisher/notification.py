"""The notification about a row of the ledger. `docs/events.md` documents it for its readers. Pure."""

from collections.abc import Callable
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.ledger import partition
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.orders import short_abort
from lambdas.publisher import evidence_text, mail, metrics_text
from lambdas.publisher.advice import advise
from lambdas.publisher.console import Console
from lambdas.publisher.headline import entry, headline, place, subject_words
from lambdas.publisher.message import Circumstances, Message, local_time
from lambdas.publisher.severity import severity

SUBJECT_LENGTH = 99
"""SNS takes subjects of "less than 100 characters".
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
MAXIMUM_ALARMS = 3
"""The most alarms that a message links to."""
Render = Callable[[Message], str]
"""Returns a message in a format: that of `mail` or that of `chat`."""
NOTHING_ELSE = Circumstances()
"""Nothing is known besides the row."""


def request(
    row: Row, topic_arn: str, circumstances: Circumstances = NOTHING_ELSE, render: Render = mail.text
) -> dict[str, Any] | None:
    """Return the Publish request to the topic; None if no notification is sent for the row."""
    made = message(row, topic_arn, circumstances)
    return publish_request(made, topic_arn, render) if made else None


def publish_request(message: Message, topic_arn: str, render: Render = mail.text) -> dict[str, Any]:
    """Return the Publish request for a message in a format."""
    attributes = message.attributes.items()
    return {
        "TopicArn": topic_arn,
        "Subject": _subject(message.subject),
        "Message": render(message),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes},
    }


def message(row: Row, topic_arn: str, circumstances: Circumstances) -> Message | None:
    """Return the message about a row; None if no notification is sent for it. The topic's ARN names the account."""
    advice = advise(row)
    if advice is None:
        return None
    fact = row.fact
    region, account = topic_arn.split(":")[3:5]
    label = version_label(fact.version) if fact.version else ""
    where = "all endpoints" if row.endpoint == names.ALL else row.endpoint
    facts = [
        ("When", local_time(fact.at, circumstances.zone)),
        ("Where", f"{place(row.endpoint)} (account {account}, {region})"),
    ]
    if fact.version:
        facts.append(("Which", fact.version))
    return Message(
        subject=f"{where}: {subject_words(row)} {label}".rstrip(),
        headline=headline(row),
        reason=fact.summary,
        live=circumstances.live,
        advice=advice,
        contacts=circumstances.contacts,
        links=_links(row, topic_arn),
        facts=tuple(facts),
        who=fact.who,
        metrics=metrics_text.lines(fact.detail),
        evidence=tuple(evidence_text.lines({name: each for name, each in fact.detail.items() if name != "metrics"})),
        source=f"Row {row.number} of the endpoint's ledger.",
        attributes=_attributes(row),
        id=f"{row.endpoint}#{row.number}",
        thread=_thread(row),
        resources=(fact.version,) if fact.version else (),
        context=_context(row, label),
    )


def _thread(row: Row) -> str:
    """Return the same text for all messages about one rollout, and a text of its own for any other message."""
    attempt = row.fact.detail.get("attempt")
    return f"{row.endpoint}/attempt {attempt}" if isinstance(attempt, int) else f"{row.endpoint}/row {row.number}"


def _context(row: Row, label: str) -> dict[str, str]:
    """Return what buttons of a chat need to name the version and its rollout. A button runs one command, whose
    arguments are whole values of these."""
    attempt = row.fact.detail.get("attempt")
    found = {"version": label, "attempt": str(attempt) if isinstance(attempt, int) else "", "row": str(row.number)}
    if row.endpoint != names.ALL:
        found[names.CHAT_LEDGER] = f":pk={{S={partition(row.endpoint)}}}"
        if isinstance(attempt, int) and row.fact.kind not in _WITHOUT_ABORT:
            found[names.CHAT_ABORT] = short_abort(row.endpoint, attempt)
    return {name: value for name, value in found.items() if value}


_WITHOUT_ABORT = (Kind.ATTEMPT_CLOSED, Kind.ABORT_ORDERED, Kind.ABORT_REQUESTED)
"""The rows of an attempt that is over, or stops already."""


def _attributes(row: Row) -> dict[str, str]:
    attributes = {"endpoint": row.endpoint, "kind": row.fact.kind.value, "severity": severity(row).value}
    if row.fact.kind is Kind.ATTEMPT_CLOSED and "outcome" in row.fact.detail:
        attributes["outcome"] = str(row.fact.detail["outcome"])
    return attributes


def _links(row: Row, topic_arn: str) -> tuple[tuple[str, str], ...]:
    """Return what to open: the endpoint, alarms that still exist, the model's logs, the dashboard and the runbook."""
    links = [("Runbook", f"docs/runbooks.md#{entry(row).replace(' ', '-')}")]
    if console := Console.of(topic_arn):
        links.insert(0, ("Dashboard", console.dashboard()))
        if row.endpoint != names.ALL:
            alarms = (("Alarm", console.alarm(name)) for name in _lasting_alarms(row))
            logs = console.log_group(f"/aws/sagemaker/Endpoints/{row.endpoint}")
            links[:0] = [("Endpoint", console.endpoint(row.endpoint)), *alarms, ("Logs", logs)]
    return tuple(links)


def _lasting_alarms(row: Row) -> list[str]:
    """Return the alarms that fired, without those of a rollout, which are deleted when it ends."""
    fired = (str(alarm["name"]) for alarm in row.fact.detail.get("fired") or () if "name" in alarm)
    return list(dict.fromkeys(name for name in fired if names.rollout_alarm_endpoint(name) is None))[:MAXIMUM_ALARMS]


def _subject(text: str) -> str:
    visible = (char if char.isprintable() else " " for char in text.encode("ascii", "replace").decode())
    line = " ".join("".join(visible).split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 3]}..."
