import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate.aws.inbox import Inbox, Malformed, Message, approval_hint, cloudtrail_witness, parse
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.answers import AnswersResult, Pair
from lambdas.gate.state.golden_result import MOST_LISTED, GoldenResult, Wrong
from lambdas.gate.state.hints import ApprovalHint, EditHint, Witness
from lambdas.gate.state.identity import Identity
from tests.lambdas.stubbed import stubbed
from tests.paths import EVENTS

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-inbox"
VERSION = "arn:aws:sagemaker:us-east-1:123456789012:model-package/frauddetectiongroup/3"
APPROVED = ApprovalHint(VERSION, 1_799_999_969.0)


def bodies(name: str) -> list[str]:
    return [record["body"] for record in json.loads((EVENTS / f"deployer-{name}.json").read_text())["Records"]]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("package-approved", APPROVED),
        # Rejected, too, is a change of the status: what it is by now is for Describe to say.
        ("package-rejected", dataclasses.replace(APPROVED, comments=False)),
        # A metadata edit repeats the status Approved, and approves nothing.
        ("package-metadata-edited", None),
        # So does a stage, which is an approval where the spec names one.
        ("package-life-cycle", ApprovalHint(VERSION, 1_799_999_969.0, by_stage=True, comments=False)),
        # A creation says no UpdatedModelPackageFields; the list of Approved versions shows it.
        ("package-registered-approved", None),
        ("endpoint-in-service", None),
        ("endpoint-deployment", None),
        ("alarm", None),
        ("parameter-changed", None),
        ("schedule", None),
        ("look", None),
    ],
)
def test_what_each_event_says(name: str, hint: ApprovalHint | None) -> None:
    (body,) = bodies(name)
    named = VERSION if name.startswith("package-") else None
    edit = EditHint(VERSION, 1_799_999_969.0) if name == "package-metadata-edited" else None
    assert parse(body) == Message(body, "fraud-detection", hint, version=named, edit=edit)


def test_an_approving_call_may_have_written_the_specification_too() -> None:
    (body,) = bodies("package-approved")
    told = json.loads(body)
    told["event"]["detail"]["UpdatedModelPackageFields"] = ["ModelApprovalStatus", "InferenceSpecification"]
    assert approval_hint(told["event"]) == ApprovalHint(VERSION, APPROVED.at, specifies=True, comments=False)


ANN = Identity(
    arn="arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Reviewer_0123456789abcdef/ann@example.com",
    principal_id="AROAEXAMPLEID:ann@example.com",
    source_identity="ann",
)


def test_the_trail_says_who_approved() -> None:
    (body,) = bodies("trail-approved")
    witness = Witness(VERSION, ANN, 1_799_999_969.0, "Approved")
    assert parse(body) == Message(body, "fraud-detection", None, witness)


TRAIL: dict[str, Any] = json.loads(bodies("trail-approved")[0])["event"]
UPDATED = {"modelPackageArn": VERSION}


def _trail(**detail: Any) -> dict[str, Any]:
    return TRAIL | {"detail": TRAIL["detail"] | detail}


