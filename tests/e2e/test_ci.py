"""The shell of docs/ci.md where there is no terminal, as in any pipeline: preview, deploy and wait, with exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.app.deployment import REPOSITORY, Deployment, cdk_environment
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.world import World

NAME = "piped"
DEPLOY, WAIT = re.findall(r"^```sh\n(.*?)^```$", (REPOSITORY / "docs" / "ci.md").read_text(), re.MULTILINE | re.DOTALL)


class Pipeline:
    """A folder with the file of endpoints, in which the page's shell runs. Only what installs is left out, and
    `make deploy` deploys one stack of the app, as it was synthesized before."""

    def __init__(self, world: World, deployment: Deployment, folder: Path) -> None:
        self._world, self._folder = world, folder
        commands = {
            "pip": "exit 0",
            "approval-gate": f'exec "{sys.executable}" -m ops "$@"',
            "make": 'test "$1" = deploy || exit 0\n'
            f'exec cdk deploy ApprovalGate-{NAME} --exclusively --app "{deployment.assembly}" ${{2#CDK=}}',
        }
        for name, script in commands.items():
            command = folder / name
            command.write_text(f"#!/bin/sh\n{script}\n")
            command.chmod(0o755)
        source = Path((deployment.context or {})["endpoints"])
        for file in source.parent.iterdir():
            if file.is_file():
                (folder / file.name).write_bytes(file.read_bytes())
        environment = cdk_environment(os.environ, world.url, deployment.work)
        without_terminal = {"NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)}
        self._environment = environment | without_terminal | {"PATH": f"{folder}:{environment['PATH']}"}

    def run(self, script: str, **variables: str) -> tuple[int, str]:
        """Run the shell with no input. Time passes meanwhile. Return its exit code and all that it printed."""
        with subprocess.Popen(
            ["sh", "-c", script],
            cwd=self._folder,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            while True:
                try:
                    printed, _ = running.communicate(timeout=2)
                    return running.returncode, printed
                except subprocess.TimeoutExpired:
                    self._world.advance(120)

    def wrote(self, name: str) -> dict[str, object]:
        """The JSON that the shell wrote into a file."""
        found: dict[str, object] = json.loads((self._folder / name).read_text())
        return found


@pytest.fixture
def endpoint(take: Take) -> Endpoint:
    made = take(NAME)
    made.serving(2)
    return made


def test_a_pipeline_previews_deploys_and_waits_without_a_terminal(
    endpoint: Endpoint, world: World, edited: Deployment, tmp_path: Path
) -> None:
    pipeline = Pipeline(world, edited, tmp_path)

    code, printed = pipeline.run(DEPLOY)
    assert code == 0, printed
    assert pipeline.wrote("preview.json")["changes_live"] is True
    assert "\x1b" not in printed
    (status,) = (line for line in printed.splitlines() if line.startswith('{"all_paused"'))
    assert NAME in [each["endpoint"] for each in json.loads(status)["endpoints"]]
    endpoint.settle()
    assert endpoint.instances() == 3

    endpoint.approve(2)
    code, printed = pipeline.run(WAIT, ENDPOINT=NAME, VERSION="2")
    assert (code, printed.splitlines()[-1], pipeline.wrote("wait.json")["state"]) == (0, "it is live", "live")
    assert printed.startswith("in progress: ")
    assert "\x1b" not in printed

    version = endpoint.register()
    endpoint.reject(version)
    code, printed = pipeline.run(WAIT, ENDPOINT=NAME, VERSION=str(version))
    assert (code, printed) == (8, "it does not go live: see wait.json\n")
    assert pipeline.run(WAIT, ENDPOINT="unheard-of", VERSION="1")[0] == 3
