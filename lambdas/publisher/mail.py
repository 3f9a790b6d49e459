"""A message as the text of a mail: first what happened, what is live now and what to do, then the details. Pure."""

import dataclasses

from lambdas.gate.text import one_line
from lambdas.publisher.event import MAXIMUM_BYTES, shortened
from lambdas.publisher.message import Message

_QUOTATION = "Lines that begin with > are quoted: people, models and AWS wrote parts of them."
_WIDTH = 11


def text(message: Message) -> str:
    """Return the body, with shorter texts if it is too large. `evidence_text` cuts the evidence.
    https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
    body = _body(message)
    if len(body.encode(errors="replace")) <= MAXIMUM_BYTES:
        return body
    who = None if message.who is None else shortened(message.who)
    return _body(dataclasses.replace(message, reason=shortened(message.reason), who=who))


def quoted(line: str) -> str:
    """Return the line so that a reader sees that it is quoted."""
    return f"> {line}"


def _body(message: Message) -> str:
    """Return the body. Each text that may come from outside is a quoted line of its own, so that it cannot pass for a
    text of this product. Rows of earlier releases are not safe to show, so every line is made safe."""
    lines = [message.headline, quoted(message.reason), ""]
    if message.live is not None:
        lines += [_labelled("Live now", message.live), ""]
    if message.metrics:
        lines += ["Metrics:", *map(quoted, message.metrics), ""]
    lines += ["What to do:", f"  {message.advice}", ""]
    if message.contacts:
        lines += ["Contacts:", *(quoted(f"{label}: {contact}") for label, contact in message.contacts), ""]
    if message.links:
        lines += ["Links:", *(f"  {_labelled(label, link)}" for label, link in message.links), ""]
    lines += [_labelled(label, fact) for label, fact in message.facts]
    if message.who is not None:
        lines += ["Who:", quoted(message.who)]
    if message.evidence:
        lines += ["Why:", *map(quoted, message.evidence)]
    lines += ["", f"{message.source} {_QUOTATION}"]
    return "\n".join(map(one_line, lines))


def _labelled(label: str, text: str) -> str:
    return f"{label + ':':<{_WIDTH}}{text}"
