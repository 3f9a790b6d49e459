"""Why a text is refused, if the words about what is allowed leave the reader to search."""

import re
from collections.abc import Iterator

from pydantic import StringConstraints

from infra.config.declared import Value
from infra.config.problem import shown
from infra.config.sections.section import Allowed


def reason(value: Value, given: object) -> str | None:
    """Return the first thing that is wrong with a text, or None."""
    if not isinstance(given, str) or value.type is not str:
        return None
    return next(_reasons(value, given), None)


def _reasons(value: Value, text: str) -> Iterator[str]:
    if not text.strip():
        yield "it is empty"
    for each in value.added:
        if isinstance(each, Allowed):
            if wrong := each.wrong(text):
                yield wrong
            if each.characters and (odd := sorted(set(re.sub(each.characters, "", text)))):
                yield f"it has {', '.join(map(_character, odd[:5]))}"
    for each in value.added:
        most = each.max_length if isinstance(each, StringConstraints) else None
        if most is not None and len(text) > most:
            yield f"it has {len(text)} characters, and {most} are allowed"


def _character(character: str) -> str:
    return "a space" if character == " " else f"`{shown(character).strip(chr(34))}`"
