"""An asynchronous endpoint: what of it reaches the spec, what is refused beside it, and what its models may do."""

import dataclasses

import botocore.session
import pytest

from infra.asset.bundle import Asset
from infra.config import limits
from infra.config.load import load
from infra.config.spec import spec
from lambdas.gate import names
from lambdas.gate.spec.serving import Asynchronous, Serving
from lambdas.gate.spec.spec import Spec
from tests.infra.config.mistakes import mistakes
from tests.infra.config.test_load import endpoints, problems, text
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, of_type, one, resolved, synthesized_under_nag, watched
from tests.infra.test_lint import lint_of

EXAMPLE = ROOT / "docs" / "examples" / "asynchronous.yaml"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
PLACE = "s3://example-inference/documents"
TOPIC = "arn:aws:sns:us-east-1:123456789012:documents"
SHORTEST = "{asynchronous: {input: s3://inference/in/, output: s3://inference/out/}}"


def spec_of(**sections: str) -> Spec:
    (endpoint,) = endpoints(text(**sections))
    return spec(endpoint.name, endpoint.entry, "role")


def test_every_key_of_the_example_reaches_the_spec() -> None:
    (endpoint,) = load(EXAMPLE).endpoints
    written = spec(endpoint.name, endpoint.entry, "role")
    assert written.serving.asynchronous == Asynchronous(
        f"{PLACE}/out/", f"{PLACE}/failed/", KEY, 4, TOPIC, f"{TOPIC}-failed"
    )
    assert written.rollback_on.average_latency_ms == 60_000


def test_all_but_the_places_of_requests_and_answers_may_be_left_out() -> None:
    assert spec_of(serving=SHORTEST).serving == Serving(asynchronous=Asynchronous("s3://inference/out/"))


def test_a_change_of_it_is_a_change_of_the_settings_and_what_is_not_asked_for_is_not_written() -> None:
    plain, asynchronous = spec_of(), spec_of(serving=SHORTEST)
    assert plain.settings != asynchronous.settings
    assert "asynchronous" not in plain.to_json()
    assert "average_latency_ms" not in plain.to_json()
    assert Spec.from_json(asynchronous.to_json()) == asynchronous
    # Who may read the requests is the role's matter, and no setting of the endpoint.
    elsewhere = spec_of(serving=SHORTEST.replace("/in/", "/elsewhere/"))
    assert dataclasses.replace(elsewhere) == asynchronous


@pytest.mark.parametrize(("mistake", "message"), mistakes("asynchronous_mistakes.txt"))
def test_a_mistake_is_explained(mistake: str, message: str) -> None:
    key, _, value = mistake.partition(": ")
    assert problems(text(**{"serving": SHORTEST} | {key: value})) == f"endpoints.yaml has 1 problem:\n\n{message}"


def test_its_latency_is_no_bound_of_another_endpoint() -> None:
    assert problems(text(rollback_on="{average_latency_ms: 900}")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:6: endpoints.churn.rollback_on.average_latency_ms\n"
        "  found    900\n"
        "  allowed  none. An endpoint that is not asynchronous has p99_latency_ms, which says more.\n"
        "  fix      write `p99_latency_ms: 900`"
    )


def test_the_bounds_are_those_of_aws() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    most = model.shape_for("MaxConcurrentInvocationsPerInstance").metadata
    assert (most["min"], most["max"]) == limits.INVOCATIONS
    assert model.shape_for("DestinationS3Uri").metadata["max"] == 512


@pytest.fixture(scope="module")
def example(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    return synthesized_under_nag(EXAMPLE, functions, tmp_path_factory.mktemp("asynchronous"))


def test_cfn_lint_finds_nothing(example: dict[str, Template]) -> None:
    assert [lint_of(template) for template in example.values()] == [[], []]


def test_the_standing_alarms_watch_what_aws_publishes(example: dict[str, Template]) -> None:
    template = example["ApprovalGate-documents"]
    alarms = resolved(template, of_type(template, "AWS::CloudWatch::Alarm"))
    assert {each["AlarmName"].rpartition("/")[2]: watched(each) for each in alarms} == {
        "5xx": [("Invocation5XXErrors", "Sum"), ("ModelLatency", "SampleCount")],
        "average-latency": [("ModelLatency", "Average"), ("ModelLatency", "SampleCount")],
    }


def test_the_models_role_may_do_what_it_needs(example: dict[str, Template]) -> None:
    template = example["ApprovalGate-documents"]
    policy = resolved(template, one(template, "AWS::IAM::Role", Path=names.ROLE_PATH))["Policies"][0]["PolicyDocument"]
    before = {
        "ReadArtifacts",
        "ListArtifacts",
        "PullImages",
        "WriteLogs",
        "PublishMetrics",
        "WithoutResource",
        "NeverJudgeItself",
    }
    added = {each["Sid"]: each for each in policy["Statement"] if each["Sid"] not in before}
    bucket = "arn:aws:s3:::example-inference"
    assert {sid: (each["Action"], each["Resource"], each.get("Condition")) for sid, each in added.items()} == {
        "ReadRequests": ("s3:GetObject", f"{bucket}/documents/in/*", None),
        "WriteAnswers": (
            ["s3:AbortMultipartUpload", "s3:PutObject"],
            [f"{bucket}/documents/out/*", f"{bucket}/documents/failed/*"],
            None,
        ),
        "ListRequestsAndAnswers": ("s3:ListBucket", bucket, None),
        "EncryptAnswers": (
            ["kms:Decrypt", "kms:GenerateDataKey"],
            KEY,
            {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        ),
        "TellOfAnswers": ("sns:Publish", [TOPIC, f"{TOPIC}-failed"], None),
    }
