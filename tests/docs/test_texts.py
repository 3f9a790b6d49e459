"""No notification that there is has a value as programs write it, whatever its row's evidence."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.state.fact import Kind
from lambdas.publisher.notification import request as notification
from tests.docs.notifications import notifications
from tests.plain_text import PATTERNS, faults

TOPIC = "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications"
EVIDENCE: dict[str, Any] = {
    "accepted": True,
    "approved_at": 1763900000.123456,
    "outcome": "rolled_back",
    "requests": 1,
    "share": 0.1 + 0.2,
    "alarms": ["approval-gate/churn/5xx", "sales"],
    "fired": [{"at": 1763900000.5, "name": "sales", "reason": "Threshold Crossed", "seen": None}],
    "revocation": {"by": [{"approved": False, "at": 1763900000, "identity": {"arn": "a", "profile": None}}], "set": []},
}
SAID = [
    "> accepted: yes",
    "> approved at: 2025-11-23T12:13:20Z",
    "> outcome: rolled back",
    "> requests: 1",
    "> share: 0.3",
    "> alarms: approval-gate/churn/5xx; sales",
    "> fired: at 2025-11-23T12:13:20Z, name sales, reason Threshold Crossed",
    "> revocation: by (approved no, at 2025-11-23T12:13:20Z, identity (arn a))",
]


@pytest.mark.parametrize("row", tuple(notifications()), ids=lambda row: f"{row.fact.kind}-{row.fact.detail}")
def test_a_notification_is_plain(row: Any) -> None:
    told = dataclasses.replace(row.fact, detail=EVIDENCE | row.fact.detail)
    request = notification(dataclasses.replace(row, fact=told), TOPIC)
    assert request is not None
    assert faults([request["Subject"], *request["Message"].split("\n")]) == []


def test_evidence_is_written_in_words() -> None:
    row = next(row for row in notifications() if row.fact.kind is Kind.ALERT)
    request = notification(dataclasses.replace(row, fact=dataclasses.replace(row.fact, detail=EVIDENCE)), TOPIC)
    assert request is not None
    lines = request["Message"].split("\n")
    begin = lines.index("Why:") + 1
    assert lines[begin : begin + len(SAID)] == SAID


NO_PLAIN_TEXTS = [
    ("ETag a, version None", "Python's None, True or False"),
    ('fired: [{"at": 1}]', "JSON"),
    ("found ('a', 'b')", "a list, tuple or object of Python"),
    ("KeyError('at')", "a list, tuple or object of Python"),
    ("at 1763900000.5", "seconds since 1970"),
    ("since 2025-11-23T12:13:20.123456Z", "parts of a second"),
    ("since 2025-11-23T12:13:20+00:00", "an offset instead of Z"),
    ("found 0.30000000000000004", "digits of binary arithmetic"),
    ("1 artifacts are as approved", "one thing in the plural"),
    ("deleted 1 endpoint configs", "one thing in the plural"),
    ("outcome: rolled_back", "a stored name"),
    ("accepted: true", "true or false as a value"),
]


@pytest.mark.parametrize(("text", "what"), NO_PLAIN_TEXTS)
def test_what_is_no_plain_text(text: str, what: str) -> None:
    assert f"{what}: {text}" in faults([text])


def test_each_pattern_is_tried() -> None:
    assert {what for _, what in NO_PLAIN_TEXTS} == set(PATTERNS)
