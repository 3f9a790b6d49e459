"""A serverless variant: what of it reaches the spec, what is refused beside it, and what synth warns of."""

import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from infra.asset.bundle import Asset
from infra.config import limits
from infra.config.entry import Entry
from infra.config.load import load
from infra.config.sections.variant import Serverless as ServerlessKeys
from infra.config.spec import spec
from infra.forecast.advice import advice, unguarded
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.spec import Rollout, Spec, Strategy, Variant
from tests.infra.config.mistakes import mistakes
from tests.infra.config.test_load import endpoints, problems, text
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, of_type, resolved, synthesized_under_nag, watched
from tests.infra.test_lint import lint_of

EXAMPLE = ROOT / "docs" / "examples" / "serverless.yaml"
VARIANT = "{serverless: {memory_mb: 2048, max_concurrency: 20}}"
AT_ONCE = Rollout(Strategy.ALL_AT_ONCE, None, 0, 0, 2 * limits.LAUNCH_SECONDS)


def entry(**sections: str) -> Entry:
    (endpoint,) = endpoints(text(**{"variant": VARIANT} | sections))
    return endpoint.entry


def spec_of(**sections: str) -> Spec:
    return spec("churn", entry(**sections), "role")


def test_every_key_of_the_example_reaches_the_spec() -> None:
    (endpoint,) = load(EXAMPLE).endpoints
    written = spec(endpoint.name, endpoint.entry, "role")
    assert written.variant == Variant("AllTraffic", serverless=Serverless(2048, 20, 5))
    assert written.rollout == AT_ONCE


@pytest.mark.parametrize(
    "rollout", ["{strategy: all-at-once}", "{strategy: all-at-once, bake_seconds: 0}"], ids=["alone", "no bake"]
)
def test_the_rollout_may_be_left_out_or_said(rollout: str) -> None:
    assert spec_of().rollout == spec_of(rollout=rollout).rollout == AT_ONCE


@pytest.mark.parametrize(("mistake", "message"), mistakes("serverless_mistakes.txt"))
def test_a_mistake_is_explained(mistake: str, message: str) -> None:
    key, _, value = mistake.partition(": ")
    assert problems(text(**{"variant": VARIANT} | {key: value})) == f"endpoints.yaml has 1 problem:\n\n{message}"


def test_what_an_entry_says_of_its_variant_takes_the_place_of_the_other_kind_in_the_defaults() -> None:
    required = "{model_package_group: G, model_artifacts: s3://models/"
    on_instances = "defaults: {variant: {name: Main, instance_type: ml.m5.large}}\n"
    (endpoint,) = endpoints(f"{on_instances}endpoints:\n  churn: {required}, variant: {VARIANT}}}\n")
    assert spec("churn", endpoint.entry, "role").variant == Variant("Main", serverless=Serverless(2048, 20))
    serverless = f"defaults: {{variant: {VARIANT}}}\n"
    (endpoint,) = endpoints(f"{serverless}endpoints:\n  churn: {required}, variant: {{instance_type: ml.m5.large}}}}\n")
    assert spec("churn", endpoint.entry, "role").variant == Variant("AllTraffic", "ml.m5.large", 2)
    (endpoint,) = endpoints(f"{serverless}endpoints:\n  churn: {required}}}\n")
    assert spec("churn", endpoint.entry, "role").variant == Variant("AllTraffic", serverless=Serverless(2048, 20))


def test_the_bounds_are_those_of_aws() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    concurrency = [model.shape_for(f"Serverless{name}Concurrency").metadata for name in ("Max", "Provisioned")]
    assert [(each["min"], each["max"]) for each in concurrency] == [limits.CONCURRENCY] * 2
    memory = model.shape_for("ServerlessMemorySizeInMB").metadata
    sizes = [2048 + 1024 * number for number in range(-1, 5)]
    assert [ServerlessKeys(memory_mb=size, max_concurrency=1).memory_mb for size in sizes] == sizes  # type: ignore[arg-type]
    assert (sizes[0], sizes[-1]) == (memory["min"], memory["max"])


def test_synth_warns_of_what_is_lost_and_says_what_guards_it() -> None:
    lost = (
        "churn: a serverless endpoint has no deployment guardrails. An approved version gets all traffic at once. "
        "SageMaker watches no alarm, keeps no old fleet, cannot stop the update, and rolls nothing back."
    )
    assert unguarded("churn", entry()) == (
        f"{lost} If a standing alarm, or one of yours, fires within the next 60.0 min, Approval Gate puts the last "
        "good version back. An alarm needs 120 s of errors and up to about 150 s to fire, and the update back takes "
        "time. Until then the bad version answers. There is no plan for it."
    )
    unwatched = entry(rollback_on="{watch_seconds: 0}")
    assert unguarded("churn", unwatched) == f"{lost} Nothing guards the version, because watch_seconds is 0."
    assert unguarded("churn", entry(variant="{instance_type: ml.m5.large}")) is None


def test_there_is_no_plan_of_it(tmp_path: Path) -> None:
    sections = {"variant": VARIANT}
    assert advice("churn", entry(**sections)) is None
    (tmp_path / "endpoints.yaml").write_text(text(**sections))
    command = [sys.executable, "-m", "infra.forecast", "churn", "--endpoints", str(tmp_path / "endpoints.yaml")]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout.strip()) == (
        0,
        "churn is serverless. A new version gets all traffic at once, so there are no strategies to compare. "
        "`cdk synth` says what guards it.",
    )


@pytest.fixture(scope="module")
def example(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    return synthesized_under_nag(EXAMPLE, functions, tmp_path_factory.mktemp("serverless"))


def test_cfn_lint_finds_nothing(example: dict[str, Template]) -> None:
    assert [lint_of(template) for template in example.values()] == [[], []]


def test_the_standing_alarms_watch_what_aws_publishes(example: dict[str, Template]) -> None:
    template = example["ApprovalGate-churn"]
    alarms = resolved(template, of_type(template, "AWS::CloudWatch::Alarm"))
    assert {each["AlarmName"].rpartition("/")[2]: (watched(each)[0], each["Threshold"]) for each in alarms} == {
        "5xx": (("Invocation5XXErrors", "Sum"), 1),
        "p99-latency": (("ModelLatency", "p99"), 800_000),
    }
