"""The command line: the commands, and the options that all of them share.

A command is a module of `ops/commands` and a line here. Its function returns an `Output`, which is printed at one
place. The module is imported when the command is run, so that help and shell completion wait for no AWS library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from lambdas.gate.version import VERSION
from ops.errors import Failure
from ops.options import SHARED, Options

if TYPE_CHECKING:
    from ops.render.output import Output

COMMANDS = {
    "status": "Show what is live, and what keeps it there.",
    "get": "Show what each endpoint serves right now.",
    "wait": "Wait until a version is live or settled.",
    "explain": "Say why a version is live, or why it is not.",
    "story": "Show everything that happened to an endpoint.",
    "report": "Show what went wrong, and where people stepped in.",
    "audit": "Answer an auditor's questions from the ledger.",
    "verify": "Check that nobody changed an endpoint's ledger.",
    "doctor": "Say whether the gate is alive and can do its work.",
    "acceptance": "Try Approval Gate in this account, and report.",
    "plan": "Compute what the next rollout would see and lose.",
    "lint": "Check a file of endpoints.",
    "preview": "Say what a changed file of endpoints would do.",
    "adopt": "Print an entry that keeps what an endpoint has.",
    "approve": "Approve a version in the model registry.",
    "reject": "Reject a version in the model registry.",
    "pause": "Start no rollout until `resume`.",
    "resume": "End a pause.",
    "abort": "Stop the rollout in flight.",
    "promote": "Roll out a shadow's version before its time.",
    "rollback": "Leave the live version for a good one.",
    "retry": "Roll out a quarantined version again.",
    "override": "Let an approval pass one check of the gate.",
    "reconcile": "Have an endpoint read again, and acted on.",
    "restore": "Put back a head that somebody changed.",
    "dead-letters": "Show, requeue or purge what could not be handled.",
    "notify": "Publish a test message to the topic.",
    "completion": "Print the completion of a shell.",
}


class LazyCommand(click.Command):
    """The command `ops.commands.NAME.NAME`, with `_` for `-`, imported when it is run."""

    def load(self) -> click.Command:
        """Return the command, which takes the shared options too."""
        module = str(self.name).replace("-", "_")
        command: click.Command = getattr(import_module(f"ops.commands.{module}"), module)
        command.params += [option for option in SHARED if option not in command.params]
        return command

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        return self.load().make_context(info_name, args, *more, **extra)


class Commands(click.Group):
    """Lists the commands in their own order, and says in a sentence why one failed, with its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click says these.
        except Exception as error:
            if ctx.ensure_object(Options).debug:
                raise
            from ops.error_texts import exit_code, explain  # noqa: PLC0415 - See there.

            raise Failure(explain(error), exit_code(error)) from error


@click.group(
    cls=Commands,
    commands=[LazyCommand(name, short_help=line) for name, line in COMMANDS.items()],
    params=list(SHARED),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(VERSION, prog_name="Approval Gate", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """See what Approval Gate did to your endpoints and why, and step in."""
    context.ensure_object(Options)


@cli.result_callback()
def _show(output: "Output", **_: Any) -> None:
    output.show(click.get_current_context().ensure_object(Options).output)


def main() -> None:
    """The installed command `approval-gate`."""
    cli(prog_name="approval-gate")