@pytest.mark.parametrize(
    ("event", "witness"),
    [
        (_trail(), Witness(VERSION, ANN, 1_799_999_969.0, "Approved")),
        (
            _trail(eventName="CreateModelPackage", requestParameters={"modelApprovalStatus": "Approved"}),
            Witness(VERSION, ANN, 1_799_999_969.0, "Approved"),
        ),
        (
            _trail(requestParameters=UPDATED | {"modelApprovalStatus": "Rejected"}),
            Witness(VERSION, ANN, 1_799_999_969.0, "Rejected"),
        ),
        (
            _trail(requestParameters=UPDATED | {"modelLifeCycle": {"stage": "Prod", "stageStatus": "Go"}}),
            Witness(VERSION, ANN, 1_799_999_969.0, None, Stage("Prod", "Go")),
        ),
        (
            _trail(responseElements=None, requestParameters=UPDATED | {"modelApprovalStatus": "Approved"}),
            Witness(VERSION, ANN, 1_799_999_969.0, "Approved"),
        ),
        (_trail(userIdentity=None), Witness(VERSION, Identity(), 1_799_999_969.0, "Approved")),
        (
            _trail(
                eventName="DeleteModelPackage", requestParameters={"modelPackageName": VERSION}, responseElements=None
            ),
            None,
        ),
        (_trail(requestParameters=UPDATED | {"approvalDescription": "typo"}), None),
        (_trail(errorCode="AccessDenied"), None),
        (_trail(eventTime="soon"), None),
        (_trail(requestParameters=None, responseElements=None), None),
        (_trail(responseElements={"modelPackageArn": "arn:aws:sagemaker:us-east-1:1:model-package/unversioned"}), None),
        (TRAIL | {"detail": []}, None),
        ({}, None),
    ],
    ids=[
        "approved",
        "registered as approved: the answer names the version",
        "rejected",
        "moved to a stage",
        "an answer that is not recorded",
        "by nobody that is named",
        "deleted",
        "an edit",
        "refused",
        "without a time",
        "of no version",
        "of an unversioned package",
        "without detail",
        "not of the trail",
    ],
)
def test_what_the_trail_tells(event: dict[str, Any], witness: Witness | None) -> None:
    assert cloudtrail_witness(event) == witness


def test_what_golden_requests_found_can_be_stored_whoever_wrote_it() -> None:
    wrong = {"request": "r", "found": "\ud800" + "x" * 1000, "wanted": "\uffff"}
    told = {"digest": "d", "config": "c", "at": 1, "alone": True, "failed": 9, "wrong": [wrong] * 9}
    played = parse(json.dumps({"endpoint": "e", "golden": told})).golden
    assert played is not None
    assert played.wrong == (Wrong.of("r", "\ufffd" + "x" * 1000, "\uffff"),) * MOST_LISTED
    assert (len(played.wrong[0].found), played.wrong[0].wanted) == (300, "\\uffff")


def test_what_golden_requests_found_is_told_as_it_was() -> None:
    played = GoldenResult("ab", "gate-v2", 1.5, alone=True, failed=2, wrong=(Wrong("r", "0.1", "0.9"),))
    body = played.message("fraud-detection")
    assert parse(body) == Message(body, "fraud-detection", golden=played)
    assert parse(body).is_lasting


def test_what_the_comparer_found_is_told_as_it_was_and_is_sent_again_with_its_sender() -> None:
    found = AnswersResult("shadow-2-4", 600.0, 1200.0, copies=9, pairs=8, differing=1, first=(Pair("0a", "b", "c"),))
    message = parse(found.message("churn"), "AROACOMPARER:c", OWN)
    told = dataclasses.replace(found, sender="AROACOMPARER:c")
    assert message == Message(told.message("churn"), "churn", answers=told)
    assert message.is_lasting
    assert parse(message.body, f"{OWN}:d", OWN).answers == told


OWN = "AROADEPLOYERDEPLOYERD"


@pytest.mark.parametrize(
    ("stamp", "stated", "sender"),
    [
        pytest.param("AROAPROBER:p", None, "AROAPROBER:p", id="who sent it"),
        pytest.param("AROAFORGER:f", "AROAPROBER:p", "AROAFORGER:f", id="not whom a stranger names"),
        pytest.param(f"{OWN}:d", "AROAPROBER:p", "AROAPROBER:p", id="whom the deployer names in its copy"),
        pytest.param(f"{OWN}:d", None, None, id="nobody, if the deployer names nobody"),
        pytest.param(OWN, "AROAPROBER:p", OWN, id="no session of the deployer's role"),
        pytest.param(f"{OWN}X:d", "AROAPROBER:p", f"{OWN}X:d", id="a role whose id begins alike"),
        pytest.param(None, "AROAPROBER:p", None, id="a record without a stamp"),
    ],
)
def test_a_result_is_by_whom_sqs_names(stamp: str | None, stated: str | None, sender: str | None) -> None:
    sent = GoldenResult("ab", "gate-v2", 1.5, alone=True, sender=stated)
    message = parse(sent.message("churn"), stamp, OWN)
    assert message.golden == dataclasses.replace(sent, sender=sender)
    assert parse(message.body, f"{OWN}:d", OWN).golden == message.golden


