"""Each command is a module of `ops/commands` and a line of `COMMANDS`; only running one imports AWS libraries."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lambdas.gate.version import VERSION
from ops import commands
from ops.cli import COMMANDS, LazyCommand, cli

ROOT = Path(__file__).parents[2]


def test_every_module_of_a_command_has_a_line_in_the_help() -> None:
    modules = {file.stem for file in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}
    assert modules == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_line_of_the_help_fits_and_its_command_has_a_longer_one(name: str) -> None:
    assert f"  {name:<9}  {COMMANDS[name]}" in CliRunner().invoke(cli, ["--help"]).output.splitlines()
    command = LazyCommand(name).load()
    assert isinstance(command, click.Command)
    assert (command.name, bool(command.help)) == (name, True)


def test_the_version_is_the_products_and_the_changelogs() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"Approval Gate {VERSION}\n"
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## [")]
    assert headings[0].startswith(f"## [{VERSION}]")


def test_help_imports_no_aws_client() -> None:
    script = "import sys, ops.cli; sys.exit('boto3' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
