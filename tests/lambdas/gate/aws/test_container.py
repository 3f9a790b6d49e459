"""A container's content: model data, code and models of a hub, as a package names them."""

from typing import Any

import pytest

from lambdas.gate.aws.container import HUB_VARIABLES, container
from lambdas.gate.state.observed import Container

DIGEST = f"sha256:{64 * 'a'}"
MODELS = "s3://example-models/fraud/"
CODE = "s3://example-models/fraud/code.tar.gz"
COMMIT = 40 * "a"


def _source(uri: str, kind: str = "S3Object", **fields: str) -> dict[str, Any]:
    return {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": "None"} | fields}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"Image": "i", "ModelDataUrl": f"{MODELS}1"}, Container("i", None, f"{MODELS}1")),
        ({"Image": "i", "ImageDigest": DIGEST}, Container("i", DIGEST)),
        ({"ModelDataSource": _source(f"{MODELS}1")}, Container(None, None, f"{MODELS}1")),
        (
            {"ModelDataSource": _source(f"{MODELS}many/", "S3Prefix", ETag="e", ManifestEtag="m")},
            Container(None, prefix=f"{MODELS}many/"),
        ),
        ({"ModelDataSource": _source(f"{MODELS}many/", "S3Prefix")}, Container(None, prefix=f"{MODELS}many/")),
        (
            {
                "ModelDataUrl": f"{MODELS}1",
                "AdditionalModelDataSources": [{"ChannelName": "draft", **_source(f"{MODELS}draft/", "S3Prefix")}],
                "AdditionalS3DataSource": {"S3DataType": "S3Object", "S3Uri": f"{MODELS}more"},
            },
            Container(None, None, f"{MODELS}1", more=(f"{MODELS}draft/", f"{MODELS}more")),
        ),
        (
            {
                "ModelDataUrl": f"{MODELS}1",
                "AdditionalModelDataSources": [{"ChannelName": "draft", **_source(f"{MODELS}draft", "S3Prefix")}],
                "AdditionalS3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{MODELS}more"},
            },
            Container(None, None, f"{MODELS}1", more=(f"{MODELS}draft/", f"{MODELS}more/")),
        ),
        (
            {"ModelDataSource": _source(f"{MODELS}1", ManifestS3Uri="s3://elsewhere/manifest.csv")},
            Container(
                None,
                None,
                f"{MODELS}1",
                more=("s3://elsewhere/manifest.csv",),
                unfixed=("the objects that s3://elsewhere/manifest.csv names",),
            ),
        ),
        (
            {"ModelDataUrl": f"{MODELS}1", "ModelDataSource": _source("s3://elsewhere/2")},
            Container(None, None, f"{MODELS}1", more=("s3://elsewhere/2",)),
        ),
        ({"ModelDataUrl": f"{MODELS}1", "ModelDataSource": _source(f"{MODELS}1")}, Container(None, None, f"{MODELS}1")),
        ({}, Container(None)),
    ],
)
def test_what_a_container_is_made_of(definition: dict[str, Any], expected: Container) -> None:
    assert container(definition) == expected


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (CODE, (CODE,)),
        ("S3A://example-models/fraud/code.tar.gz", (CODE,)),
        (f'{{"code": "{CODE}", "more": "{MODELS}more.json"}}', (CODE, f"{MODELS}more.json")),
        (f"{CODE}, {MODELS}more.json", (CODE, f"{MODELS}more.json")),
        (f"{CODE};{MODELS}more.json|{CODE}", (CODE, f"{MODELS}more.json")),
        (f"{MODELS}a,b.tar.gz", (f"{MODELS}a,b.tar.gz",)),
        (f"--code={CODE} --fast", (CODE,)),
        (f"{MODELS}many/", (f"{MODELS}many/",)),
        ("/opt/ml/model/code", ()),
        ("s3://", ()),
    ],
)
def test_the_objects_that_a_variable_names(value: str, named: tuple[str, ...]) -> None:
    assert container({"Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": value}}).named == named


def test_each_variable_is_read_and_an_object_is_named_once() -> None:
    given = container({"Environment": {"B": f"{MODELS}b", "A": CODE, "C": CODE, "D": "s3"}})
    assert given.named == (CODE, f"{MODELS}b")


@pytest.mark.parametrize("variable", HUB_VARIABLES)
@pytest.mark.parametrize(
    ("value", "revision", "is_fixed"),
    [
        ("example/encoder", None, False),
        ("encoder", "main", False),
        ("encoder", COMMIT[:39], False),
        ("encoder", COMMIT, True),
        ("encoder", f" {COMMIT} ", True),
        ("/opt/ml/model", None, True),
        ("", None, True),
    ],
)
def test_a_model_of_a_hub_is_fixed_by_its_commit(
    variable: str, value: str, revision: str | None, is_fixed: bool
) -> None:
    for name in HUB_VARIABLES[variable]:
        given = container({"Environment": {variable: value} | ({} if revision is None else {name: revision})})
        assert (given.unfixed == (), given.named) == (is_fixed, ())


def test_one_revision_that_is_no_commit_is_enough_to_leave_it_open() -> None:
    environment = {"HF_MODEL_ID": "encoder", "HF_MODEL_REVISION": COMMIT, "REVISION": "main"}
    assert container({"Environment": environment}).unfixed == (
        "the model encoder of HF_MODEL_ID without a commit in HF_MODEL_REVISION or HF_REVISION or OPTION_REVISION or "
        "REVISION",
    )


def test_a_model_of_a_hub_in_s3_is_a_prefix() -> None:
    given = container({"Environment": {"HF_MODEL_ID": f"{MODELS}many"}})
    assert (given.named, given.unfixed) == ((f"{MODELS}many/",), ())
