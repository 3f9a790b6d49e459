"""What a notification says in this product's own words: the headline, what is live, times and links."""

import dataclasses
import json
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aws_lambda_powertools.logging import Logger

from lambdas.gate import names
from lambdas.gate.aws.ledger import Altered
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.spec import SpecError, SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.publisher import chat, mail
from lambdas.publisher.circumstances import CircumstancesReader
from lambdas.publisher.headline import headline
from lambdas.publisher.message import Circumstances, live_text, local_time, local_zone
from lambdas.publisher.notification import message, request
from tests.docs.notifications import notifications
from tests.lambdas.builders import SPEC

VERSION = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/3"
TOPIC = "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications"
AT = 1763900000.0
BERLIN = ZoneInfo("Europe/Berlin")
CONTACTS = (("owner", "Fraud"), ("runbook", "https://w"))
LIVE = Live("gate-3", AT, approval=Approval(1, VERSION, AT, None))


def row(kind: Kind, version: str | None = VERSION, endpoint: str = "churn", **detail: Any) -> Row:
    return Row(endpoint, 7, Fact(kind, AT, "why", version=version, detail=detail), "", "")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (row(Kind.ATTEMPT_CLOSED, outcome="succeeded"), "FraudDetectionGroup/3 is live on the endpoint churn."),
        (
            row(Kind.ATTEMPT_CLOSED, outcome="failed"),
            "The rollout of FraudDetectionGroup/3 on the endpoint churn failed.",
        ),
        (
            row(Kind.ATTEMPT_CLOSED, outcome="new"),
            "A rollout of FraudDetectionGroup/3 on the endpoint churn ended.",
        ),
        (row(Kind.HELD), "FraudDetectionGroup/3 is on hold for the endpoint churn."),
        (
            row(Kind.ATTEMPT_CLOSED, outcome="shadowed"),
            "FraudDetectionGroup/3 is the shadow of the endpoint churn, and gets copies of its requests.",
        ),
        (row(Kind.HELD, None), "Rollouts are on hold for the endpoint churn."),
        (row(Kind.HELD, None, names.ALL), "Rollouts are on hold for all endpoints."),
        (row(Kind.ALERT, None), "The endpoint churn needs your attention."),
        (row(Kind.CHANGED_BY_HAND, None), "Somebody changed the endpoint churn manually."),
        (row(Kind.RETRY_REQUESTED, None), "An operator asked for another try of a version on the endpoint churn."),
    ],
)
def test_a_headline_says_what_happened_to_what(told: Row, expected: str) -> None:
    assert headline(told) == expected


@pytest.mark.parametrize("told", tuple(notifications()), ids=lambda told: f"{told.fact.kind}-{told.fact.detail}")
def test_every_notification_has_a_headline_of_its_own(told: Row) -> None:
    assert not headline(told).lower().startswith(told.fact.kind.value.replace("_", " "))


@pytest.mark.parametrize(
    ("live", "zone", "expected"),
    [
        (None, UTC, "no version yet"),
        (LIVE, UTC, "FraudDetectionGroup/3, since 2025-11-23T12:13:20Z"),
        (LIVE, BERLIN, "FraudDetectionGroup/3, since 2025-11-23 13:13:20 CET (2025-11-23T12:13:20Z)"),
        (
            Live("own", AT),
            UTC,
            "the endpoint config own, which is not of an approved version, since 2025-11-23T12:13:20Z",
        ),
    ],
)
def test_what_is_live_now(live: Live | None, zone: tzinfo, expected: str) -> None:
    assert live_text(live, zone) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2025-11-23T12:13:20Z"),
        ("Europe/Berlin", "2025-11-23 13:13:20 CET (2025-11-23T12:13:20Z)"),
        ("America/Sao_Paulo", "2025-11-23 09:13:20 -03 (2025-11-23T12:13:20Z)"),
    ],
)
def test_a_time_is_local_and_in_utc(zone: str, expected: str) -> None:
    assert local_time(AT, local_zone(zone)) == expected


class Heads:
    """A ledger that answers with a head, or raises."""

    def __init__(self, answer: Head | Exception | None) -> None:
        self._answer = answer

    def head(self, endpoint: str) -> Head | None:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Specs:
    """Parameters of which one is a spec, or that raise."""

    def __init__(self, answer: Contacts | Exception | None) -> None:
        self._answer = answer

    def read(self, endpoint: str) -> StoredSpec | None:
        if isinstance(self._answer, Exception):
            raise self._answer
        return StoredSpec(dataclasses.replace(SPEC, contacts=self._answer), HEAD.spec)


def read(
    answer: Head | Exception | None, endpoint: str = "churn", contacts: Contacts | Exception | None = None
) -> Circumstances:
    reader = CircumstancesReader(Heads(answer), Specs(contacts), UTC, Logger(service="test"))  # type: ignore[arg-type]
    return reader.read(endpoint)


HEAD = Head("churn", SpecSeen(1, 1.0), 1.0, live=LIVE)


