"""The app as a whole: any number of endpoints, the same templates each time, and a readable answer to a bad file."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from infra.asset.bundle import Asset
from infra.config import limits
from infra.config.context_keys import RULES
from infra.config.load import Configuration
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Ledger
from infra.stacks import rules, shared_alarms, too_many_rules
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, endpoints_named, of_type, synthesize

MANY = 300


@pytest.fixture(scope="module")
def crowd_outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crowd")


@pytest.fixture(scope="module")
def crowd(functions: Asset, crowd_outdir: Path) -> dict[str, Template]:
    endpoints = endpoints_named(*(f"endpoint-{number}" for number in range(MANY)))
    return synthesize(endpoints, functions, crowd_outdir)


def test_three_hundred_endpoints_synthesize_far_below_cloudformations_500_resources(crowd: dict[str, Template]) -> None:
    assert len(crowd) == MANY + 1
    assert max(len(template["Resources"]) for template in crowd.values()) < 50


def test_the_gate_does_not_grow_with_endpoints(crowd: dict[str, Template], functions: Asset, tmp_path: Path) -> None:
    assert crowd["ApprovalGate"] == synthesize(endpoints_named("one"), functions, tmp_path)["ApprovalGate"]


def test_the_policies_of_the_most_buckets_and_stages_fit_into_iams_limits(functions: Asset, tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    buckets = [f"{'b' * 60}{number:03}" for number in range(limits.BUCKETS - 1)]  # And the one of all artifacts.
    reports = [", ".join(f"s3://{bucket}/" for bucket in half) for half in (buckets[:50], buckets[50:])]
    stages = [f"{{name: {'s' * 63}, status: {'t' * 60}{number:03}}}" for number in range(limits.STAGES)]
    gates = [
        *(f"{{require: [{{name: a, that: metrics.Bias}}], reports: [{each}]}}" for each in reports),
        *(f"{{stage: {each}}}" for each in stages),
    ]
    endpoints = [each for number, gate in enumerate(gates) for each in endpoints_named(f"endpoint-{number}", gate=gate)]
    template = synthesize(endpoints, functions, tmp_path)["ApprovalGate"]
    inline, managed = (of_type(template, f"AWS::IAM::{kind}") for kind in ("Policy", "ManagedPolicy"))
    assert [bucket for bucket in buckets if f":s3:::{bucket}/*" not in json.dumps([*inline, *managed])] == []
    assert max(map(size, inline)) <= 10_240
    assert max(map(size, managed)) <= 6_144


def size(policy: Template) -> int:
    """In characters, without white space, with the longest names of partition, Region and account."""
    longest = {"AWS::Partition": "aws-us-gov", "AWS::Region": "ap-southeast-99", "AWS::AccountId": "0" * 12}
    return len(re.sub(r"\s", "", json.dumps(joined(policy["PolicyDocument"], longest))))


def joined(node: Any, pseudo: dict[str, str]) -> Any:
    match node:
        case {"Ref": name}:
            return pseudo.get(name, "x" * 64)
        case {"Fn::GetAtt": _}:
            return "x" * 120
        case {"Fn::Join": [separator, parts]}:
            return separator.join(joined(part, pseudo) for part in parts)
        case dict():
            return {key: joined(value, pseudo) for key, value in node.items()}
        case list():
            return [joined(item, pseudo) for item in node]
    return node


def test_a_repeated_synth_gives_the_same_templates(functions: Asset, tmp_path: Path) -> None:
    endpoints = endpoints_named("churn", "fraud", dashboard="true")
    first, second = (synthesize(endpoints, functions, tmp_path / run) for run in ("first", "second"))
    assert json.dumps(first) == json.dumps(second)


FORBIDDEN = {"boto3", "datetime", "random", "secrets", "socket", "subprocess", "time", "urllib", "uuid"}


def test_synth_reads_neither_clock_nor_environment_nor_network() -> None:
    for file in [ROOT / "app.py", *(ROOT / "infra").rglob("*.py")]:
        tree = ast.parse(file.read_text())
        imported = {name.split(".")[0] for node in ast.walk(tree) for name in modules(node)}
        assert imported & FORBIDDEN == set(), file
        if file != ROOT / "infra" / "__init__.py":  # It sets variables for Node, and reads none.
            assert "environ" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}, file


def modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def messages(outdir: Path, level: str) -> dict[str, list[str]]:
    """Stack → what the CDK CLI shows of it."""
    found = {}
    for file in outdir.glob("*.metadata.json"):
        entries = [entry for path in json.loads(file.read_text()).values() for entry in path]
        texts = [entry["data"] for entry in entries if entry["type"] == f"aws:cdk:{level}"]
        if texts:
            found[file.name.removesuffix(".metadata.json")] = texts
    return found


def test_synth_says_nothing_of_entries_that_are_well(functions: Asset, tmp_path: Path) -> None:
    """What is said each time is not read."""
    synthesize(
        endpoints_named("churn", traffic="{requests_per_second: 20}", judge="{mode: revert}"), functions, tmp_path
    )
    assert [messages(tmp_path, level) for level in ("info", "warning", "error")] == [{}, {}, {}]


def test_synth_warns_of_a_plan_that_would_not_see_a_bad_version(functions: Asset, tmp_path: Path) -> None:
    busy = endpoints_named("churn", traffic="{requests_per_second: 20}", judge="{mode: revert}")
    quiet = endpoints_named("fraud", traffic="{requests_per_second: 0.01, bad_version_error_rate_percent: 20}")
    synthesize((*busy, *quiet, *endpoints_named("silent")), functions, tmp_path)
    assert messages(tmp_path, "warning") == {
        "ApprovalGate-fraud": [
            "fraud: a version that fails 20% of its requests is detected before it has all traffic with a chance of "
            "0.9%. It answers 1.7 requests in 5.5 min. `make plan ENDPOINT=fraud` compares the strategies. "
            "[ack: approval-gate:plan]"
        ]
    }


def test_synth_warns_of_each_alarm_that_several_endpoints_name(functions: Asset, tmp_path: Path) -> None:
    """One whose name differs in upper and lower case is another alarm."""
    endpoints = (
        *endpoints_named("churn", rollback_on="{alarms: [kpi, latency]}"),
        *endpoints_named("fraud", rollback_on="{alarms: [own, latency, kpi]}"),
        *endpoints_named("other", rollback_on="{alarms: [KPI]}"),
        *endpoints_named("quiet"),
    )
    synthesize(endpoints, functions, tmp_path)
    told = (
        "{} shares the alarm {} with {}. If it fires, each of these endpoints that is in a rollout or in its watch "
        "window is rolled back, no matter which of them is at fault. Give each endpoint its own alarm. "
        "[ack: approval-gate:shared-alarm]"
    )
    assert messages(tmp_path, "warning") == {
        "ApprovalGate-churn": [told.format("churn", alarm, "fraud") for alarm in ("kpi", "latency")],
        "ApprovalGate-fraud": [told.format("fraud", alarm, "churn") for alarm in ("latency", "kpi")],
    }


@pytest.mark.parametrize(
    ("others", "listed"),
    [
        ("b", "b"),
        ("bc", "b and c"),
        ("bcd", "b, c and d"),
        ("bcde", "b, c, d and 1 more"),
        ("bcdef", "b, c, d and 2 more"),
    ],
)
def test_who_shares_an_alarm_is_named_as_far_as_a_line_holds(others: str, listed: str) -> None:
    first, *rest = endpoints_named("a", *others, rollback_on="{alarms: [kpi]}")
    (told,) = shared_alarms(first, (first, *rest))
    assert told.startswith(f"a shares the alarm kpi with {listed}. If it fires, ")


def test_an_endpoint_is_deployed_after_the_gate_and_its_resources_can_be_found_by_tags(
    functions: Asset, tmp_path: Path
) -> None:
    synthesize(endpoints_named("churn"), functions, tmp_path)
    artifact = json.loads((tmp_path / "manifest.json").read_text())["artifacts"]["ApprovalGate-churn"]
    assert artifact["dependencies"] == ["ApprovalGate", "ApprovalGate-churn.assets"]
    assert artifact["properties"]["tags"] == {"application": "approval-gate", "approval-gate-endpoint": "churn"}


BUS = (
    " the account's other rules count too. A stack whose rule does not fit fails. Before you deploy, raise "
    '"Number of rules" of Amazon EventBridge in Service Quotas: `aws service-quotas request-service-quota-increase '
    "--service-code events --quota-code L-244521F2 --desired-value N`. Then write `approval-gate:event-bus-rules`: N "
    "into the context of cdk.json."
)
BUS_ACK = "[ack: approval-gate:event-bus-rules]"
DEFAULT = "By default AWS allows 300 rules on a bus, and 100 in af-south-1 and eu-south-1, and"


@pytest.mark.parametrize(
    ("count", "quota", "warning"),
    [
        (100, None, None),
        (101, None, f"The stacks make 101 rules on the default event bus. {DEFAULT}{BUS}"),
        (301, None, f"The stacks make 301 rules on the default event bus. {DEFAULT}{BUS}"),
        (300, 300, None),
        (
            301,
            300,
            "The stacks make 301 rules on the default event bus. approval-gate:event-bus-rules says that it may have "
            f"300, and{BUS}",
        ),
        (1000, 1000, None),
    ],
)
def test_more_rules_than_the_bus_may_have_are_a_warning(count: int, quota: int | None, warning: str | None) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""
    assert too_many_rules(count, quota) == warning


@pytest.mark.parametrize(("mode", "sweeps"), [("dry-run", 3), ("off", 2)])
def test_the_rules_are_counted_as_the_stacks_make_them(
    mode: Literal["dry-run", "off"], sweeps: int, functions: Asset, tmp_path: Path
) -> None:
    golden = "golden/fraud-detection.jsonl"
    endpoints = (*endpoints_named("churn"), *endpoints_named("fraud", golden_requests=golden))
    config = Configuration(endpoints, Ledger(), Janitor(mode=mode))
    templates = synthesize(endpoints, functions, tmp_path, janitor=config.janitor)
    made = [each for template in templates.values() for each in of_type(template, "AWS::Events::Rule")]
    assert rules(config) == len(made) == sweeps + 4


@pytest.mark.usefixtures("crowd")
def test_synth_warns_of_more_rules_than_aws_allows_everywhere(crowd_outdir: Path) -> None:
    assert messages(crowd_outdir, "warning") == {"ApprovalGate": [f"{too_many_rules(MANY + 4, None)} {BUS_ACK}"]}


@pytest.mark.parametrize("quota", ["5", 6], ids=["too small", "enough"])
def test_synth_warns_of_the_rules_unless_the_context_says_that_they_fit(
    quota: str | int, functions: Asset, tmp_path: Path
) -> None:
    endpoints = endpoints_named("churn", "fraud", "other")
    synthesize(endpoints, functions, tmp_path, context={RULES: quota})
    told = too_many_rules(len(endpoints) + 4, int(quota))
    assert messages(tmp_path, "warning") == ({"ApprovalGate": [f"{told} {BUS_ACK}"]} if told else {})


def run_app(directory: Path, source: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`python app.py` as the CDK CLI runs it, on an endpoints.yaml of this text in `directory`. `more`: context."""
    (directory / "endpoints.yaml").write_text(source)
    context = {"endpoints": "endpoints.yaml", **more}
    told = {
        "CDK_OUTDIR": str(directory / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_VALIDATION": "false",
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=directory,
        env={name: value for name, value in os.environ.items() if not name.startswith("JSII_")} | told,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bad_file_ends_the_synth_with_its_problems_and_no_traceback(tmp_path: Path) -> None:
    run = run_app(tmp_path, "endpoints:\n  churn:\n    model_package_group: Group\n    model_artifacts: s3://models\n")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        """endpoints.yaml has 2 problems:

endpoints.yaml:2: endpoints.churn.variant
  found    nothing
  allowed  a mapping with the keys name, instance_type, instance_count, or the keys name, serverless. The production \
variant, which serves the model.
  fix      add `variant: {instance_type: ml.m5.large}`

endpoints.yaml:4: endpoints.churn.model_artifacts
  found    "s3://models"
  allowed  s3://BUCKET/PREFIX/ that ends in a slash, or it would match longer names too: \
a bucket's name of 3 to 63 characters, and letters, digits and \
!_.'()=+@-. S3 prefix of the model artifacts. The execution role may read it.
  fix      write `model_artifacts: s3://models/`
"""
    )
    assert list(tmp_path.glob("cdk.out/*.template.json")) == []


def test_a_misspelled_context_key_ends_the_synth_with_its_problem_and_no_traceback(tmp_path: Path) -> None:
    run = run_app(tmp_path, "endpoints: {}\n", endpoint="prod.yaml")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        """The CDK's context has 1 problem:

endpoint
  found    the unknown key `endpoint`, which the CDK ignores
  allowed  the keys endpoints, approval-gate:runtime, approval-gate:architecture, approval-gate:deploying-role, \
approval-gate:event-bus-rules
  fix      did you mean `endpoints`?
"""
    )
    assert list(tmp_path.glob("cdk.out/*.template.json")) == []


