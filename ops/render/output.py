"""What a command returns, and the one place that prints it."""

import click
from rich.console import Console

from lambdas.gate.text import one_line
from ops.errors import Exit, Failure
from ops.render.table import Table


class Output:
    """The parts that a command prints, one after the other. A text is one line. With a `failure` the command ends with
    that `exit` code."""

    def __init__(self, *parts: str | Table, failure: str | None = None, exit: Exit = Exit.FAILED) -> None:
        self.parts = parts
        self.failure = failure
        self.exit = exit

    def show(self) -> None:
        """Print the parts. A table has colours on a terminal, and is plain lines elsewhere. No text can control the
        terminal or begin a line of its own, whoever wrote it."""
        console = Console()
        for part in self.parts:
            if isinstance(part, Table) and console.is_terminal:
                console.print(part.terminal())
            else:
                click.echo(one_line(part) if isinstance(part, str) else "\n".join(part.lines()))
        if self.failure is not None:
            raise Failure(self.failure, self.exit)
