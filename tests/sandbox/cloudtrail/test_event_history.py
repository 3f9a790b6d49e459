"""CloudTrail's event history, which needs no trail."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from sandbox.cloudtrail.event_history import EventHistory
from tests.sandbox.sagemaker.studio import Studio
from world.assumptions import Assumptions
from world.cloud_trail import KEPT_SECONDS, SHOWN_SECONDS
from world.timestamps import timestamp

UPDATES = [{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage"}]


@pytest.fixture
def studio(clock: Clock) -> Studio:
    studio = Studio(clock, Assumptions(account_has_trail=False))
    EventHistory(studio.sagemaker.trail).install()
    studio.group()
    return studio


def looked_up(**request: Any) -> list[dict[str, Any]]:
    pages = boto3.client("cloudtrail").get_paginator("lookup_events").paginate(**request)
    return [event for page in pages for event in page["Events"]]


def test_an_approval_is_shown_some_time_later_with_its_record(studio: Studio) -> None:
    version, at = studio.register(), timestamp(studio.clock.time())
    studio.approve(version)
    assert looked_up() == []
    studio.clock.advance(max(SHOWN_SECONDS))
    (event,) = looked_up(LookupAttributes=UPDATES)
    record = json.loads(event["CloudTrailEvent"])
    assert (event["EventId"], event["EventTime"].timestamp()) == (record["eventID"], at.timestamp())
    assert (event["EventName"], event["ReadOnly"], event["EventSource"]) == (
        "UpdateModelPackage",
        "false",
        "sagemaker.amazonaws.com",
    )
    assert record["requestParameters"] == {"modelPackageArn": version, "modelApprovalStatus": "Approved"}
    assert {event["EventName"] for event in looked_up()} == {"UpdateModelPackage", "CreateModelPackage"}


def test_a_later_call_may_be_shown_before_an_earlier_one(studio: Studio) -> None:
    version = studio.register()
    studio.approve(version)
    studio.clock.advance(9)
    studio.approve(version)
    studio.clock.advance(min(SHOWN_SECONDS))
    (later,) = looked_up(LookupAttributes=UPDATES)
    studio.clock.advance(max(SHOWN_SECONDS))
    newest, earlier = looked_up(LookupAttributes=UPDATES)
    assert newest == later
    assert earlier["EventTime"] < later["EventTime"]


def test_a_lookup_has_a_time_range_and_pages(studio: Studio) -> None:
    version = studio.register()
    studio.clock.advance(100)
    begin = studio.clock.time()
    for _ in range(3):
        studio.approve(version)
        studio.clock.advance(10)
    studio.clock.advance(max(SHOWN_SECONDS))
    assert len(looked_up(StartTime=timestamp(begin + 10), PaginationConfig={"PageSize": 1})) == 2
    assert len(looked_up(StartTime=timestamp(begin), EndTime=timestamp(begin + 10))) == 2


def test_the_history_ends_after_90_days(studio: Studio) -> None:
    studio.register()
    studio.clock.advance(KEPT_SECONDS)
    assert len(looked_up()) == 1
    studio.clock.advance(1)
    assert looked_up() == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"StartTime": timestamp(9), "EndTime": timestamp(8)}, "InvalidTimeRangeException"),
        (
            {"LookupAttributes": [*UPDATES, {"AttributeKey": "ReadOnly", "AttributeValue": "false"}]},
            "InvalidLookupAttributesException",
        ),
    ],
)
def test_a_lookup_has_one_attribute_and_ends_after_it_begins(
    studio: Studio, request_: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as error:
        looked_up(**request_)
    assert error.value.response["Error"]["Code"] == code


def test_calls_that_are_not_shown_yet_can_be_held_back(studio: Studio) -> None:
    studio.register()
    assert studio.sagemaker.trail.is_late()
    studio.sagemaker.trail.hold_back(3600)
    studio.clock.advance(1800)
    studio.sagemaker.trail.hold_back(3600)
    studio.clock.advance(3599)
    assert looked_up() == [], "a later call holds it back from then on, and does not add to the first"
    studio.clock.advance(1)
    assert len(looked_up()) == 1
    assert not studio.sagemaker.trail.is_late()
