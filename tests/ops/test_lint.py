"""`lint`: a file is checked as synth checks it, without what synth needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import cli
from tests.paths import ROOT

ENTRY = """
endpoints:
  churn:
    model_package_group: ChurnGroup
    model_artifacts: s3://example-models/churn/
    variant: {instance_type: ml.m5.large, instance_count: 2}
"""
SERVERLESS = """
    variant: {serverless: {memory_mb: 2048, max_concurrency: 5}}
    rollout: {strategy: all-at-once}
"""


def run(file: Path, text: str, *options: str) -> tuple[int, list[str]]:
    file.write_text(text)
    result = CliRunner().invoke(cli, ["lint", str(file), *options])
    return result.exit_code, result.output.splitlines()


def test_a_valid_file_is_named_with_its_endpoints(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.yaml"
    assert run(file, ENTRY) == (0, [f"{file} is valid: 1 endpoint (churn)."])


def test_every_problem_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.yaml"
    code, lines = run(file, ENTRY.replace("instance_count: 2", "instance_count: none"))
    assert (code, lines[0]) == (1, f"{file} has 1 problem:")
    assert any(line.startswith(f"{file}:6: endpoints.churn.variant.instance_count") for line in lines)
    assert [line.split()[0] for line in lines[-3:]] == ["found", "allowed", "fix"]


def test_a_warning_is_no_failure(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.yaml"
    text = ENTRY[: ENTRY.index("    variant")] + SERVERLESS.lstrip("\n")
    code, lines = run(file, text)
    assert (code, lines[0].partition(".")[0]) == (
        0,
        "Warning: churn: a serverless endpoint has no deployment guardrails",
    )


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["lint", str(tmp_path / "none.yaml")])
    assert (result.exit_code, "cannot be read" in result.output) == (1, True)


@pytest.mark.parametrize("valid", [True, False])
def test_for_programs_it_is_one_value(tmp_path: Path, valid: bool) -> None:
    code, (line,) = run(tmp_path / "e.yaml", ENTRY if valid else "endpoints: 1", "--output", "json")
    found = json.loads(line)
    assert (code, found["valid"], found["problems"] is None) == (0 if valid else 1, valid, valid)
    assert found["endpoints"] == (["churn"] if valid else [])


def test_it_needs_neither_the_cdk_nor_an_aws_client() -> None:
    script = (
        "import sys; from ops.cli import cli; cli(['lint', 'endpoints.yaml'], standalone_mode=False); "
        "sys.exit(bool({'aws_cdk', 'jsii', 'boto3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
