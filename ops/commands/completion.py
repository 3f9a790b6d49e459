"""`completion`: complete commands, options and endpoints in a shell."""

import click
from click.shell_completion import get_completion_class

from ops.errors import Refused
from ops.render.output import Output

PROGRAM = "approval-gate"
"""The installed command, which is what the shell completes."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> Output:
    """Print the lines that complete the installed command `approval-gate` in SHELL. For bash, add to ~/.bashrc:

    eval "$(approval-gate completion bash)"
    """
    made = get_completion_class(shell)
    if made is None:
        raise Refused(f"click has no completion for {shell}.")
    script = made(context.find_root().command, {}, PROGRAM, "_APPROVAL_GATE_COMPLETE").source().strip("\n")
    return Output(*script.split("\n"), values=({"shell": shell, "script": script},))
