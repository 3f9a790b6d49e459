"""Keys that have no effect in an entry: refused there, and not taken over from the defaults."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from infra.asset.bundle import Asset
from infra.config.load import Configuration, parse_configuration
from infra.stacks import add_stacks
from tests.infra.config.test_load import problems, text

SERVERLESS = "{serverless: {memory_mb: 2048, max_concurrency: 20}}"
ASYNCHRONOUS = "{asynchronous: {input: s3://inference/in/, output: s3://inference/out/}}"
ON_METRICS = "{name: f1, that: 'metrics.ModelQuality.Statistics.f1 > `0.8`'}"
AUTOSCALING = "{min: 2, max: 20, invocations_per_instance: 100}"
REPORTS = "{reports: [s3://reports/]}"


def configuration(source: str) -> Configuration:
    return parse_configuration("endpoints.yaml", source)


@pytest.mark.parametrize(
    ("sections", "place", "fix"),
    [
        ({"serving": ASYNCHRONOUS, "rollback_on": "{p99_latency_ms: 500}"}, "rollback_on.p99_latency_ms",
         "write `average_latency_ms: 500`"),
        ({"serving": ASYNCHRONOUS, "rollback_on": "{p99_latency_ms: 1000}"}, "rollback_on.p99_latency_ms",
         "write `average_latency_ms: 1000`"),
        ({"serving": ASYNCHRONOUS, "rollback_on": "{p99_latency_ms: 500, average_latency_ms: 9}"},
         "rollback_on.p99_latency_ms", "remove it"),
        ({"serving": ASYNCHRONOUS, "autoscaling": AUTOSCALING}, "autoscaling",
         "remove it, or remove serving.asynchronous"),
        ({"rollback_on": "{average_latency_ms: 500}"}, "rollback_on.average_latency_ms",
         "write `p99_latency_ms: 500`"),
        ({"rollback_on": "{average_latency_ms: 500, p99_latency_ms: 9}"}, "rollback_on.average_latency_ms",
         "remove it"),
        ({"variant": SERVERLESS, "rollback_on": "{average_latency_ms: 500}"}, "rollback_on.average_latency_ms",
         "write `p99_latency_ms: 500`"),
        ({"variant": SERVERLESS, "rollout": "{strategy: all-at-once, maximum_seconds: 900}"}, "rollout.maximum_seconds",
         "remove it"),
        ({"variant": SERVERLESS, "traffic": "{requests_per_second: 5}"}, "traffic",
         "remove it, or give the variant an instance_type instead of serverless"),
        ({"variant": SERVERLESS, "evidence": "{otherwise: revert}"}, "evidence.otherwise", "remove it"),
        ({"evidence": "{otherwise: revert}"}, "evidence.otherwise", "add min_requests, or remove otherwise"),
        ({"evidence": "{otherwise: alert, min_requests: 0}"}, "evidence.otherwise",
         "add min_requests, or remove otherwise"),
        ({"evidence": "{otherwise: revert}", "judge": "{mode: observe}"}, "evidence.otherwise",
         "add min_requests, or remove otherwise"),
        ({"judge": "{mode: revert}", "rollout": "{strategy: all-at-once}"}, "judge.mode",
         "remove it, or choose a strategy with steps"),
        ({"judge": "{latency: revert}"}, "judge.latency", "remove it, or write `mode: revert`"),
        ({"judge": "{mode: revert, latency: revert}", "rollout": "{canary_percent: 29}"}, "judge.latency",
         "remove it, or choose a larger canary"),
        ({"judge": "{latency: off, slower_than_ms: 200}"}, "judge.slower_than_ms",
         "remove it, or write `latency: observe`"),
        ({"variant": SERVERLESS, "judge": "{mode: observe}"}, "judge",
         "remove it, or give the variant an instance_type instead of serverless"),
        ({"serving": ASYNCHRONOUS, "judge": "{mode: revert}"}, "judge", "remove it, or remove serving.asynchronous"),
        ({"gate": f"{{mode: advise, require: [{ON_METRICS[:-1]}, mode: enforce}}]}}"}, "gate.require[0].mode",
         "remove it, or write `mode: enforce` for gate and `mode: advise` for the other conditions"),
        ({"gate": REPORTS}, "gate.reports", "remove it, or add a condition on metrics to gate.require"),
        ({"gate": f"{REPORTS[:-1]}, require: [{{name: a, that: live}}]}}"}, "gate.reports",
         "remove it, or add a condition on metrics to gate.require"),
    ],
)  # fmt: skip
def test_a_key_of_an_entry_without_effect_is_refused_with_the_one_that_has_it(
    sections: dict[str, str], place: str, fix: str
) -> None:
    lines = problems(text(**sections)).splitlines()
    assert lines[0] == "endpoints.yaml has 1 problem:"
    assert lines[2].endswith(f": endpoints.churn.{place}")
    assert lines[5] == f"  fix      {fix}"


@pytest.mark.parametrize(
    "sections",
    [
        {"serving": ASYNCHRONOUS, "rollback_on": "{average_latency_ms: 500}"},
        {"evidence": "{min_requests: 5, otherwise: revert}"},
        {"evidence": "{otherwise: revert}", "judge": "{mode: revert}"},
        {"judge": "{mode: observe}", "rollout": "{strategy: all-at-once}"},
        {"judge": "{mode: revert, latency: revert}"},
        {"judge": "{mode: revert, latency: revert}", "rollout": "{strategy: linear, step_percent: 10}"},
        {"judge": "{mode: revert, latency: observe}", "rollout": "{canary_percent: 10}"},
        {"evidence": "{min_requests: 0}"},
        {"gate": f"{{mode: advise, require: [{ON_METRICS}]}}"},
        {"gate": f"{REPORTS[:-1]}, require: [{ON_METRICS}]}}"},
        {"variant": SERVERLESS, "rollback_on": "{p99_latency_ms: 500}", "metrics": "{publish_seconds: 60}"},
    ],
)
def test_a_key_with_an_effect_is_taken(sections: dict[str, str]) -> None:
    assert configuration(text(**sections)).notes == ()


def test_a_janitor_that_is_off_has_no_other_key() -> None:
    message = problems("janitor: {mode: off, keep_good: 5}\nendpoints: {}\n")
    assert "janitor.keep_good\n  found    the key `keep_good`\n  allowed  none with `mode: off`" in message


@pytest.mark.parametrize(
    ("default", "sections", "left", "value"),
    [
        ("rollback_on: {p99_latency_ms: 500}", {"serving": ASYNCHRONOUS}, "rollback_on.p99_latency_ms", 1000),
        (f"autoscaling: {AUTOSCALING}", {"serving": ASYNCHRONOUS}, "autoscaling", None),
        ("rollback_on: {average_latency_ms: 500}", {}, "rollback_on.average_latency_ms", None),
        ("rollout: {strategy: canary}", {"variant": SERVERLESS}, "rollout", None),
        ("golden_requests: golden/churn.jsonl", {"variant": SERVERLESS}, "golden_requests", None),
        ("metrics: {publish_seconds: 10}", {"variant": SERVERLESS}, "metrics.publish_seconds", 60),
        ("traffic: {requests_per_second: 5}", {"variant": SERVERLESS}, "traffic", None),
        ("evidence: {min_requests: 5}", {"variant": SERVERLESS}, "evidence.min_requests", 0),
        ("serving: {model_download_seconds: 60}", {"variant": SERVERLESS}, "serving.model_download_seconds", None),
        ("variant: {instance_count: 4}", {"variant": SERVERLESS}, "variant.instance_count", None),
        (f"gate: {{require: [{ON_METRICS[:-1]}, mode: enforce}}]}}", {"gate": "{mode: advise}"},
         "gate.require[0].mode", None),
        (f"gate: {REPORTS}", {}, "gate.reports", []),
    ],
)  # fmt: skip
def test_a_key_of_the_defaults_without_effect_is_not_taken_over_and_noted(
    default: str, sections: dict[str, str], left: str, value: Any
) -> None:
    given = configuration(f"defaults: {{{default}}}\n{text(**sections)}")
    assert [note.split(". ")[0] for note in given.notes] == [f"churn does not take over defaults.{left}"]
    found = given.endpoints[0].entry.model_dump()
    section, _, key = left.partition(".")
    if left not in ("rollout", "variant.instance_count", "gate.require[0].mode"):
        assert (found[section][key] if key else found[section]) == value


@pytest.mark.parametrize("key", ["network_isolation: true", "kms_key: 'arn:aws:kms:us-east-1:123456789012:key/0'"])
def test_what_keeps_data_and_networks_safe_is_never_left_out_in_silence(key: str) -> None:
    source = f"defaults: {{serving: {{{key}}}}}\n{text(variant=SERVERLESS)}"
    assert f"defaults.serving.{key.partition(':')[0]}\n" in problems(source)


def test_synth_shows_the_notes(functions: Asset, tmp_path: Path) -> None:
    given = configuration(f"defaults: {{rollback_on: {{p99_latency_ms: 500}}}}\n{text(serving=ASYNCHRONOUS)}")
    app = cdk.App(analytics_reporting=False, outdir=str(tmp_path))
    add_stacks(app, given, functions)
    assert given.notes[0] in [each.data for each in app.node.find_child("ApprovalGate").node.metadata]
