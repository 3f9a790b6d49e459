"""What a command returns, and the one place that prints it."""

import click
from rich.console import Console

from lambdas.gate.text import one_line
from ops.errors import Exit, Failure
from ops.render.table import Block, Table


class Output:
    """The parts that a command prints, one after the other. A text is one line. With a `failure` the command ends with
    that `exit` code."""

    def __init__(self, *parts: str | Table | Block, failure: str | None = None, exit: Exit = Exit.FAILED) -> None:
        self.parts = parts
        self.failure = failure
        self.exit = exit

    def show(self) -> None:
        """Print the parts. A table has colours on a terminal, or is blocks on a narrow one, and is plain lines
        elsewhere. No text can control the terminal or begin a line of its own, whoever wrote it."""
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
        if self.failure is not None:
            raise Failure(self.failure, self.exit)
