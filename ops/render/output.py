"""What a command returns, and the one place that prints it."""

from collections.abc import Iterable
from typing import Any

import click

from lambdas.gate.text import one_line
from ops.errors import Exit, Failure
from ops.options import Form
from ops.render.json_export import json_line
from ops.render.table import Block, Table


class Output:
    """The parts that a command prints, one after the other. A text is one line. `values`: the same for programs, as
    values of JSON. With a `failure` the command ends with that `exit` code."""

    def __init__(
        self, *parts: str | Table | Block, values: Iterable[Any], failure: str | None = None, exit: Exit = Exit.FAILED
    ) -> None:
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
            raise Failure(self.failure, self.exit)

    def _show_parts(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - Help and JSON do not wait for it.

        console = Console()
        width = console.width if console.is_terminal else None
        for part in self.parts:
            match part:
                case Table() if width is not None and part.fits(width):
                    console.print(part.terminal())
                case Table() if width is not None:
                    click.echo("\n".join(line for block in part.blocks() for line in block.lines(width)))
                case Table():
                    click.echo("\n".join(part.lines()))
                case Block():
                    click.echo("\n".join(part.lines(width)))
                case _:
                    click.echo(one_line(part))
