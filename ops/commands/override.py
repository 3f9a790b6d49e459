"""`override`: let an approval pass one check of the gate."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import TEXT, Options
from ops.ordering import give
from ops.render.output import Output
from ops.versions import VERSION, Asked


@click.command()
@options.endpoint
@click.argument("version", type=VERSION)
@click.option(
    "--check", type=TEXT, required=True, help="The check's name as the ledger has it, such as freeze or require.f1."
)
@options.reason("Why this approval may pass although the check failed.")
@click.pass_obj
def override(chosen: Options, endpoint: str, version: Asked, check: str, reason: str) -> Output:
    """Let the approval of VERSION (its number, GROUP/number or ARN) that waits on ENDPOINT pass one check. The override
    is for this approval only. It replaces no approval, and no version that was changed after its approval can pass
    (pin)."""
    return give(chosen, OrderKind.OVERRIDE, endpoint, reason=reason, version=version, check=check)
