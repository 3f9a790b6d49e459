"""A message as JSON that Amazon Q Developer in chat applications shows as a custom notification. Pure.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

import json
import re

from lambdas.gate.text import one_line
from lambdas.publisher.message import Message

MAXIMUM_LENGTH = 1_000
"""How many characters of the reason a chat shows. The mail and the ledger have the rest."""
_MARKUP = str.maketrans({"`": "'", "<": "(", ">": ")"})
"""What ends a span of code, and what begins a link or a mention of everybody."""


def text(message: Message) -> str:
    """Return the custom notification. Its evidence is left out: a chat is for what matters now."""
    metrics = ("Metrics:", *(f"> {_code(line)}" for line in message.metrics)) if message.metrics else ()
    live = (("Live now", message.live),) if message.live is not None else ()
    lines = [
        _plain(message.headline),
        _quoted(message.reason),
        *(f"{label}: {_plain(text)}" for label, text in live),
        *metrics,
        *(f"{label}: {_code(contact)}" for label, contact in message.contacts),
        *(f"{label}: {_plain(text)}" for label, text in (*message.facts, *message.links)),
    ]
    return json.dumps(
        {
            "version": "1.0",
            "source": "custom",
            "id": message.id,
            "content": {
                "textType": "client-markdown",
                "title": _plain(message.subject),
                "description": "\n".join(lines),
                "nextSteps": [_plain(message.advice)],
                "keywords": list(message.attributes.values()),
            },
            "metadata": {
                "threadId": message.thread,
                "summary": _plain(message.headline),
                "eventType": message.attributes.get("kind", ""),
                "relatedResources": list(message.resources),
                "additionalContext": {**message.attributes, **message.context},
            },
        },
        ensure_ascii=False,
    )


def _plain(line: str) -> str:
    return one_line(line).translate(_MARKUP)


def _quoted(reason: str) -> str:
    shown = reason if len(reason) <= MAXIMUM_LENGTH else f"{reason[: MAXIMUM_LENGTH - 1]}…"
    return f"> {_code(shown)}"


def _code(line: str) -> str:
    """Return the text as a span of code, in which no markup counts."""
    plain = re.sub(r"\s+", " ", _plain(line)).strip()
    return f"`{plain}`" if plain else ""