@pytest.mark.parametrize(
    ("circumstances", "expected"),
    [
        (read(HEAD), Circumstances(live="FraudDetectionGroup/3, since 2025-11-23T12:13:20Z")),
        (read(None), Circumstances()),
        (read(None, contacts=Contacts("Fraud", None, "https://w")), Circumstances(contacts=CONTACTS)),
        (read(None, contacts=SpecError("of another release")), Circumstances()),
        (read(Altered("churn", "the head")), Circumstances()),
        (read(RuntimeError("throttled")), Circumstances()),
        (read(HEAD, names.ALL), Circumstances()),
    ],
    ids=["live", "before the first reconcile", "contacts", "other spec", "altered", "throttled", "all endpoints"],
)
def test_what_cannot_be_read_is_left_out(circumstances: Circumstances, expected: Circumstances) -> None:
    assert circumstances == expected


def links(told: Row) -> dict[str, str]:
    made = message(told, TOPIC, Circumstances())
    assert made is not None
    return dict(made.links)


def test_an_alarm_that_still_exists_has_a_link() -> None:
    fired = [{"name": "approval-gate/churn/gate-churn-3-0c7f5b1e22aa/5xx"}, {"name": "sales"}, {"name": "sales"}]
    found = links(row(Kind.ALERT, fired=fired))
    assert list(found) == ["Endpoint", "Alarm", "Logs", "Dashboard", "Runbook"]
    assert found["Alarm"].endswith("#alarmsV2:alarm/sales")


def test_all_endpoints_have_no_link_to_one() -> None:
    assert list(links(row(Kind.HELD, None, names.ALL))) == ["Dashboard", "Runbook"]


def test_contacts_are_quoted() -> None:
    made = request(row(Kind.HELD), TOPIC, Circumstances(contacts=CONTACTS))
    assert made is not None
    assert "\nContacts:\n> owner: Fraud\n> runbook: https://w\n\nLinks:\n" in made["Message"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (row(Kind.ATTEMPT_CLOSED, outcome="succeeded"), "info"),
        (row(Kind.ATTEMPT_CLOSED, outcome="rolled_back"), "warning"),
        (row(Kind.ATTEMPT_CLOSED, outcome="new"), "warning"),
        (row(Kind.ALERT), "critical"),
        (row(Kind.APPROVER_DISPUTED), "critical"),
        (row(Kind.HELD), "warning"),
        (row(Kind.SHADOW_ENDED, end="passed"), "info"),
        (row(Kind.SHADOW_ENDED, end="worse"), "warning"),
        (row(Kind.RESUMED), "info"),
    ],
)
def test_a_severity_says_how_soon_a_person_is_needed(told: Row, expected: str) -> None:
    made = message(told, TOPIC, Circumstances())
    assert made is not None
    assert made.attributes["severity"] == expected


METRICS = {
    "live": "FraudDetectionGroup/2",
    "values": [
        {"name": "auc", "value": 0.75, "live": 0.5, "difference": 0.25},
        {"name": "re\ncall` <!here>", "value": 1.0, "live": 2.0, "difference": -1.0},
        {"name": "f1", "value": None, "live": None, "difference": None},
    ],
    "left_out": 3,
    "unread": "s3://b/f1.json does not exist",
    "live_unread": "access denied",
}


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (
            METRICS,
            (
                "auc: 0.75 (FraudDetectionGroup/2: 0.5, difference +0.25)",
                "re\ncall` <!here>: 1 (FraudDetectionGroup/2: 2, difference -1)",
                "f1: - (FraudDetectionGroup/2: -, difference -)",
                "... and 3 more in its reports",
                "not read: s3://b/f1.json does not exist",
                "not read of FraudDetectionGroup/2: access denied",
            ),
        ),
        (
            {"live": None, "values": [{"name": "auc", "value": 0.75, "live": None, "difference": None}]},
            ("auc: 0.75",),
        ),
        ({}, ()),
    ],
    ids=["beside the live version's", "without a live version", "none"],
)
def test_the_metrics_of_a_version_that_waits(metrics: dict[str, Any], expected: tuple[str, ...]) -> None:
    told = message(row(Kind.APPROVAL_AWAITED, metrics=metrics, registered_at=AT), TOPIC, Circumstances())
    assert told is not None
    assert (told.metrics, told.evidence) == (expected, ("registered at: 2025-11-23T12:13:20Z",))


def test_each_format_quotes_metrics() -> None:
    told = message(row(Kind.APPROVAL_AWAITED, metrics=METRICS), TOPIC, Circumstances())
    assert told is not None
    assert mail.text(told).split("\n")[3:7] == [
        "Metrics:",
        "> auc: 0.75 (FraudDetectionGroup/2: 0.5, difference +0.25)",
        "> re call` <!here>: 1 (FraudDetectionGroup/2: 2, difference -1)",
        "> f1: - (FraudDetectionGroup/2: -, difference -)",
    ]
    assert json.loads(chat.text(told))["content"]["description"].split("\n")[2:5] == [
        "Metrics:",
        "> `auc: 0.75 (FraudDetectionGroup/2: 0.5, difference +0.25)`",
        "> `re call' (!here): 1 (FraudDetectionGroup/2: 2, difference -1)`",
    ]
