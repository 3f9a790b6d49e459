"""The operator at the command line."""

from click.testing import CliRunner

from ops.cli import cli
from sandbox.app.deployment import CLOCK_VARIABLE, operator_environment
from tests.e2e.world import World


def run(world: World, *arguments: str) -> str:
    """What `python -m ops ARGUMENTS` prints; all that follows at once has happened when this returns."""
    environment = operator_environment(world.url) | {CLOCK_VARIABLE: f"{world.url}/_sandbox/time"}
    result = CliRunner().invoke(cli, ["--utc", *arguments], env=environment)
    assert result.exit_code == 0, result.output
    world.advance()
    return result.output
