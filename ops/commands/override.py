"""`override`: let an approval pass one check of the gate."""

import click

from lambdas.gate import clock
from lambdas.gate.policy.checks import overridable
from ops import intervention, options
from ops.account import Account
from ops.options import TEXT, Options
from ops.render.output import Output
from ops.render.text import recorded


@click.command()
@options.endpoint
@options.version
@click.option(
    "--check", type=TEXT, required=True, help="The check's name as the ledger has it, such as freeze or require.f1."
)
@options.reason("Why this approval may pass although the check failed.")
@click.pass_obj
def override(chosen: Options, endpoint: str, version: str, check: str, reason: str) -> Output:
    """Let the approval of VERSION (its number, GROUP/number or ARN) that waits on ENDPOINT pass one check. The override
    is for this approval only. It replaces no approval, and no version that was changed after its approval can pass
    (pin)."""
    account, now = Account.of(chosen), clock.now()
    account.head(endpoint)
    who, known = account.operator(), overridable(account.spec(endpoint))
    fact = account.write(endpoint, lambda head: intervention.override(head, version, check, known, reason, who, now))
    return Output(recorded(endpoint, fact))
