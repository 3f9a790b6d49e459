"""The calls that CloudTrail's event history has."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from lambdas.gate.aws.errors import Forbidden, Temporary
from lambdas.gate.aws.event_history import MOST_DELETIONS, MOST_EVENTS, EventHistory, recorded_call
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.history import History, RecordedCall
from lambdas.gate.state.identity import Identity
from tests.lambdas.builders import NOW, arn
from tests.lambdas.stubbed import stubbed

BOB = "arn:aws:sts::123456789012:assumed-role/reviewer/bob"
SINCE = NOW - 500
ASKED: dict[str, Any] = {
    "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage"}],
    "StartTime": datetime.fromtimestamp(SINCE, UTC),
    "MaxResults": 50,
}
DELETIONS = ASKED | {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "DeleteModelPackage"}]}


def event(number: int = 1, at: float = NOW - 100, **record: Any) -> dict[str, Any]:
    """An event whose record has these fields besides the usual ones. Without any it approves version 2."""
    content = {
        "userIdentity": {
            "arn": BOB,
            "principalId": "AROA:bob",
            "sessionContext": {"sourceIdentity": "bob@example.com"},
        },
        "requestParameters": {"modelPackageArn": arn(2), "modelApprovalStatus": "Approved"},
        "responseElements": {"modelPackageArn": arn(2)},
    }
    return {
        "EventId": f"{number:04}",
        "EventName": "UpdateModelPackage",
        "EventTime": datetime.fromtimestamp(at, UTC),
        "CloudTrailEvent": json.dumps(content | record),
    }


def asking(**parameters: Any) -> dict[str, Any]:
    return event(requestParameters={"modelPackageArn": arn(2), **parameters})


def deletion(number: int = 9, at: float = NOW - 100, **record: Any) -> dict[str, Any]:
    """An event that deletes version 2."""
    asked = {"requestParameters": {"modelPackageName": arn(2)}, "responseElements": None}
    return event(number, at, **asked | record) | {"EventName": "DeleteModelPackage"}


def read(*pages: dict[str, Any], deletions: tuple[dict[str, Any], ...] = ({"Events": []},)) -> History:
    with stubbed("cloudtrail") as stub:
        for request, answers in ((ASKED, pages), (DELETIONS, deletions)):
            for number, page in enumerate(answers):
                stub.add_response("lookup_events", page, request | ({"NextToken": str(number)} if number else {}))
        return EventHistory(lambda: stub.client).read(SINCE, NOW)


APPROVED = RecordedCall(
    "0001", NOW - 100, arn(2), Identity(BOB, "AROA:bob", "bob@example.com"), status="Approved", changes=False
)


def test_a_call_says_who_set_what_of_which_version() -> None:
    assert recorded_call(event()) == APPROVED


@pytest.mark.parametrize(
    ("parameters", "changes"),
    [
        ({"customerMetadataProperties": {"RiskReview": "passed"}}, False),
        ({"modelCard": {"modelCardStatus": "Approved"}}, False),
        ({"modelApprovalStatus": "Approved", "approvalDescription": "as discussed"}, False),
        ({"inferenceSpecification": {"containers": []}}, True),
        ({"modelApprovalStatus": "Approved", "inferenceSpecification": {"containers": []}}, True),
        ({"additionalInferenceSpecificationsToAdd": []}, True),
        ({"sourceUri": "s3://models/2"}, True),
        ({"aParameterThatAwsAddsLater": 1}, True),
        ({"omitted": True, "originalSize": 300_000, "reason": "requestParameters too large"}, True),
        ({"modelApprovalStatus": ["Approved"]}, True),
        ({"modelApprovalStatus": "A" * 2049}, True),
        ({"modelLifeCycle": "Production"}, True),
    ],
)
def test_a_call_may_have_changed_the_version_unless_its_parameters_say_otherwise(
    parameters: dict[str, Any], changes: bool
) -> None:
    found = recorded_call(asking(**parameters))
    assert found is not None
    assert (found.version, found.changes) == (arn(2), changes)


def test_a_stage_is_told() -> None:
    found = recorded_call(asking(modelLifeCycle={"stage": "Production", "stageStatus": "Approved"}))
    assert found is not None
    assert (found.status, found.stage) == (None, Stage("Production", "Approved"))


@pytest.mark.parametrize(
    "record",
    [
        {"CloudTrailEvent": "{"},
        {"CloudTrailEvent": "[]"},
        {"CloudTrailEvent": 40_000 * "["},
        {"CloudTrailEvent": json.dumps({"requestParameters": None, "responseElements": None})},
        {"CloudTrailEvent": json.dumps({"requestParameters": "HIDDEN_DUE_TO_SECURITY_REASONS"})},
    ],
)
def test_a_call_that_cannot_be_read_may_have_changed_any_version(record: dict[str, str]) -> None:
    assert recorded_call(event() | record) == RecordedCall("0001", NOW - 100, None, Identity(), changes=True)


def test_a_call_without_an_event_may_have_changed_any_version() -> None:
    without = {name: value for name, value in event().items() if name != "CloudTrailEvent"}
    assert recorded_call(without) == RecordedCall("0001", NOW - 100, None, Identity(), changes=True)


def test_a_call_whose_parameters_are_hidden_may_have_changed_the_version_that_it_answered_about() -> None:
    found = recorded_call(event(requestParameters=None))
    assert found is not None
    assert (found.version, found.status, found.changes) == (arn(2), None, True)


@pytest.mark.parametrize(
    "name", ["HIDDEN_DUE_TO_SECURITY_REASONS", "", "arn:aws:sagemaker:us-east-1:1:model-package/a/x"]
)
def test_a_call_whose_version_is_hidden_may_have_changed_any_version(name: str) -> None:
    found = recorded_call(event(requestParameters={"modelPackageArn": name}, responseElements=None))
    assert found is not None
    assert (found.version, found.changes) == (None, True)


@pytest.mark.parametrize(
    "record",
    [
        {"errorCode": "AccessDenied"},
        {"requestParameters": {"modelPackageArn": arn(2).rpartition("/")[0]}, "responseElements": None},
    ],
    ids=["refused", "an unversioned package"],
)
def test_some_calls_changed_no_version(record: dict[str, Any]) -> None:
    assert recorded_call(event(**record)) is None


def test_the_history_is_in_order_of_time_and_has_each_event_once() -> None:
    later, earlier = event(2, NOW - 50), event(1)
    history = read({"Events": [later], "NextToken": "1"}, {"Events": [earlier, later]})
    assert (history.since, history.read_at) == (SINCE, NOW)
    assert [call.event for call in history.calls] == ["0001", "0002"]


def test_events_without_an_id_are_not_taken_for_one() -> None:
    change, approval = asking(inferenceSpecification={"containers": []}), event()
    for each in (change, approval):
        del each["EventId"]
    assert sorted(call.changes for call in read({"Events": [change, approval, approval]}).calls) == [False, True]


def test_a_history_that_is_too_long_begins_later() -> None:
    events = [event(n, NOW - n) for n in range(MOST_EVENTS + 1)]
    history = read({"Events": events, "NextToken": "1"})
    assert history.since == NOW - MOST_EVENTS + 2
    assert min(call.at for call in history.calls) == history.since


def test_what_was_read_before_a_throttle_counts() -> None:
    with stubbed("cloudtrail") as stub:
        stub.add_response("lookup_events", {"Events": [event(2, NOW - 50), event()], "NextToken": "1"}, ASKED)
        stub.add_client_error("lookup_events", "ThrottlingException")
        stub.add_response("lookup_events", {"Events": []}, DELETIONS)
        history = EventHistory(lambda: stub.client).read(SINCE, NOW)
    assert history.since == NOW - 99
    assert [call.event for call in history.calls] == ["0002"]


def test_a_deletion_says_who_deleted_what_and_changes_no_version() -> None:
    history = read({"Events": [event()]}, deletions=({"Events": [deletion()]},))
    caller = Identity(BOB, "AROA:bob", "bob@example.com")
    assert history.calls == (APPROVED, RecordedCall("0009", NOW - 100, arn(2), caller, deleted=True))


@pytest.mark.parametrize(
    "record",
    [
        {"errorCode": "AccessDenied"},
        {"requestParameters": None},
        {"requestParameters": {"modelPackageName": "a-package"}},
        {"requestParameters": {"modelPackageName": arn(2).rpartition("/")[0]}},
        {"requestParameters": {"modelPackageName": [arn(2)]}},
    ],
)
def test_a_deletion_that_failed_or_names_no_version_is_left_out(record: dict[str, Any]) -> None:
    assert recorded_call(deletion(**record)) is None
    assert recorded_call(deletion() | {"CloudTrailEvent": "{"}) is None


def test_deletions_that_are_too_many_do_not_shorten_the_history() -> None:
    many = [deletion(n, NOW - n) for n in range(1, MOST_DELETIONS + 2)]
    history = read({"Events": []}, deletions=({"Events": many, "NextToken": "1"},))
    assert (history.since, len(history.calls)) == (SINCE, MOST_DELETIONS)


@pytest.mark.parametrize(
    ("code", "raised"),
    [("ThrottlingException", Temporary), ("InternalFailure", Temporary), ("AccessDeniedException", Forbidden)],
)
def test_a_history_that_cannot_be_read_says_so(code: str, raised: type[Exception]) -> None:
    with stubbed("cloudtrail") as stub, pytest.raises(raised, match=r"^CloudTrail's event history "):
        refused(stub, code)


def refused(stub: Stubber, code: str) -> None:
    stub.add_client_error("lookup_events", code)
    EventHistory(lambda: stub.client).read(SINCE, NOW)
