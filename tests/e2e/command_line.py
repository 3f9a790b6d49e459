"""The operator at the command line."""

from unittest.mock import patch

from click.testing import CliRunner

from ops import ordering
from ops.cli import cli
from ops.commands import wait
from sandbox.app.deployment import operator_environment
from tests.e2e.world import ON_CALL, World

ON_CALLS = (
    *("pause", "resume", "abort", "promote", "rollback", "retry", "override", "reconcile", "restore"),
    *("get", "wait", "explain"),
)
"""The commands that the on-call engineer gives, with the policy for operators. An administrator gives the others."""


def run(world: World, *arguments: str, code: int = 0, by: str | None = None) -> str:
    """What `approval-gate ARGUMENTS` prints; all that follows at once has happened when this returns. `by`: who gives
    the command, if somebody else than usual."""
    environment = operator_environment(world.url)
    if by is not None or arguments[0] in ON_CALLS:
        key = world.control("principals")[by or ON_CALL]
        environment |= {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    with patch.object(ordering, "sleep", world.advance), patch.object(wait, "sleep", world.advance):
        result = CliRunner().invoke(cli, ["--utc", *arguments], env=environment)
    assert result.exit_code == code, result.output
    world.advance()
    return result.output