def test_a_boundary_beside_the_context_of_cdk_json_ends_the_synth(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py", "@aws-cdk/core:permissionsBoundary": {"name": "b"}}')
    run = run_app(tmp_path, "endpoints: {}\n")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        """The CDK's context has 1 problem:

@aws-cdk/core:permissionsBoundary
  found    the key `@aws-cdk/core:permissionsBoundary` of cdk.json, outside its context, which the CDK ignores
  allowed  `@aws-cdk/core:permissionsBoundary` in "context"
  fix      move it into "context" of cdk.json, as `"@aws-cdk/core:permissionsBoundary"`
"""
    )


def test_a_good_file_ends_the_synth_well_and_prints_nothing(tmp_path: Path) -> None:
    """jsii would print a banner for a Node that it finds too old or too new."""
    run = run_app(tmp_path, "endpoints: {}\n")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert (tmp_path / "cdk.out" / "ApprovalGate.template.json").is_file()


def test_cdk_json_answers_each_question_about_feature_flags_as_the_cdk_does_itself(
    functions: Asset, tmp_path: Path
) -> None:
    """The CLI prints at each synth how many flags are not configured. One that is not recommended is not counted."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    configured = synthesize(endpoints_named("churn"), functions, tmp_path / "configured", context=context)
    assert configured == synthesize(endpoints_named("churn"), functions, tmp_path / "not")
    manifest = json.loads((tmp_path / "not" / "manifest.json").read_text())
    flags = manifest["artifacts"]["aws-cdk-lib/feature-flag-report"]["properties"]["flags"]
    defaults = {name: flag.get("unconfiguredBehavesLike", {}).get("v2", False) for name, flag in flags.items()}
    asked = {name: default for name, default in defaults.items() if default != flags[name]["recommendedValue"]}
    assert context == asked


def test_a_warning_comes_without_a_stack_trace_of_jsii(tmp_path: Path) -> None:
    """The CLI would show a line of jsii's own code above it."""
    entry = "model_package_group: Group, variant: {instance_type: ml.m5.large}, model_artifacts: s3://models/"
    run = run_app(tmp_path, f"endpoints: {{churn: {{{entry}, traffic: {{requests_per_second: 0.01}}}}}}\n")
    assert run.returncode == 0, run.stderr
    metadata = json.loads((tmp_path / "cdk.out" / "ApprovalGate-churn.metadata.json").read_text())
    warnings = [each for entries in metadata.values() for each in entries if each["type"] == "aws:cdk:warning"]
    assert [sorted(each) for each in warnings] == [["data", "type"]]
