import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.aws.errors import Denied, Throttled
from lambdas.gate.aws.registry import Registry
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Listed, Package
from tests.lambdas.builders import GROUP, REVIEWER, arn
from tests.lambdas.stubbed import stubbed

CREATED = datetime(2027, 1, 14, 8, 0, tzinfo=UTC)
MODIFIED = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
LIST = {
    "ModelPackageGroupName": GROUP,
    "ModelApprovalStatus": "Approved",
    "SortBy": "CreationTime",
    "SortOrder": "Ascending",
    "MaxResults": 100,
}
DESCRIBE = {"ModelPackageName": arn(3), "IncludedData": "MetadataOnly"}
DESCRIBED: dict[str, Any] = {
    "ModelPackageName": GROUP,
    "ModelPackageArn": arn(3),
    "ModelPackageStatusDetails": {"ValidationStatuses": []},
    "CreationTime": CREATED,
    "ModelPackageStatus": "Completed",
}


def _page(*numbers: int, token: str | None = None) -> dict[str, Any]:
    summaries = [
        {"ModelPackageArn": arn(number), "CreationTime": CREATED, "ModelPackageStatus": "Completed"}
        for number in numbers
    ]
    return {"ModelPackageSummaryList": summaries} | ({"NextToken": token} if token else {})


NOTHING = hashlib.sha256(b"{}").hexdigest()


def _as_json(answer: dict[str, Any]) -> dict[str, Any]:
    """Times are the only values that JSON lacks."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in answer.items()}


def test_what_cannot_be_written_down_is_replaced_where_it_is_read() -> None:
    """Or the version's endpoint could never be written down again."""
    half = "\ud83d"
    answer = DESCRIBED | {
        "ApprovalDescription": f"ship it {half}",
        "CustomerMetadataProperties": {"note": half},
        "LastModifiedBy": {"UserProfileName": f"ann{half}"},
        "InferenceSpecification": {"Containers": [{"Image": "i", "Environment": {"A": half}}]},
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", answer, DESCRIBE)
        found = Registry(stub.client).describe(arn(3))
    assert found is not None
    assert (found.comment, found.modified_by) == ("ship it \ufffd", "ann\ufffd")
    assert found.description["CustomerMetadataProperties"] == {"note": "\ufffd"}
    assert codec.encode(found).encode()


def test_the_name_of_an_object_is_never_replaced_by_another_ones() -> None:
    uri = "s3://example-models/fraud/\ud83d\u202e.tar.gz"
    specification = {"Containers": [{"Image": "i", "ModelDataUrl": uri}]}
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED | {"InferenceSpecification": specification}, DESCRIBE)
        found = Registry(stub.client).describe(arn(3))
    assert found is not None
    assert [container.model_data for container in found.containers] == [uri]


def test_specifications_that_differ_in_half_a_character_are_two() -> None:
    digests = set()
    for half in ("\ud83d", "\udc00", "\ufffd"):
        specification = {"Containers": [{"Image": "i", "Environment": {"A": half}}]}
        with stubbed("sagemaker") as stub:
            stub.add_response("describe_model_package", DESCRIBED | {"InferenceSpecification": specification}, DESCRIBE)
            found = Registry(stub.client).describe(arn(3))
        assert found is not None
        digests.add(found.specification)
    assert len(digests) == 3


def test_all_pages_of_approved_versions_are_read() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", _page(1, 2, token="a"), LIST)
        stub.add_response("list_model_packages", _page(token="b"), LIST | {"NextToken": "a"})
        stub.add_response("list_model_packages", _page(7), LIST | {"NextToken": "b"})
        assert Registry(stub.client).approved(GROUP) == (arn(1), arn(2), arn(7))


def test_a_group_that_does_not_exist_has_no_approved_versions() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("list_model_packages", "ValidationException", "ModelPackageGroup does not exist.")
        assert Registry(stub.client).approved(GROUP) == ()


NEWEST = {key: value for key, value in LIST.items() if key != "ModelApprovalStatus"}


