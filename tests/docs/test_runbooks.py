"""docs/runbooks.md has an entry for every notification, hold and alert. Alarms: tests/infra/test_runbooks.py."""

import pytest

from docs.links import anchors, slug
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.notice import Code
from tests.docs.notifications import notifications
from tests.paths import ROOT

ENTRIES = anchors((ROOT / "docs" / "runbooks.md").read_text())


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
