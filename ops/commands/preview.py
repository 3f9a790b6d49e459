"""`preview`: what would a changed file of endpoints do?"""

from pathlib import Path

import click

from ops.account import Account
from ops.commands.lint import refused
from ops.errors import Exit
from ops.options import TEXT, Options
from ops.preview.endpoint import State
from ops.preview.reading import Preview, previewed
from ops.render import preview as render
from ops.render.output import Output


@click.command()
@click.argument("file", type=TEXT, default="endpoints.yaml")
@click.pass_obj
def preview(chosen: Options, file: str) -> Output:
    """Say what the deployment of FILE (endpoints.yaml by default) would do, without Node and the CDK: which keys
    change, which live versions are rolled out again, which approvals that wait pass or stop, and what the functions
    may do more. Only reads. The exit code is 4 if what is live would change, and 0 if not."""
    # The schema of the file is large. Help and completion do not wait for it.
    from infra.config.load import load  # noqa: PLC0415
    from infra.config.problem import ConfigError  # noqa: PLC0415

    try:
        config = load(Path(file))
    except ConfigError as error:
        return refused(file, error)
    found = previewed(Account.of(chosen), config)
    return Output(*render.parts(found, file), values=(render.as_json(found, file),), exit=_exit(found))


def _exit(found: Preview) -> Exit:
    """Return the code of the first case that applies: an endpoint cannot be read, what is live changes, something is
    on hold that was not."""
    follows = [each for endpoint in found.endpoints for each in endpoint.follows]
    if any(each.state is State.UNREADABLE for each in found.endpoints):
        return Exit.UNREADABLE
    if any(each.is_live for each in follows):
        return Exit.IN_PROGRESS
    return Exit.HELD if any(each.holds for each in follows) else Exit.DONE
