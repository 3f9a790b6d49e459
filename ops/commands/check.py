"""`check`: does this account do what is assumed about AWS?"""

from functools import cache

import click

from ops import options
from ops.account import Account
from ops.checks.approvals import ApprovalCheck
from ops.checks.assumption import ask_all
from ops.checks.deployment import DeploymentCheck
from ops.checks.judge import JudgeCheck
from ops.checks.rollback import RollbackCheck
from ops.errors import Refused
from ops.options import Options
from ops.render import findings as render
from ops.render.output import Output


@click.command()
@options.endpoint
@click.pass_obj
def check(chosen: Options, endpoint: str) -> Output:
    """Compare what is assumed about AWS with what this account shows, best right after a rollback of ENDPOINT. Only
    reads."""
    account = Account.of(chosen)
    rows = account.rows(endpoint)
    if endpoint not in account.endpoints():
        raise Refused(f"The stack of {endpoint} is not deployed here, so there is nothing to check.")
    clients = cache(account.client)
    findings = ask_all(
        (
            *DeploymentCheck(clients, endpoint, account.now).assumptions(),
            *RollbackCheck(clients, endpoint, rows).assumptions(),
            *JudgeCheck(clients, endpoint, rows).assumptions(),
            *ApprovalCheck(clients, rows).assumptions(),
        )
    )
    return Output(*render.lines(findings), values=map(render.as_json, findings), failure=render.failure(findings))
