"""What the digests of an InferenceSpecification cover."""

import hashlib
from typing import Any

import pytest
from botocore.loaders import Loader

from lambdas.gate.state.specification import FILLED_IN, FilledIn, digest, without_filled_in

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
FIRST, LAST = f"sha256:{64 * '1'}", f"sha256:{64 * '2'}"


def _specification(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"Containers": [{"Image": IMAGE} | each for each in containers], "SupportedContentTypes": ["text/csv"]}


def test_a_digest_is_a_whole_sha_256() -> None:
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_half_of_a_surrogate_pair_has_a_digest_of_its_own() -> None:
    assert len({digest({"a": "\ud800"}), digest({"a": "\ud801"}), digest({"a": "?"})}) == 3


@pytest.mark.parametrize(
    ("field", "bare", "path"),
    [
        ({"ImageDigest": "v"}, {}, "ImageDigest"),
        ({"ModelDataETag": "v"}, {}, "ModelDataETag"),
        (
            {"ModelDataSource": {"S3DataSource": {"ETag": "v"}}},
            {"ModelDataSource": {"S3DataSource": {}}},
            "ModelDataSource.S3DataSource.ETag",
        ),
        (
            {"ModelDataSource": {"S3DataSource": {"ManifestEtag": "v"}}},
            {"ModelDataSource": {"S3DataSource": {}}},
            "ModelDataSource.S3DataSource.ManifestEtag",
        ),
        ({"AdditionalS3DataSource": {"ETag": "v"}}, {"AdditionalS3DataSource": {}}, "AdditionalS3DataSource.ETag"),
        (
            {"AdditionalModelDataSources": [{"S3DataSource": {}}, {"S3DataSource": {"ETag": "v"}}]},
            {"AdditionalModelDataSources": [{"S3DataSource": {}}, {"S3DataSource": {}}]},
            "AdditionalModelDataSources[1].S3DataSource.ETag",
        ),
        (
            {"AdditionalModelDataSources": [{"S3DataSource": {"ManifestEtag": "v"}}]},
            {"AdditionalModelDataSources": [{"S3DataSource": {}}]},
            "AdditionalModelDataSources[0].S3DataSource.ManifestEtag",
        ),
    ],
)
def test_what_aws_may_fill_in_is_told_apart(field: dict[str, Any], bare: dict[str, Any], path: str) -> None:
    fixed, filled_in = without_filled_in(_specification({}, {}, field))
    assert filled_in == (FilledIn(f"Containers[2].{path}", "v"),)
    assert (fixed, ()) == without_filled_in(_specification({}, {}, bare))


def test_each_container_counts() -> None:
    _, filled_in = without_filled_in(_specification({"ImageDigest": FIRST}, {}, {"ImageDigest": LAST}))
    assert filled_in == (FilledIn("Containers[0].ImageDigest", FIRST), FilledIn("Containers[2].ImageDigest", LAST))


@pytest.mark.parametrize("name", ["ImageDigest", "ETag", "ModelDataETag"])
def test_a_variable_of_such_a_name_is_no_such_field(name: str) -> None:
    one, other = ({"Environment": {name: value}} for value in ("1", "2"))
    assert without_filled_in(_specification(one))[0] != without_filled_in(_specification(other))[0]
    assert without_filled_in(_specification(one))[1] == ()


def test_all_else_is_covered_in_the_last_container_too() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"Image": f"{IMAGE}.1"},
        {"ModelDataUrl": "s3://example-models/fraud/1.tar.gz"},
        {"Environment": {"A": "1"}},
        {"Environment": {"A": "2"}},
        {"ModelInput": {"DataInputConfig": "{}"}},
    )
    assert len({without_filled_in(_specification({}, {}, change))[0] for change in changes}) == len(changes)


def _members() -> set[str]:
    """The paths of all members of InferenceSpecification, by the service model; list items have no number."""
    model = Loader().load_service_model("sagemaker", "service-2")["shapes"]

    def paths(shape: str, path: str, above: frozenset[str]) -> set[str]:
        described = model[shape]
        if described["type"] == "list":
            return paths(described["member"]["shape"], path, above)
        if described["type"] != "structure":
            return {path}
        members = ((name, m["shape"]) for name, m in described["members"].items() if m["shape"] not in above)
        return {found for name, inner in members for found in paths(inner, f"{path}.{name}", above | {inner})}

    return paths("InferenceSpecification", "", frozenset())


def test_every_digest_and_etag_of_the_service_s_model_is_known() -> None:
    found = {path.lstrip(".") for path in _members()}
    assert {path for path in found if path.lower().endswith(("etag", "digest"))} == FILLED_IN


KNOWN_MEMBERS = "7e6ee1dafc279b545fc03c939d62258d4d63de0f6b68b061aedc8246ce34029d"
"""SHA-256 of all members of InferenceSpecification in the service model that is shipped."""


def test_a_member_that_aws_adds_is_a_decision() -> None:
    """botocore drops what its model does not know. With a new member, a version that has it gets another digest than
    the one that was recorded at its registration, and would be refused for ever. Before this is set to the new model's
    members, decide what becomes of those versions; see ADR 16."""
    assert hashlib.sha256("\n".join(sorted(_members())).encode()).hexdigest() == KNOWN_MEMBERS
