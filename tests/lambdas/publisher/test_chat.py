"""Notifications as Amazon Q Developer in chat applications takes them."""

import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.publisher import chat
from lambdas.publisher.alarm import AlarmChange, alarm_message
from lambdas.publisher.message import Circumstances
from lambdas.publisher.notification import message, request

TOPIC = "arn:aws-iso:sns:us-iso-east-1:123456789012:approval-gate-notifications"
VERSION = "arn:aws-iso:sagemaker:us-iso-east-1:123456789012:model-package/G/3"
KNOWN = Circumstances("G/2, since 2025-11-23T12:13:20Z", (("on call", "#fraud"),))
ROLLED_BACK: dict[str, Any] = {"attempt": 4, "outcome": "rolled_back"}


def row(kind: Kind = Kind.ATTEMPT_CLOSED, reason: str = "5xx fired", **detail: Any) -> Row:
    return Row("churn", 7, Fact(kind, 1763900000.0, reason, version=VERSION, detail=detail), "", "")


def shown(told: Row) -> dict[str, Any]:
    made = request(told, TOPIC, KNOWN, chat.text)
    assert made is not None
    found: dict[str, Any] = json.loads(made["Message"])
    return found


def test_a_custom_notification_says_what_matters_now() -> None:
    found = shown(row(**ROLLED_BACK))
    (advice,) = found["content"].pop("nextSteps")
    assert advice.startswith("The former version is live again, and this approval is not tried again.")
    assert found == {
        "version": "1.0",
        "source": "custom",
        "id": "churn#7",
        "content": {
            "textType": "client-markdown",
            "title": "churn: rolled back G/3",
            "description": "G/3 was rolled back on the endpoint churn.\n"
            "> `5xx fired`\n"
            "Live now: G/2, since 2025-11-23T12:13:20Z\n"
            "on call: `#fraud`\n"
            "When: 2025-11-23T12:13:20Z\n"
            "Where: the endpoint churn (account 123456789012, us-iso-east-1)\n"
            f"Which: {VERSION}\n"
            "Runbook: docs/runbooks.md#rolled-back",
            "keywords": ["churn", "attempt_closed", "warning", "rolled_back"],
        },
        "metadata": {
            "threadId": "churn/attempt 4",
            "summary": "G/3 was rolled back on the endpoint churn.",
            "eventType": "attempt_closed",
            "relatedResources": [VERSION],
            "additionalContext": {
                "endpoint": "churn",
                "kind": "attempt_closed",
                "severity": "warning",
                "outcome": "rolled_back",
                "version": "G/3",
                "attempt": "4",
                "row": "7",
                "ledger": ":pk={S=endpoint#churn}",
            },
        },
    }


@pytest.mark.parametrize(
    ("told", "thread"),
    [
        (row(Kind.ALERT, attempt=4), "churn/attempt 4"),
        (row(Kind.HELD), "churn/row 7"),
        (row(Kind.ALERT, attempt="4"), "churn/row 7"),
    ],
)
def test_a_rollout_is_one_thread(told: Row, thread: str) -> None:
    assert shown(told)["metadata"]["threadId"] == thread


def test_an_alarm_and_its_end_are_one_thread() -> None:
    changes = [AlarmChange("approval-gate/churn/standing/5xx", state, "", "x", 1.0) for state in ("ALARM", "OK")]
    found = [json.loads(chat.text(alarm_message(each, TOPIC, KNOWN))) for each in changes]
    assert [each["metadata"]["threadId"] for each in found] == ["approval-gate/churn/standing/5xx"] * 2
    assert found[0]["id"] != found[1]["id"]


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("<!channel> *a* `b` [c](https://c)", "> `(!channel) *a* 'b' [c](https://c)`"),
        ("a\n\nWhat to do:\u202e", "> `a What to do:�`"),
        ("x" * 1001, f"> `{'x' * 999}…`"),
    ],
)
def test_no_text_from_outside_is_markup(reason: str, line: str) -> None:
    lines = shown(row(reason=reason, **ROLLED_BACK))["content"]["description"].split("\n")
    assert (lines[1], len(lines)) == (line, 8)


def test_a_message_fits_whatever_the_row_has() -> None:
    long = "\U0001f44c" * 100_000
    made = request(row(reason=long, log=long, **ROLLED_BACK), TOPIC, KNOWN, chat.text)
    assert made is not None
    assert len(made["Message"].encode()) < 10_000
    told = message(row(reason=long), TOPIC, KNOWN)
    assert told is not None
    assert told.reason == long


@pytest.mark.parametrize(
    ("told", "order"),
    [
        (row(Kind.ALERT, attempt=4), "abort:churn:4"),
        (row(Kind.ATTEMPT_OPENED, attempt=4, purpose="revert"), "abort:churn:4"),
        (row(Kind.ATTEMPT_CLOSED, attempt=4, outcome="rolled_back"), None),
        (row(Kind.ABORT_ORDERED, attempt=4), None),
        (row(Kind.HELD), None),
        (row(Kind.ALERT, attempt="4"), None),
    ],
)
def test_a_button_aborts_the_rollout_that_may_still_be_in_flight(told: Row, order: str | None) -> None:
    context = shown(told)["metadata"]["additionalContext"]
    assert (context.get("abort"), context["ledger"]) == (order, ":pk={S=endpoint#churn}")


def test_no_button_is_for_all_endpoints() -> None:
    context = shown(dataclasses.replace(row(Kind.HELD), endpoint="*"))["metadata"]["additionalContext"]
    assert "ledger" not in context
