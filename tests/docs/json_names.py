"""The names that docs/operate.md and docs/events.md give for the JSON of a command."""

import re
from functools import cache

from ops.cli import COMMANDS
from tests.paths import ROOT

OPERATE = (ROOT / "docs" / "operate.md").read_text()
SECTION = OPERATE.partition("### JSON for programs\n")[2].partition("\n## ")[0]
PREVIEW = OPERATE.partition("\n## preview\n")[2].partition("\n## ")[0]
EVENT = (ROOT / "docs" / "events.md").read_text().partition("## The event\n")[2].partition("\n## ")[0]
DATA = {
    "detail": "the evidence of a row, which docs/events.md has by kind",
    "alarms": "by signal",
    "standing": "by signal",
    "unread": "by section",
    "content": "a message, as it was sent",
    "attributes": "of a message, as SQS has them",
    "gate": "the verdict of a row",
    "pin": "as in the row",
    "approver": "as in the row",
    "strategies": "by strategy",
    "endpoints.waiting.checks": "by check",
}
"""Fields whose own fields are data, or are those of a row."""


def documented(command: str, path: tuple[str, ...]) -> bool:
    """True if the page names the field of the command's JSON: the outermost in the row of the command, and those below
    in the tables of that section."""
    if any(name in DATA or ".".join(path[: place + 1]) in DATA for place, name in enumerate(path[:-1])):
        return True
    return path[0] in _of_command(command) and all(name in _below() for name in path[1:])


@cache
def _of_command(command: str) -> frozenset[str]:
    """The names in the rows of the command, and in those of the commands that these mention."""
    found, waiting = set[str](), [command]
    seen = set[str]()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        rows = [row for row in SECTION.splitlines() if re.match(rf"\| [^|]*`{name}( \w+)?`", row)]
        if not rows and name in COMMANDS:
            rows = [row for row in SECTION.splitlines() if row.startswith("| each [order]")]
        words = {word for row in rows for word in _names(row.partition("|")[2].partition("|")[2])}
        found |= words
        waiting += [word for word in words & COMMANDS.keys() if word not in seen]
    if "story" in seen:
        found |= {name.rpartition(".")[2] for name in _names(EVENT)} | {"detail"}
    return frozenset(found)


@cache
def _below() -> frozenset[str]:
    """The names of fields that are not outermost."""
    return _names(SECTION) | _names(PREVIEW) | {name.rpartition(".")[2] for name in _names(EVENT)}


@cache
def _names(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([a-z_][a-z_.]*)`", text))
