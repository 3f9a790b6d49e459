"""Each command is a module of `ops/commands` and a line of `COMMANDS`; only running one imports AWS libraries."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lambdas.gate.version import VERSION
from ops import commands
from ops.cli import COMMANDS, LazyCommand, cli, main

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_every_module_of_a_command_has_a_line_in_the_help() -> None:
    modules = {file.stem for file in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}
    assert modules == {name.replace("-", "_") for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_line_of_the_help_fits_and_its_command_has_a_longer_one(name: str) -> None:
    assert (
        f"  {name:<{max(map(len, COMMANDS))}}  {COMMANDS[name]}"
        in CliRunner().invoke(cli, ["--help"]).output.splitlines()
    )
    command = LazyCommand(name).load()
    assert isinstance(command, click.Command)
    assert (command.name, bool(command.help)) == (name, True)


def test_the_version_is_the_products_and_the_changelogs() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"Approval Gate {VERSION}\n"
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## [")]
    assert headings[0].startswith(f"## [{VERSION}]")


LOADED = """
import sys
from importlib import import_module
from ops.cli import COMMANDS
for name in COMMANDS:
    import_module(f"ops.commands.{name.replace('-', '_')}")
print(*{module.partition(".")[0] for module in sys.modules})
"""


def test_the_help_of_a_command_waits_for_no_aws_client_and_for_nothing_that_is_not_installed_with_it() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = set(ran.stdout.split()) - sys.stdlib_module_names
    assert loaded & {"boto3", "rich"} == set()
    installed = {requirement.partition("==")[0] for requirement in PROJECT["dependencies"]}
    of_boto3 = {"botocore", "jmespath"}
    # Debian's Python brings a sitecustomize.
    of_the_interpreter = {name for name in loaded if name.startswith("_") or name == "sitecustomize"}
    assert loaded - of_boto3 - of_the_interpreter - {"lambdas", "ops"} <= installed


LINTED = """
import sys
from click.testing import CliRunner
from ops.cli import cli
result = CliRunner().invoke(cli, ["lint", "endpoints.yaml"])
assert result.exit_code == 0, result.output
print(*{module.partition(".")[0] for module in sys.modules})
"""


def test_lint_waits_for_no_aws_library_and_for_no_colours() -> None:
    ran = subprocess.run([sys.executable, "-c", LINTED], cwd=ROOT, check=True, capture_output=True, text=True)
    assert set(ran.stdout.split()) & {"boto3", "botocore", "rich"} == set()


def test_the_installed_command_is_this_one() -> None:
    module, _, function = PROJECT["scripts"]["approval-gate"].partition(":")
    assert getattr(import_module(module), function) is main


def test_the_installed_command_has_the_versions_that_are_tested() -> None:
    assert [
        each for each in PROJECT["dependencies"] if each not in (ROOT / "constraints.txt").read_text().split()
    ] == []


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("name", [(), *((name,) for name in COMMANDS)], ids=str)
def test_each_command_explains_itself(name: tuple[str, ...], flag: str) -> None:
    shown = CliRunner().invoke(cli, [*name, flag])
    assert (shown.exit_code, "Show this message and exit." in shown.output) == (0, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(shell: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell], prog_name="approval-gate").output
    assert f"_APPROVAL_GATE_COMPLETE={shell}_complete" in script
    assert completed(shell, "approval-gate sta") == ["status"]
    assert completed(shell, "approval-gate pause --rea") == ["--reason"]
    assert completed(shell, "approval-gate status --out") == ["--output"]


def completed(shell: str, line: str) -> list[str]:
    """What the installed command answers to a shell that completes the line."""
    environment = {"_APPROVAL_GATE_COMPLETE": f"{shell}_complete", "COMP_WORDS": line}
    environment["COMP_CWORD"] = line.rsplit(maxsplit=1)[-1] if shell == "fish" else str(len(line.split()) - 1)
    answer = CliRunner().invoke(cli, [], prog_name="approval-gate", env=environment).output
    found = re.split(r"[\n,\t]", answer)
    return [each for each in found if each.startswith(line.rsplit(maxsplit=1)[-1])]
