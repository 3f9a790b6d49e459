"""A container's content: model data, code and models of a hub, as a package names them."""

import itertools
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


@pytest.mark.parametrize(
    ("value", "ambiguous"),
    [
        (CODE, ()),
        (f"{CODE}, {MODELS}more.json", ()),
        (f"{CODE} {MODELS}more.json;{CODE}", ()),
        (f'{{"code": "{CODE}", "more": "{MODELS}more.json"}}', ()),
        (f"--code={CODE} --fast", ()),
        # SageMaker's containers leave out what follows these signs, and slashes before the key.
        (f"{CODE}#v1", (f"{CODE}#v1",)),
        (f"{CODE}?v=1", (f"{CODE}?v=1",)),
        ("s3://example-models//code.tar.gz", ("s3://example-models//code.tar.gz",)),
        (f'{{"code": "{CODE}", "more": "{MODELS}more.json#1"}}', (f"{MODELS}more.json#1",)),
        # They load an object with the whole value as its name.
        (f"{MODELS}my code.tar.gz", (f"{MODELS}my",)),
        (f"{MODELS}it's.tar.gz", (f"{MODELS}it",)),
        (f"{CODE} ", (CODE,)),
        (f" {CODE} ", (CODE,)),
        (f"{CODE} {MODELS}more.json more", (f"{MODELS}more.json",)),
    ],
)
def test_a_uri_that_containers_read_in_different_ways_is_not_fixed(value: str, ambiguous: tuple[str, ...]) -> None:
    given = container({"Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": value}})
    assert given.unfixed == tuple(f"the ambiguous S3 URI {uri} of SAGEMAKER_SUBMIT_DIRECTORY" for uri in ambiguous)


@pytest.mark.parametrize("variable", [name for name, kinds in HUB_VARIABLES.items() if kinds])
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
    for revisions in itertools.product(*HUB_VARIABLES[variable]):
        given = container({"Environment": {variable: value} | dict.fromkeys(revisions if revision else (), revision)})
        assert (given.unfixed == (), given.named) == (is_fixed, ())


@pytest.mark.parametrize(
    "revisions",
    [
        {"HF_MODEL_REVISION": COMMIT},
        {"HF_REVISION": COMMIT, "OPTION_REVISION": COMMIT},
        {"HF_MODEL_REVISION": COMMIT, "HF_REVISION": "main"},
        {"HF_MODEL_REVISION": COMMIT, "HF_REVISION": COMMIT, "OPTION_REVISION": "main"},
        {"HF_MODEL_REVISION": COMMIT, "HF_REVISION": COMMIT, "REVISION": "main"},
    ],
    ids=["not for LMI", "not for Hugging Face", "a branch", "a branch besides", "another variable"],
)
def test_each_kind_of_container_needs_its_own_commit(revisions: dict[str, str]) -> None:
    assert container({"Environment": {"HF_MODEL_ID": "encoder"} | revisions}).unfixed == (
        "the model encoder of HF_MODEL_ID without a commit in HF_MODEL_REVISION and HF_REVISION or OPTION_REVISION",
    )


@pytest.mark.parametrize("variable", [name for name, kinds in HUB_VARIABLES.items() if not kinds])
def test_a_model_without_a_variable_for_its_revision_is_never_fixed(variable: str) -> None:
    environment = {variable: "encoder", "HF_REVISION": COMMIT, "OPTION_REVISION": COMMIT}
    assert container({"Environment": environment}).unfixed == (f"the model encoder of {variable}",)
    assert container({"Environment": {variable: "/opt/ml/model"}}).unfixed == ()


def test_a_model_of_a_hub_in_s3_is_a_prefix() -> None:
    given = container({"Environment": {"HF_MODEL_ID": f"{MODELS}many"}})
    assert (given.named, given.unfixed) == ((f"{MODELS}many/",), ())
