"""Dead letters as blocks and JSON."""

from datetime import tzinfo
from typing import Any

from lambdas.gate.text import counted
from ops.dead_letters.cause import Cause
from ops.dead_letters.queues import DeadLetter
from ops.render.table import Block
from ops.render.text import time_text

SHOWN = 600
"""The most characters of a message that people are shown."""
MOST = 20_000
"""The most characters of a message in JSON."""


def block(letter: DeadLetter, cause: Cause, zone: tzinfo | None) -> Block:
    """Return everything about a message."""
    rest = len(letter.body) - SHOWN
    content = letter.body[:SHOWN] + (f" … and {counted(rest, 'character')} more" if rest > 0 else "")
    log = cause.log(letter.sent_at)
    parts = (
        ("what", cause.what),
        ("why", cause.why),
        ("queue", letter.queue),
        ("sent", f"{time_text(letter.sent_at, zone)} by {letter.sender or 'nobody that SQS names'}"),
        ("delivered", f"{counted(letter.deliveries, 'time')}, including each time that it was shown"),
        ("kept until", time_text(letter.kept_until, zone)),
        ("content", content),
        *((("log", log),) if log else ()),
        ("what to do", cause.fix),
    )
    return Block(letter.id, parts)


def as_json(letter: DeadLetter, cause: Cause) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "id": letter.id,
        "queue": letter.queue,
        "source": letter.source,
        "what": cause.what,
        "why": cause.why,
        "sent": time_text(letter.sent_at),
        "sender": letter.sender,
        "deliveries": letter.deliveries,
        "kept_until": time_text(letter.kept_until),
        "content": letter.body[:MOST],
        "characters": len(letter.body),
        "attributes": {name: value[:MOST] for name, value in letter.attributes.items()},
        "endpoint": cause.endpoint,
        "log": cause.log(letter.sent_at),
        "next": cause.fix,
    }
