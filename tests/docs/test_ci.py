"""docs/ci.md: its workflows, commands and policies are as GitHub, this repository and IAM take them."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from ops.cli import COMMANDS, LazyCommand, cli
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text()
OPERATE = (ROOT / "docs" / "operate.md").read_text()
PROVIDER = "token.actions.githubusercontent.com"


def blocks(language: str) -> list[str]:
    """The blocks of the page in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


WORKFLOWS: dict[str, Any] = {each["name"]: each for each in map(YAML(typ="safe", pure=True).load, blocks("yaml"))}
STEPS = [step for flow in WORKFLOWS.values() for job in flow["jobs"].values() for step in job["steps"]]
SHELL, WAIT = blocks("sh")
SCRIPTS = [step["run"] for step in STEPS if "run" in step] + [SHELL, WAIT]
POLICIES: list[dict[str, Any]] = list(map(json.loads, blocks("json")))
TRUSTS = [each for each in POLICIES if "Principal" in each["Statement"][0]]


def calls() -> Iterator[list[str]]:
    """The words of each call of `approval-gate`."""
    for script in SCRIPTS:
        for line in script.splitlines():
            if line.strip().startswith("approval-gate "):
                yield shlex.split(re.split(r" (?:>|\|\|) ", line.strip())[0])[1:]


def test_the_workflows_are_those_of_the_page() -> None:
    assert list(WORKFLOWS) == ["preview", "deploy", "wait"]
    assert [call[0] for call in calls()] == ["lint", "preview", "wait", "lint", "preview", "status", "wait"]


@pytest.mark.parametrize("call", list(calls()), ids=" ".join)
def test_each_command_exists_and_takes_these_options(call: list[str]) -> None:
    name, *arguments = ({"$ENDPOINT": "churn", "$VERSION": "3"}.get(each, each) for each in call)
    assert name in COMMANDS
    with click.Context(cli, info_name="approval-gate", **cli.context_settings) as parent:
        LazyCommand(name).make_context(name, arguments, parent=parent)


def test_each_action_is_pinned_to_a_commit_and_says_its_release() -> None:
    uses = re.findall(r"uses: (.*)", PAGE)
    assert len(uses) == sum("uses" in step for step in STEPS) > 0
    assert [each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", each)] == []
    assert len(dict.fromkeys(uses)) == len({each.partition("@")[0] for each in uses})


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_no_more_than_a_token_and_no_text_of_others_in_a_script(name: str) -> None:
    flow = WORKFLOWS[name]
    assert flow["permissions"] == {"contents": "read", "id-token": "write"}
    (job,) = flow["jobs"].values()
    assert job["timeout-minutes"] <= 130
    assert [step["run"] for step in job["steps"] if "${{" in step.get("run", "")] == []


def test_only_the_environment_that_deploys_has_the_role_that_deploys() -> None:
    roles = {
        name: step["with"]["role-to-assume"].rpartition("/")[2]
        for name, flow in WORKFLOWS.items()
        for job in flow["jobs"].values()
        for step in job["steps"]
        if "role-to-assume" in step.get("with", {})
    }
    assert roles == {
        "preview": "approval-gate-ci-read",
        "deploy": "approval-gate-ci-deploy",
        "wait": "approval-gate-ci-read",
    }
    assert WORKFLOWS["deploy"]["jobs"]["deploy"]["environment"] == "production"


def test_each_trust_policy_names_the_audience_and_the_whole_subject() -> None:
    assert [each["Statement"][0]["Condition"] for each in TRUSTS] == [
        {
            "StringEquals": {
                f"{PROVIDER}:aud": "sts.amazonaws.com",
                f"{PROVIDER}:sub": ["repo:ORG/REPO:pull_request", "repo:ORG/REPO:ref:refs/heads/main"],
            }
        },
        {
            "StringEquals": {
                f"{PROVIDER}:aud": "sts.amazonaws.com",
                f"{PROVIDER}:sub": "repo:ORG/REPO:environment:production",
            }
        },
    ]
    for trust in TRUSTS:
        (statement,) = trust["Statement"]
        assert statement["Principal"] == {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{PROVIDER}"}
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"


def test_the_role_of_pull_requests_only_reads_what_the_commands_need() -> None:
    read, deploy = (each for each in POLICIES if each not in TRUSTS)
    actions = {action for statement in read["Statement"] for action in _listed(statement["Action"])}
    assert [action for action in sorted(actions) if not re.match(r"\w+:(Get|Describe|Query)", action)] == []
    rows = re.findall(r"^\| `(?:story|preview)`.*|^\| .*`explain`, `wait`, `rollback.*", OPERATE, re.MULTILINE)
    needed = set(re.findall(r"`(\w+:\w+)`", "\n".join(rows)))
    assert actions == needed
    assert [statement["Action"] for statement in deploy["Statement"]] == ["sts:AssumeRole"]


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


PREVIEW = next(step["run"] for step in STEPS if step.get("name") == "Preview")


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (4, 0), (5, 0), (1, 1), (3, 3), (9, 9)])
@pytest.mark.parametrize("script", [PREVIEW, "\n".join(line for line in SHELL.splitlines() if "make" not in line)])
def test_a_preview_that_is_no_answer_fails_the_job(script: str, code: int, ends: int, tmp_path: Path) -> None:
    for name in ("approval-gate", "pip"):
        stub = tmp_path / name
        stub.write_text(f'#!/bin/sh\ntest "$1" != preview && exit 0\necho "fraud: changed"\nexit {code}\n')
        stub.chmod(0o755)
    summary = tmp_path / "summary"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(summary)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == ends
    if script == PREVIEW:
        assert summary.read_text().splitlines()[1:] == ["```", "fraud: changed", "```"]
