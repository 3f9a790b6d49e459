"""docs/tutorial.md, followed as it is written: each command is run, and prints what the page shows."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.app.deployment import REPOSITORY
from tests.e2e import aws_cli

PAGE = REPOSITORY / "docs" / "tutorial.md"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "cdk.out*", ".build", ".sandbox", ".*_cache", "__pycache__", "simulation"
)
PORT = "4566"
_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<lines>.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = r"((?:[^\n]*\\\n)*[^\n]*)(.*)"
"""A command, with the lines that continue it after a backslash, and what it prints."""
_FILE = "--- "


@dataclass(frozen=True)
class Command:
    """A command of the page and what it prints. `…` stands for anything."""

    line: str
    shown: str

    def prints(self, output: str) -> bool:
        pattern = re.escape(self.shown).replace("…", ".*")
        return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


@dataclass(frozen=True)
class Edit:
    """A change of a file: a line, and the line in its place."""

    file: str
    old: str
    new: str


@pytest.mark.timeout(900)
def test_each_command_prints_what_the_tutorial_shows(tmp_path: Path) -> None:
    folder = _clone(tmp_path / "approval-gate")
    start, *steps = _steps(PAGE.read_text())
    assert isinstance(start, Command)
    wrong = ""
    with _sandbox(start, folder), _shell(folder, tmp_path) as shell:
        for step in steps:
            if isinstance(step, Edit):
                _edit(folder, step)
                continue
            output = shell.run(step.line)
            wrong += "" if step.prints(output) else f"\n$ {step.line}\n{output}"
    assert not wrong, f"These commands print something else than the page shows:\n{wrong}"


def test_the_page_has_commands_with_their_output_and_edits() -> None:
    console = "```console\n$ one \\\n    --more\n$ two\na\nb …\n```\n"
    others = "```diff\n--- file\n-old\n+new\n```\n\n```yaml\n$ x\n```\n"
    assert _steps(f"{console}\nText.\n\n{others}") == [
        Command("one \\\n    --more", ""),
        Command("two", "a\nb …"),
        Edit("file", "old", "new"),
    ]


def test_an_ellipsis_stands_for_anything_and_all_else_for_itself() -> None:
    assert Command("", "live …\n…\nend.").prints("live 1\nx\ny\nend.\n")
    assert not Command("", "live …").prints("dead 1")
    assert not Command("", "").prints("error")


def _steps(page: str) -> list[Command | Edit]:
    found: list[Command | Edit] = []
    for block in _BLOCK.finditer(page):
        if block["kind"] == "console":
            for part in re.split(r"^\$ ", block["lines"], flags=re.MULTILINE)[1:]:
                line, shown = re.fullmatch(_COMMAND, part, re.DOTALL).groups()  # type: ignore[union-attr]
                found.append(Command(line, shown.strip()))
        elif block["kind"] == "diff":
            file, old, new = block["lines"].splitlines()
            found.append(Edit(file.removeprefix(_FILE), old.removeprefix("-"), new.removeprefix("+")))
    return found


def _clone(folder: Path) -> Path:
    """The repository as after `make install`, so that edits and deployments are the tutorial's own."""
    shutil.copytree(REPOSITORY, folder, ignore=NOT_COPIED)
    for installed in (".venv", "node_modules"):
        (folder / installed).symlink_to(REPOSITORY / installed)
    for file in (*folder.glob("*requirements*.txt"), folder / "constraints.txt", *folder.glob("package*.json")):
        os.utime(file, (0, 0))
    os.utime(folder / "lambdas" / "requirements.txt", (0, 0))
    return folder


def _edit(folder: Path, edit: Edit) -> None:
    file = folder / edit.file
    lines = file.read_text().splitlines()
    assert lines.count(edit.old) == 1
    file.write_text("\n".join(edit.new if line == edit.old else line for line in lines) + "\n")


@contextmanager
def _sandbox(start: Command, folder: Path) -> Iterator[None]:
    """The first terminal. Its port is a free one; the folder has the name that the page gives it."""
    port = _free_port()
    (folder / ".sandbox").mkdir()
    (folder / ".sandbox" / PORT).symlink_to(port)
    environment = os.environ | {"PORT": port}
    with subprocess.Popen(
        shlex.split(start.line), cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            output = ""
            while "ready" not in output and (line := process.stdout.readline()):
                output += line
            assert start.prints(output.replace(f".sandbox/{port}/", f".sandbox/{PORT}/")), output
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)


class Shell:
    """The second terminal. What a command prints ends with a line that the shell is told to print."""

    _END = "end of the command"

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\necho; echo {shlex.quote(self._END)} $?\n")
        self._process.stdin.flush()
        output = ""
        while not (ended := re.search(rf"{self._END} (\d+)\n", output)):
            found = self._process.stdout.readline()
            assert found, f"$ {line}\n{output}"
            output += found
        assert ended[1] == "0", f"$ {line}\n{output}"
        return output[: ended.start()]


@contextmanager
def _shell(folder: Path, home: Path) -> Iterator[Shell]:
    binaries = home / "bin"
    binaries.mkdir()
    stand_in = binaries / "aws"
    stand_in.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(aws_cli.__file__)} "$@"\n')
    stand_in.chmod(0o755)
    environment = {"HOME": str(home), "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8"}
    environment["CDK_VALIDATION"] = "false"  # Other tests validate the templates, which takes most of a synth.
    with subprocess.Popen(
        ["bash"],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Shell(process)
        assert process.stdin
        process.stdin.close()


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return str(probe.getsockname()[1])
