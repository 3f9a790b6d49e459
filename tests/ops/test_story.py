from datetime import timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from rich.console import Console

from lambdas.gate import names
from lambdas.gate.aws.ledger import row_item
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from ops.render.json_export import row_json
from ops.render.story import story
from ops.render.text import short_names
from ops.rows import read_rows

ALICE = "arn:aws:sts::123456789012:assumed-role/Reviewer/alice"
V1 = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/1"
FACTS = (
    Fact(Kind.APPROVAL_SEEN, 1763900000.25, "FraudDetectionGroup/1 was approved: looks good", ALICE, V1),
    Fact(Kind.ATTEMPT_OPENED, 1763900001.0, f"create the endpoint with FraudDetectionGroup/1, approved by {ALICE}"),
    Fact(Kind.ATTEMPT_CLOSED, 1763900600.0, "InService", version=V1, detail={"outcome": "succeeded", "requests": 12}),
    Fact(Kind.HELD, 1763900700.0, "paused: freeze", "arn:aws:iam::123456789012:user/team/a-rather-long-user-name"),
)
_, ROWS = chain.append(Head("fraud-detection", SpecSeen(1, 1.0), 1.0), FACTS)


def test_each_row_is_a_line_of_when_who_what_and_why_wrapped_in_its_column() -> None:
    assert story(ROWS).lines() == [
        "no.  when                  who                   what            why",
        "1    2025-11-23T12:13:20Z  alice                 approval seen   FraudDetectionGroup/1 was approved:",
        "                                                                 looks good",
        "2    2025-11-23T12:13:21Z  Approval Gate         attempt opened  create the endpoint with",
        "                                                                 FraudDetectionGroup/1, approved by",
        "                                                                 alice",
        "3    2025-11-23T12:23:20Z  Approval Gate         succeeded       InService",
        "4    2025-11-23T12:25:00Z  a-rather-long-user-…  held            paused: freeze",
    ]


def test_a_wide_line_is_not_wrapped() -> None:
    assert story(ROWS[:1], width=200).lines() == [
        "no.  when                  who    what           why",
        "1    2025-11-23T12:13:20Z  alice  approval seen  FraudDetectionGroup/1 was approved: looks good",
    ]


def test_times_are_in_the_zone_asked_for() -> None:
    berlin = timezone(timedelta(hours=1))
    assert story(ROWS[2:3], zone=berlin).lines()[1].split()[1] == "2025-11-23T13:23:20+01:00"


def test_no_rows_are_only_the_headings() -> None:
    assert story(()).lines() == ["no.  when  who  what  why"]


def test_on_a_terminal_the_story_is_a_table_with_outcomes_in_colour() -> None:
    console = Console(width=120, color_system="standard", force_terminal=True)
    with console.capture() as captured:
        console.print(story(ROWS).terminal())
    text = captured.get()
    assert "\x1b[32msucceeded" in text
    assert "\x1b[33mheld" in text
    assert "FraudDetectionGroup/1 was approved: looks good" in text


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (ALICE, "alice"),
        ("arn:aws-cn:iam::123456789012:user/team/bob", "bob"),
        (f"approved by {ALICE}, then held", "approved by alice, then held"),
        (V1, V1),
        ("Approval Gate", "Approval Gate"),
    ],
)
def test_people_are_called_by_their_names(text: str, short: str) -> None:
    assert short_names(text) == short


def test_as_json_a_row_has_all_its_evidence() -> None:
    assert row_json(ROWS[2]) == {
        "endpoint": "fraud-detection",
        "number": 3,
        "at": "2025-11-23T12:23:20Z",
        "who": "Approval Gate",
        "kind": "attempt_closed",
        "summary": "InService",
        "version": V1,
        "detail": {"outcome": "succeeded", "requests": 12},
        "previous": ROWS[1].hash,
        "hash": ROWS[2].hash,
    }


def test_all_pages_of_rows_are_read() -> None:
    client = boto3.client("dynamodb", region_name="us-east-1")
    query: dict[str, Any] = {
        "TableName": names.LEDGER,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :row)",
        "ExpressionAttributeValues": {":pk": {"S": "endpoint#fraud-detection"}, ":row": {"S": "row#"}},
        "ConsistentRead": True,
    }
    items = [row_item(row) for row in ROWS]
    last = {"pk": items[1]["pk"], "sk": items[1]["sk"]}
    with Stubber(client) as stub:
        stub.add_response("query", {"Items": items[:2], "LastEvaluatedKey": last}, query)
        stub.add_response("query", {"Items": items[2:]}, query | {"ExclusiveStartKey": last})
        assert read_rows(client, "fraud-detection") == ROWS
