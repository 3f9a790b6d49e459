"""The operator's commands. `python -m ops --help` lists them."""

import json
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache

import click
from rich.console import Console

from lambdas.gate import clock
from ops import intervention, status, story, verification
from ops.account import Account
from ops.approval_check import ApprovalCheck
from ops.commands import Commands
from ops.deployment_check import DeploymentCheck
from ops.finding import found, is_at_fault, lines
from ops.rollback_check import RollbackCheck


@dataclass(frozen=True)
class Choice:
    """What was chosen for all commands. `zone` None is this machine's. No client is made before a command needs it."""

    profile: str | None
    region: str | None
    zone: tzinfo | None

    def account(self) -> Account:
        return Account(self.profile, self.region)


@click.group(cls=Commands)
@click.option("--profile", help="The AWS CLI profile to use.")
@click.option("--region", help="The AWS Region to look at.")
@click.option("--utc", is_flag=True, help="Show times in UTC instead of this machine's time zone.")
@click.pass_context
def cli(context: click.Context, profile: str | None, region: str | None, utc: bool) -> None:
    """See what Approval Gate did to your endpoints and why, and step in."""
    context.obj = Choice(profile, region, UTC if utc else None)


@cli.command("story")
@click.argument("endpoint")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per row, with all its evidence.")
@click.pass_obj
def tell(choice: Choice, endpoint: str, as_json: bool) -> None:
    """All that ever happened to ENDPOINT: when, who, what, why."""
    account = choice.account()
    rows = story.read(account.dynamodb, endpoint)
    if not rows:
        account.require(endpoint)
    if as_json:
        for row in rows:
            click.echo(json.dumps(story.as_json(row)))
        return
    if not rows:
        click.echo(f"Nothing has happened to {endpoint} yet.")
        return
    console = Console()
    if console.is_terminal:
        console.print(story.table(rows, zone=choice.zone))
        return
    for line in story.lines(rows, zone=choice.zone):
        click.echo(line)


@cli.command("status")
@click.argument("endpoint", required=False)
@click.pass_obj
def show(choice: Choice, endpoint: str | None) -> None:
    """What is live, since when and by whose approval; of every endpoint, or all about ENDPOINT."""
    account = choice.account()
    if endpoint is None:
        heads = [(name, account.ledger.head(name)) for name in account.endpoints()]
        if not heads:
            click.echo("Approval Gate knows no endpoint here. Deploy an EndpointStack first.")
            return
        console = Console()
        console = console if console.is_terminal else Console(width=200)
        console.print(status.table(heads, choice.zone))
        return
    head = account.head(endpoint)
    if head is None:
        click.echo(f"Approval Gate has not looked at {endpoint} yet.")
        return
    for line in status.lines(head, choice.zone):
        click.echo(line)


@cli.command()
@click.argument("endpoint")
@click.option("--reason", required=True, help="Shown to everyone who asks why nothing moves.")
@click.pass_obj
def pause(choice: Choice, endpoint: str, reason: str) -> None:
    """Start no rollout on ENDPOINT, reverts included, until it is resumed. One in flight goes on."""
    account, now = choice.account(), clock.now()
    who = account.operator()
    _done(account.write(endpoint, lambda head: intervention.pause(head, reason, who, now)).summary, endpoint)


@cli.command()
@click.argument("endpoint")
@click.pass_obj
def resume(choice: Choice, endpoint: str) -> None:
    """End the pause of ENDPOINT; what was held meanwhile goes ahead."""
    account, now = choice.account(), clock.now()
    who = account.operator()
    _done(account.write(endpoint, lambda head: intervention.resume(head, who, now)).summary, endpoint)


@cli.command()
@click.argument("endpoint")
@click.argument("version")
@click.option("--reason", required=True, help="Why it should work this time.")
@click.pass_obj
def retry(choice: Choice, endpoint: str, version: str, reason: str) -> None:
    """Try VERSION (its number, GROUP/number or ARN) on ENDPOINT again although it was rolled back or given up."""
    account, now = choice.account(), clock.now()
    who = account.operator()
    _done(account.write(endpoint, lambda head: intervention.retry(head, version, reason, who, now)).summary, endpoint)


@cli.command()
@click.argument("endpoint")
@click.pass_obj
def verify(choice: Choice, endpoint: str) -> None:
    """Walk the ledger's hash chain of ENDPOINT and name the first row that does not fit."""
    account = choice.account()
    head = account.head(endpoint)
    while True:
        items = list(story.items(account.dynamodb, endpoint))
        before, head = head, account.head(endpoint)
        if head == before:
            break
    if head is None:
        click.echo(f"Approval Gate has not looked at {endpoint} yet.")
        return
    misfit = verification.first_misfit(items, head)
    if misfit:
        raise click.ClickException(f"The ledger of {endpoint} does not fit: {misfit}.")
    click.echo(f"All {head.rows} rows of {endpoint} fit.")


@cli.command()
@click.argument("endpoint")
@click.pass_obj
def check(choice: Choice, endpoint: str) -> None:
    """Compare what is assumed about AWS with what this account shows, best after a rollback of ENDPOINT. Only reads."""
    account = choice.account()
    rows = story.read(account.dynamodb, endpoint)
    account.require(endpoint)
    clients = cache(account.client)
    findings = found(
        (
            *DeploymentCheck(clients, endpoint, clock.now()).assumptions(),
            *RollbackCheck(clients, endpoint, rows).assumptions(),
            *ApprovalCheck(clients, rows).assumptions(),
        )
    )
    for line in lines(findings):
        click.echo(line)
    if differing := sum(is_at_fault(finding) for finding in findings):
        raise click.ClickException(f"{differing} of these differ and must not: see docs/simulation.md.")


def _done(summary: str, endpoint: str) -> None:
    click.echo(f"{endpoint}: {summary}. It is on the record, and the deployer looks now.")
