"""docs/operate.md knows every command and every option."""

import re

import pytest
from click.testing import CliRunner

from docs.links import anchors
from ops.cli import cli
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "operate.md").read_text()


@pytest.mark.parametrize("command", cli.commands)
def test_every_command_has_an_entry(command: str) -> None:
    assert any(command in (anchor, *anchor.split("-")) for anchor in anchors(PAGE))


@pytest.mark.parametrize("command", [None, *cli.commands], ids=str)
def test_every_option_is_named(command: str | None) -> None:
    shown = CliRunner().invoke(cli, [command, "--help"] if command else ["--help"]).output
    options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", shown, re.MULTILINE))
    assert "--help" in options
    assert [option for option in sorted(options) if option not in PAGE] == []
