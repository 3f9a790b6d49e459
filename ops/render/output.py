"""What a command returns, and the one place that prints it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from lambdas.gate.text import one_line
from ops.errors import Exit, Failure
from ops.options import Form
from ops.render.json_export import json_line
from ops.render.table import Block, ColouredBlock, Table

if TYPE_CHECKING:
    from rich.console import Console


def progress(text: str) -> None:
    """Print one safe line to standard error, while a command is not done."""
    click.echo(one_line(text), err=True)


@dataclass(frozen=True)
class Watched:
    """The same blocks again and again, as they change. On a terminal each reading replaces the one before."""

    readings: Iterable[tuple[ColouredBlock, ...]]


@dataclass(frozen=True)
class Lines:
    """Texts that are printed as they come. Each is one safe line."""

    texts: Iterable[str]


Part = str | Table | Block | ColouredBlock | Watched | Lines


class Output:
    """The parts that a command prints, one after the other. A text is one line. `values`: the same for programs, as
    values of JSON. `exit`: the command's exit code. `failure`: a sentence for standard error; the exit code is not 0
    then."""

    def __init__(self, *parts: Part, values: Iterable[Any], failure: str | None = None, exit: Exit = Exit.DONE) -> None:
        self.parts = parts
        self.values = values
        self.failure = failure
        self.exit = exit

    def show(self, form: Form = Form.TABLE) -> None:
        """Print the parts, or the values. A table has colours on a terminal, or is blocks on a narrow one, and is plain
        lines elsewhere. No text can control the terminal or begin a line of its own, whoever wrote it."""
        if form is Form.JSON:
            for value in self.values:
                click.echo(json_line(value))
        else:
            self._show_parts()
        if self.failure is not None:
            raise Failure(self.failure, self.exit or Exit.FAILED)
        if self.exit is not Exit.DONE:
            raise click.exceptions.Exit(self.exit)

    def _show_parts(self) -> None:
        for part in self.parts:
            match part:
                case str():
                    click.echo(one_line(part))
                case Lines():
                    for text in part.texts:
                        click.echo(one_line(text))
                case Watched():
                    _show_watched(_console(), part)
                case _:
                    _show_part(_console(), part)


def _console() -> "Console":
    from rich.console import Console  # noqa: PLC0415 - Help, JSON and sentences do not wait for it.

    return Console()


def _show_part(console: "Console", part: Table | Block | ColouredBlock) -> None:
    width = console.width if console.is_terminal else None
    match part:
        case Table() if width is not None and part.fits(width):
            console.print(part.terminal())
        case Table() if width is not None:
            click.echo("\n".join(line for block in part.blocks() for line in block.lines(width)))
        case Table():
            click.echo("\n".join(part.lines()))
        case ColouredBlock() if width is not None:
            console.print(part.terminal())
        case ColouredBlock():
            click.echo("\n".join(part.block().lines()))
        case Block():
            click.echo("\n".join(part.lines(width)))


def _show_watched(console: "Console", watched: Watched) -> None:
    """Show each reading that differs from the one before."""
    if not console.is_terminal:
        before: Sequence[ColouredBlock] = ()
        for blocks in watched.readings:
            for block in blocks if blocks != before else ():
                _show_part(console, block)
            before = blocks
        return
    from rich.console import Group  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    with Live(console=console, auto_refresh=False) as live:
        for blocks in watched.readings:
            live.update(Group(*(block.terminal() for block in blocks)), refresh=True)
