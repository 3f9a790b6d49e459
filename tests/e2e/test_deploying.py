"""Reviewing and deploying with the CDK CLI where there is no terminal, as in a pipeline."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.app.deployment import REPOSITORY, Deployment, cdk_environment
from tests.e2e.endpoints import EDITED, ENTRIES
from tests.e2e.world import World

NAME = "autoscaled"
STACK = f"ApprovalGate-{NAME}"
MOVED = EDITED[NAME]["model_artifacts"]


@pytest.fixture
def assembly(edited: Deployment) -> Path:
    """The app with another prefix of artifacts in one entry, so that its spec and a role's policy change."""
    return edited.assembly


def cdk(world: World, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The CLI with neither a terminal nor an input."""
    return subprocess.run(
        ["cdk", *arguments, "--no-notices", "--no-color", "--ci"],
        cwd=REPOSITORY,
        env=cdk_environment(os.environ, world.url, folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_diff_shows_the_change_of_a_spec(world: World, assembly: Path) -> None:
    run = cdk(world, assembly.parent, "diff", STACK, "--exclusively", "--app", str(assembly))
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    _, spec, changes = run.stdout.partition("[~] AWS::SSM::Parameter Spec ")
    assert spec
    removed, added = (
        [line for line in changes.splitlines() if f"[{sign}]" in line and "model_artifacts" in line] for sign in "-+"
    )
    before = ENTRIES[NAME]["model_artifacts"]
    assert [f'\\"model_artifacts\\":\\"{before}\\"' in line for line in removed] == [True]
    assert [f'\\"model_artifacts\\":\\"{MOVED}\\"' in line for line in added] == [True]
    assert run.stdout.rstrip().endswith("Number of stacks with differences: 1")


def test_a_deployment_that_must_ask_changes_nothing_and_says_that_there_is_no_terminal(
    world: World, assembly: Path
) -> None:
    stack = world.client("cloudformation").describe_stacks(StackName=STACK)
    run = cdk(world, assembly.parent, "deploy", STACK, "--exclusively", "--app", str(assembly))
    assert run.returncode == 1
    assert run.stderr.strip() == (
        "Stack includes security-sensitive updates, but terminal (TTY) is not attached so we are unable to get a "
        "confirmation from the user"
    )
    after = world.client("cloudformation").describe_stacks(StackName=STACK)
    assert after["Stacks"] == stack["Stacks"]


def test_a_deployment_without_credentials_says_that_it_knows_no_account(world: World, assembly: Path) -> None:
    environment = cdk_environment(os.environ, world.url, assembly.parent) | {"AWS_EC2_METADATA_DISABLED": "true"}
    without = {key: value for key, value in environment.items() if key not in _CREDENTIALS}
    command = ["cdk", "deploy", STACK, "--app", str(assembly), "--require-approval", "never", "--ci", "--no-notices"]
    run = subprocess.run(
        command, cwd=REPOSITORY, env=without, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.strip() == (
        "Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through "
        "the environment"
    )


_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