@pytest.mark.parametrize(
    ("since", "asked"), [(None, {}), (CREATED.timestamp() - 60, {"CreationTimeAfter": CREATED - timedelta(minutes=1)})]
)
def test_the_versions_of_any_status_since_a_time(since: float | None, asked: dict[str, Any]) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", _page(1, 2, token="a"), NEWEST | asked)
        stub.add_response("list_model_packages", _page(3), NEWEST | asked | {"NextToken": "a"})
        found = Registry(stub.client).created_since(GROUP, since)
        assert found == tuple(Listed(arn(number), CREATED.timestamp(), "Completed") for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("pages", "token", "before", "expected"),
    [
        (((9, 8), (7,)), None, None, (9, 8, 7)),
        (((9, 8, 7, 6),), "more", None, (9, 8, 7)),
        (((9, 8), (7, 2)), "more", None, (9, 8, 7)),
        (((9, 8), (7, 6), (5, 4)), "more", 9, (8, 7, 6)),
        (((9, 8), (7,)), None, 8, (7,)),
        (((5,), (2, 3), (1,)), None, None, (5, 3, 2, 1)),
        (((),), None, 5, ()),
    ],
    ids=[
        "all there are",
        "no more than asked for",
        "the next page is not read",
        "before one of them",
        "the last ones",
        "those of one moment by number, and all of them",
        "none",
    ],
)
def test_the_newest_versions_before_one_of_them(
    pages: tuple[tuple[int, ...], ...], token: str | None, before: int | None, expected: tuple[int, ...]
) -> None:
    """Versions 1 to 3 were created in one moment, each of the others a minute after the one before."""

    def created(number: int) -> datetime:
        return CREATED + timedelta(minutes=max(number, 3))

    asked = NEWEST | {"SortOrder": "Descending"}
    asked |= {} if before is None else {"CreationTimeBefore": created(before) + timedelta(seconds=1)}
    with stubbed("sagemaker") as stub:
        for number, page in enumerate(pages):
            given = {"NextToken": str(number)} if number else {}
            following = token if number == len(pages) - 1 else str(number + 1)
            answer = _page(*page, token=following)
            for summary, version in zip(answer["ModelPackageSummaryList"], page, strict=True):
                summary["CreationTime"] = created(version)
            stub.add_response("list_model_packages", answer, asked | given)
        last = None if before is None else (before, created(before).timestamp())
        found = Registry(stub.client).newest(GROUP, 3, last)
        assert tuple(each.number for each in found) == expected


@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Throttled), ("AccessDeniedException", Denied)])
def test_a_list_that_was_not_given_is_not_an_empty_one(code: str, error: type[Exception]) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", _page(1, token="a"), LIST)
        stub.add_client_error("list_model_packages", code, "Rate exceeded")
        with pytest.raises(error, match="Rate exceeded"):
            Registry(stub.client).approved(GROUP)


def test_a_described_version_carries_who_approved_it_and_when() -> None:
    answer = DESCRIBED | {
        "ModelPackageGroupName": GROUP,
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "AUC 0.94",
        "LastModifiedTime": MODIFIED,
        "LastModifiedBy": {"IamIdentity": {"Arn": REVIEWER, "PrincipalId": "AIDA"}},
        "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::123456789012:user/data-scientist"}},
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", answer, DESCRIBE)
        assert Registry(stub.client).describe(arn(3)) == Package(
            version=arn(3),
            group=GROUP,
            approval_status="Approved",
            status="Completed",
            modified_at=MODIFIED.timestamp(),
            modified_by=REVIEWER,
            comment="AUC 0.94",
            modifier=Identity(arn=REVIEWER, principal_id="AIDA"),
            registered_by=Identity(arn="arn:aws:iam::123456789012:user/data-scientist"),
            specification=NOTHING,
            description=_as_json(answer),
            is_modified=True,
            created_at=CREATED.timestamp(),
            fixed=NOTHING,
        )


def test_a_version_that_nobody_touched_since_its_creation_is_not_approved() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED, DESCRIBE)
        assert Registry(stub.client).describe(arn(3)) == Package(
            version=arn(3),
            group="",
            approval_status="PendingManualApproval",
            status="Completed",
            modified_at=CREATED.timestamp(),
            specification=NOTHING,
            description=_as_json(DESCRIBED),
            created_at=CREATED.timestamp(),
            fixed=NOTHING,
        )


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"UserProfileName": "alice", "IamIdentity": {"Arn": "arn:studio", "SourceIdentity": "a@x"}}, "alice"),
        ({"IamIdentity": {"Arn": "arn:role", "SourceIdentity": "a@x"}}, "a@x"),
        ({"IamIdentity": {"Arn": "arn:role", "PrincipalId": "AROA:a"}}, "arn:role"),
        ({"DomainId": "d-1"}, None),
    ],
)
def test_the_finest_name_of_the_approver(user: dict[str, Any], name: str | None) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED | {"LastModifiedBy": user}, DESCRIBE)
        package = Registry(stub.client).describe(arn(3))
    assert package is not None
    assert package.modified_by == name


