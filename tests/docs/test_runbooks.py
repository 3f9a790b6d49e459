"""docs/runbooks.md has an entry for every notification, hold and alert. Alarms: tests/infra/test_runbooks.py."""

import ast
import re
from collections.abc import Iterator

import pytest

from docs.links import anchors, slug
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.notice import Code
from tests.docs.notifications import notifications
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "runbooks.md").read_text()
ENTRIES = anchors(PAGE)
NOT_BY_REASON = {"attempt-ended", "settings-worse"}
"""Entries that no reason leads to: a heading of others, and one that a notification of an outcome names."""


def section(heading: str) -> str:
    """The text below a heading of the page, up to the next one of the same level."""
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def reasons(heading: str) -> Iterator[tuple[str, str]]:
    """Each text of a section's table, without what differs from case to case, and the row that it is in."""
    for row in re.findall(r"^\| (.*) \| \[.*\]\(#.*\).* \|$", section(heading), re.MULTILINE):
        for quoted in re.findall(r"`([^`]*)`", row):
            yield from ((part, row) for part in re.split(r" ?… ?", quoted.strip("… ")) if len(part.split()) > 1)


def written() -> str:
    """Every text in the code of the functions. Each value in an f-string is a line break."""
    found = []
    for path in sorted((ROOT / "lambdas").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "\n" for part in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


WRITTEN = written()


def entry(row: Row) -> str:
    """The anchor for a notification: its outcome, if it closes an attempt, otherwise its kind."""
    name = row.fact.detail.get("outcome", "") if row.fact.kind is Kind.ATTEMPT_CLOSED else row.fact.kind.value
    return slug(name.replace("_", " "))


@pytest.mark.parametrize("anchor", sorted({entry(row) for row in notifications()} - {""}))
def test_every_notification_has_an_entry(anchor: str) -> None:
    assert anchor in ENTRIES


@pytest.mark.parametrize("code", Code)
def test_every_hold_and_every_alert_has_an_entry(code: Code) -> None:
    assert slug(code.value.replace("_", " ")) in ENTRIES


@pytest.mark.parametrize("heading", ["Held", "Alert"])
def test_a_reason_leads_to_every_hold_and_every_alert(heading: str) -> None:
    text = section(heading)
    entries = {slug(title) for title in re.findall(r"^####? (.*)$", text, re.MULTILINE)}
    assert entries - set(re.findall(r"\]\(#([\w-]+)\)", text.split("\n###")[0])) - NOT_BY_REASON == set()


@pytest.mark.parametrize(("words", "row"), [*reasons("Held"), *reasons("Alert")])
def test_a_reason_is_written_as_the_page_says(words: str, row: str) -> None:
    assert words in WRITTEN, row