def test_without_an_id_of_its_own_the_deployer_believes_no_copy() -> None:
    sent = GoldenResult("ab", "gate-v2", 1.5, alone=True, sender="AROAPROBER:p")
    assert parse(sent.message("churn"), ":d", "").golden == dataclasses.replace(sent, sender=":d")


PACKAGE: dict[str, Any] = json.loads(bodies("package-approved")[0])
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package"


@pytest.mark.parametrize(
    "version",
    [
        f"{ARN}/g/²",
        f"{ARN}/g/٣",
        f"{ARN}/g/0",
        f"{ARN}/g/007",
        f"{ARN}/g/1_0",
        f"{ARN}/g/ 7",
        f"{ARN}/g/7\n",
        f"{ARN}/g/-1",
        f"{ARN}/g/{'9' * 5000}",
        f"{ARN}/7",
        "g/7",
        "7",
        7,
        ["7"],
    ],
)
def test_what_is_no_version_is_none(version: Any) -> None:
    detail = {"ModelPackageArn": version, "modelPackageArn": version}
    package = PACKAGE["event"] | {"detail": PACKAGE["event"]["detail"] | detail}
    assert approval_hint(package) is None
    assert cloudtrail_witness(_trail(responseElements=detail)) is None


@pytest.mark.parametrize(
    "content",
    [
        {
            "endpoint": "fraud-detection",
            "golden": json.loads(GoldenResult("ab", None, 1.5, True).message("f"))["golden"] | odd,
        }
        for odd in ({"at": 1e999}, {"at": float("nan")}, {"at": -1.0}, {"at": 10**400}, {"failed": 1}, {"digest": None})
    ]
    + [
        PACKAGE
        | {"event": PACKAGE["event"] | {"detail": PACKAGE["event"]["detail"] | {"UpdatedModelPackageFields": 5}}},
        {"endpoint": "fraud-detection", "event": _trail(requestParameters=[1])},
        {"endpoint": "fraud-detection", "event": _trail(userIdentity="ann")},
        {"endpoint": "fraud-detection", "event": _trail(userIdentity={"arn": ["ann"]})},
        {"endpoint": "fraud-detection", "event": _trail(requestParameters=UPDATED | {"modelApprovalStatus": 1})},
        {"endpoint": "fraud-detection", "event": _trail(userIdentity={"arn": "a" * 2049})},
        {
            "endpoint": "fraud-detection",
            "event": _trail(requestParameters=UPDATED | {"modelApprovalStatus": "A" * 9999}),
        },
        {"endpoint": "fraud-detection", "golden": {"digest": "d" * 65, "config": "c", "at": 1, "alone": True}},
        {"endpoint": "fraud-detection", "golden": {"digest": "d", "config": "c" * 65, "at": 1, "alone": True}},
        {"endpoint": "fraud-detection", "golden": {"digest": "d\u202e", "config": "c", "at": 1, "alone": True}},
        {"endpoint": "*"},
        {"endpoint": "a/b"},
        {"endpoint": "a" * 64},
        {"endpoint": "²"},
        {"endpoint": "churn\n"},
    ],
)
def test_what_is_of_another_kind_than_it_says_is_malformed(content: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse(json.dumps(content))


@pytest.mark.parametrize("body", ["[" * 100_000, "9" * 5000, None, 7], ids=["deep", "long", "none", "number"])
def test_what_no_json_is_made_of_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        parse(body)


def test_half_a_character_of_an_event_is_replaced() -> None:
    event = _trail(userIdentity={"arn": "arn:aws:iam::1:user/\ud83d"})
    witness = parse(json.dumps({"endpoint": "fraud-detection", "event": event})).witness
    assert witness is not None
    assert witness.identity == Identity("arn:aws:iam::1:user/\ufffd")


def test_the_sweep_names_no_endpoint() -> None:
    (body,) = bodies("sweep")
    assert parse(body) == Message(body, None, None)


@pytest.mark.parametrize(
    "body",
    [
        bodies("malformed")[0],
        "",
        "null",
        "[]",
        '"fraud-detection"',
        "{}",
        '{"endpoint": ""}',
        '{"endpoint": 7}',
        '{"endpoint": null}',
        '{"sweep": "everything"}',
        '{"endpoint": "e", "golden": {}}',
        '{"endpoint": "e", "golden": null}',
        '{"endpoint": "e", "answers": {}}',
        '{"endpoint": "e", "answers": {"shadow": "s", "since": 1, "until": 2, "copies": 1, "pairs": 2}}',
        '{"endpoint": "e", "golden": {"digest": "\\u0000", "config": "c", "at": 1, "alone": true}}',
        '{"endpoint": "e", "golden": {"digest": "d", "config": "c", "at": NaN, "alone": true}}',
        '{"endpoint": "e", "golden": {"digest": "d", "config": "c", "at": 1, "alone": true, "failed": -1}}',
        '{"endpoint": "e", "golden": {"digest": "d", "config": "c", "at": 1, "alone": true, "failed": 1}}',
    ],
)
def test_a_message_that_names_no_endpoint_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        parse(body)


def _event(time: Any = "2027-01-15T07:59:30Z", **detail: Any) -> dict[str, Any]:
    told = {"ModelPackageArn": VERSION, "UpdatedModelPackageFields": ["ModelApprovalStatus"]} | detail
    return {"detail-type": "SageMaker Model Package State Change", "time": time, "detail": told}


@pytest.mark.parametrize(
    ("event", "at"),
    [
        (_event(LastModifiedTime="2027-01-15T07:59:29Z"), 1_799_999_969.0),
        (_event(), 1_799_999_970.0),
        # One of AWS's own samples has epoch seconds where its documentation says ISO 8601.
        (_event(LastModifiedTime="1799999969"), 1_799_999_970.0),
        (_event(LastModifiedTime=1799999969000), 1_799_999_970.0),
    ],
)
def test_when_an_approval_was_given(event: dict[str, Any], at: float) -> None:
    assert approval_hint(event) == ApprovalHint(VERSION, at, comments=False)


@pytest.mark.parametrize("event", [_event(time="soon"), _event(time=None)])
def test_an_approval_without_a_time_is_not_lost_in_silence(event: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        approval_hint(event)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail-type": "SageMaker Model Package State Change"},
        {"detail-type": "SageMaker Model Package State Change", "detail": []},
        _event(UpdatedModelPackageFields=None),
        _event(UpdatedModelPackageFields=[]),
        _event(ModelPackageArn=None),
        _event(ModelPackageArn="arn:aws:sagemaker:us-east-1:123456789012:model-package/unversioned"),
        _event() | {"detail-type": "SageMaker Model State Change"},
    ],
)
def test_an_event_that_is_no_approval_is_no_hint(event: dict[str, Any]) -> None:
    assert approval_hint(event) is None


@pytest.mark.parametrize(
    ("delay", "seconds"), [(0, 0), (-5, 0), (22.4, 23), (0.3, 1), (899.6, 900), (900, 900), (28_800, 900)]
)
def test_a_delay_is_one_that_sqs_takes(delay: float, seconds: int) -> None:
    asked = {"QueueUrl": URL, "MessageBody": '{"endpoint": "churn"}', "DelaySeconds": seconds}
    with stubbed("sqs") as stub:
        stub.add_response("send_message", {"MessageId": "1"}, asked)
        Inbox(stub.client, URL).send_reconcile("churn", delay)


def test_a_message_sent_again_is_the_one_that_came() -> None:
    (body,) = bodies("package-approved")
    with stubbed("sqs") as stub:
        asked = {"QueueUrl": URL, "MessageBody": body, "DelaySeconds": 15}
        stub.add_response("send_message", {"MessageId": "1"}, asked)
        Inbox(stub.client, URL).send(body, 15)