def test_a_deleted_version_is_none() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_model_package", "ValidationException", f"ModelPackage {arn(3)} does not exist.")
        assert Registry(stub.client).describe(arn(3)) is None


def test_a_version_that_may_not_be_read_is_not_a_deleted_one() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_model_package", "AccessDeniedException", "not authorized")
        with pytest.raises(Denied, match="not authorized"):
            Registry(stub.client).describe(arn(3))


# Who


STUDIO = "arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-1/alice"


@pytest.mark.parametrize(
    ("user", "identity"),
    [
        (
            {
                "UserProfileArn": STUDIO,
                "UserProfileName": "alice",
                "DomainId": "d-1",
                "IamIdentity": {"Arn": "arn:role", "PrincipalId": "AROA:x", "SourceIdentity": "a@x"},
            },
            Identity("arn:role", "AROA:x", "a@x", STUDIO),
        ),
        ({"IamIdentity": {"Arn": "arn:role"}}, Identity("arn:role")),
        ({"DomainId": "d-1"}, None),
        ({}, None),
    ],
)
def test_both_identities_are_kept_in_full(user: dict[str, Any], identity: Identity | None) -> None:
    author = {"IamIdentity": {"Arn": "arn:author"}}
    described = _described(CreatedBy=author, LastModifiedBy=user)
    # Where nobody has modified it, whoever registered it did.
    assert described.modifier == (identity if user else Identity("arn:author"))
    assert described.registered_by == Identity("arn:author")


# What


def _described(**answer: Any) -> Package:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED | answer, DESCRIBE)
        found = Registry(stub.client).describe(arn(3))
    assert found is not None
    return found


MODELS = "s3://example-models/fraud/"


def test_every_change_of_the_specification_changes_its_digest() -> None:
    one, other = ({"Containers": [{"Image": "i", "Environment": {"A": value}}]} for value in ("1", "2"))
    digests = [_described(InferenceSpecification=specification).specification for specification in (one, other)]
    assert digests[0] == hashlib.sha256(codec.encode(one).encode()).hexdigest()
    assert digests[1] not in (digests[0], NOTHING)


def test_the_description_is_all_that_aws_answered_with_times_as_text() -> None:
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": f"{MODELS}f1.json"}}}
    described = _described(ModelMetrics=metrics, LastModifiedTime=MODIFIED)
    assert described.description == DESCRIBED | {
        "CreationTime": "2027-01-14T08:00:00+00:00",
        "LastModifiedTime": "2027-01-15T08:00:00+00:00",
        "ModelMetrics": metrics,
    }
    assert codec.encode(described.description)


def test_the_card_s_content_is_read_only_when_it_is_asked_for() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED, DESCRIBE | {"IncludedData": "AllData"})
        Registry(stub.client).describe(arn(3), with_card=True)


# At which stage

STAGE = Stage("Production", "Approved")


@pytest.mark.parametrize(
    ("cycle", "is_there"),
    [
        ({"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}, True),
        ({"ModelLifeCycle": {"Stage": "Production", "StageStatus": "PendingApproval"}}, False),
        ({"ModelLifeCycle": {"Stage": "Staging", "StageStatus": "Approved"}}, False),
        ({}, False),
    ],
)
def test_a_version_is_approved_only_at_the_stage_that_the_spec_names(cycle: dict[str, Any], *, is_there: bool) -> None:
    answer = DESCRIBED | cycle | {"ModelApprovalStatus": "Approved"}
    summary = {"ModelPackageArn": arn(3), "CreationTime": CREATED, "ModelPackageStatus": "Completed"} | cycle
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", {"ModelPackageSummaryList": [summary]}, LIST)
        stub.add_response("describe_model_package", answer, DESCRIBE)
        stub.add_response("describe_model_package", answer, DESCRIBE)
        registry = Registry(stub.client)
        assert registry.approved(GROUP, STAGE) == ((arn(3),) if is_there else ())
        described = [registry.describe(arn(3), stage) for stage in (STAGE, None)]
    assert [package.is_approved for package in described if package] == [is_there, True]
