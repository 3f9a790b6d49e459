"""The operator's commands. `python -m ops --help` lists them."""

import json
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache

import click
from rich.console import Console

from lambdas.gate import clock, names
from lambdas.gate.fact import Fact
from lambdas.gate.head import Head
from ops import intervention
from ops.account import Account, Change
from ops.audit import answers
from ops.audit.answers import Answer, Life
from ops.checks.approvals import ApprovalCheck
from ops.checks.assumption import found, is_at_fault, lines
from ops.checks.deployment import DeploymentCheck
from ops.checks.rollback import RollbackCheck
from ops.group import TEXT, Commands
from ops.render import status, story
from ops.render.csv_export import sheet
from ops.render.report import page
from ops.time_range import Span, span
from ops.verification import chain, copies

BOTH = "Both ENDPOINT and --all were given; give one of them."
NEITHER = "Neither ENDPOINT nor --all was given; give one of them."


@dataclass(frozen=True)
class Choice:
    """What was chosen for all commands. `zone` None is this machine's. No client is made before a command needs it."""

    profile: str | None
    region: str | None
    zone: tzinfo | None

    def account(self) -> Account:
        return Account(self.profile, self.region)


@click.group(cls=Commands)
@click.option("--profile", type=TEXT, help="The AWS CLI profile to use.")
@click.option("--region", type=TEXT, help="The AWS Region to look at.")
@click.option("--utc", is_flag=True, help="Show times in UTC instead of this machine's time zone.")
@click.pass_context
def cli(context: click.Context, profile: str | None, region: str | None, utc: bool) -> None:
    """See what Approval Gate did to your endpoints and why, and step in."""
    context.obj = Choice(profile, region, UTC if utc else None)


@cli.command("story")
@click.argument("endpoint", type=TEXT)
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
@click.argument("endpoint", type=TEXT, required=False)
@click.pass_obj
def show(choice: Choice, endpoint: str | None) -> None:
    """What is live, since when and by whose approval; of every endpoint, or all about ENDPOINT."""
    account = choice.account()
    everything = account.ledger.head(names.ALL)
    if everything and everything.paused is not None:
        click.echo(f"All endpoints are paused: {everything.paused_for}")
    if endpoint is None:
        heads = [(name, account.ledger.head(name)) for name in account.endpoints()]
        if not heads:
            click.echo(f"Approval Gate knows no endpoint here. Deploy a stack {names.STACK}-NAME first: make deploy.")
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
@click.argument("endpoint", type=TEXT, required=False)
@click.option("--all", "everything", is_flag=True, help="All endpoints of this account and Region.")
@click.option("--reason", type=TEXT, required=True, help="Shown to everyone who asks why nothing moves.")
@click.pass_obj
def pause(choice: Choice, endpoint: str | None, everything: bool, reason: str) -> None:
    """Start no rollout on ENDPOINT, reverts included, until it is resumed. One in flight goes on."""
    account, now = choice.account(), clock.now()
    who = account.operator()
    _change(account, endpoint, everything, lambda head: intervention.pause(head, reason, who, now))


@cli.command()
@click.argument("endpoint", type=TEXT, required=False)
@click.option(
    "--all", "everything", is_flag=True, help="End the pause of all endpoints; one paused by itself stays so."
)
@click.pass_obj
def resume(choice: Choice, endpoint: str | None, everything: bool) -> None:
    """End the pause of ENDPOINT; what was held meanwhile goes ahead."""
    account, now = choice.account(), clock.now()
    who = account.operator()
    _change(account, endpoint, everything, lambda head: intervention.resume(head, who, now))


@cli.command()
@click.argument("endpoint", type=TEXT, required=False)
@click.option("--all", "everything", is_flag=True, help="Every rollout in flight; and nothing new starts: pause --all.")
@click.option("--reason", type=TEXT, required=True, help="On the record, and shown to everyone who asks.")
@click.pass_obj
def abort(choice: Choice, endpoint: str | None, everything: bool, reason: str) -> None:
    """Stop the rollout in flight on ENDPOINT: what was live before has all the traffic back. Its version is not tried
    again until it is approved again, or `retry`. AWS promises to stop only while the new fleet takes traffic."""
    account, now = choice.account(), clock.now()
    who = account.operator()

    def order(head: Head) -> tuple[Head, Fact]:
        return intervention.abort(head, reason, who, now)

    if not everything:
        _change(account, endpoint, everything, order)
        return
    if endpoint is not None:
        raise click.UsageError(BOTH)
    stopped = account.stop(lambda head: intervention.pause(head, reason, who, now), order)
    what = f"the abort is ordered on {', '.join(stopped)}" if stopped else "no rollout was in flight"
    click.echo(
        f"All endpoints are paused until `resume --all`; {what}. It is on the record, and the deployer looks now."
    )


@cli.command()
@click.argument("endpoint", type=TEXT)
@click.argument("version", type=TEXT)
@click.option("--reason", type=TEXT, required=True, help="Why it should work this time.")
@click.pass_obj
def retry(choice: Choice, endpoint: str, version: str, reason: str) -> None:
    """Try VERSION (its number, GROUP/number or ARN) on ENDPOINT again although it was rolled back or given up."""
    account, now = choice.account(), clock.now()
    who = account.operator()
    _change(account, endpoint, False, lambda head: intervention.retry(head, version, reason, who, now))


@cli.command()
@click.argument("endpoint", type=TEXT)
@click.argument("version", type=TEXT)
@click.option(
    "--check", type=TEXT, required=True, help="The check's name as the ledger has it, such as freeze or require.f1."
)
@click.option("--reason", type=TEXT, required=True, help="Why this approval may pass although the gate is shut.")
@click.pass_obj
def override(choice: Choice, endpoint: str, version: str, check: str, reason: str) -> None:
    """Break the glass: let the approval of VERSION (its number, GROUP/number or ARN) that waits on ENDPOINT pass one
    check. It never goes for an approval that was not given, nor for one that was given to something else (pin)."""
    account, now = choice.account(), clock.now()
    account.head(endpoint)
    who, known = account.operator(), intervention.checks(account.spec(endpoint))
    _change(account, endpoint, False, lambda head: intervention.override(head, version, check, known, reason, who, now))


@cli.command()
@click.argument("endpoint", type=TEXT)
@click.option(
    "--copy", "bucket", type=TEXT, help="The bucket of the write-once copies, to compare each row with its own."
)
@click.pass_obj
def verify(choice: Choice, endpoint: str, bucket: str | None) -> None:
    """Walk the ledger's hash chain of ENDPOINT and name the first row that does not fit."""
    account = choice.account()
    kept = copies.stored(account.s3(), bucket, endpoint) if bucket is not None else None
    items, head = account.items_and_head(endpoint, known=bool(kept))
    if head is None and not kept:
        click.echo(f"Approval Gate has not looked at {endpoint} yet.")
        return
    misfits = [chain.first_misfit(items, head) if head else "it has no head"]
    if kept is not None:
        misfits.append(copies.first_difference(items, kept, lambda number: account.is_unpublished(endpoint, number)))
    if told := [misfit for misfit in misfits if misfit]:
        raise click.ClickException(f"The ledger of {endpoint} does not fit: {'; '.join(told)}.")
    compared = f", {len(kept)} of them compared with their copies in {bucket}" if kept is not None else ""
    click.echo(f"All {len(items)} rows of {endpoint} fit{compared}.")


@cli.command("audit")
@click.argument("endpoint", type=TEXT, required=False)
@click.option(
    "--on", "on", type=TEXT, metavar="DATE", help="What was live then: an ISO 8601 date (all day), or date and time."
)
@click.option("--version", type=TEXT, metavar="ARN|GROUP/N", help="Everything that ever happened to this version.")
@click.option("--format", "form", type=click.Choice(["page", "json", "csv"]), default="page", show_default=True)
@click.pass_obj
def answer(choice: Choice, endpoint: str | None, on: str | None, version: str | None, form: str) -> None:
    """What is live on ENDPOINT, or on each, since when; who approved it and which checks passed on which numbers; where
    it came from. Answered from the ledger's rows alone. Without an offset DATE is in this machine's time zone, or in
    UTC with --utc."""
    if on is not None and version is not None:
        raise click.UsageError("--on asks about a time, --version about a version. Ask one of them.")
    account, now = choice.account(), clock.now()
    asked = span(on, choice.zone, now) if on is not None else Span(now, now)
    given: list[Answer] = []
    for name in account.endpoints() if endpoint is None else [endpoint]:
        rows = story.read(account.dynamodb, name)
        if not rows:
            account.require(name)
        given.append(answers.at(name, rows, asked) if version is None else answers.life(name, rows, version))
    if version is not None and endpoint is None:
        given = [one for one in given if isinstance(one, Life) and one.events]
    match form:
        case "json":
            click.echo(json.dumps([answers.as_json(one) for one in given], indent=2, ensure_ascii=False))
        case "csv":
            click.echo(sheet(given), nl=False)
        case _:
            pages = ["\n".join(page(one, choice.zone)) for one in given]
            click.echo("\n\n".join(pages) or "The ledger knows nothing of it.")


@cli.command()
@click.argument("endpoint", type=TEXT)
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
        raise click.ClickException(f"{differing} of these differ and must not: see docs/develop/simulation.md.")


def _change(account: Account, endpoint: str | None, everything: bool, change: Change) -> None:
    if (endpoint is None) is not everything:
        raise click.UsageError(NEITHER if endpoint is None else BOTH)
    if endpoint is None:
        where, fact = "All endpoints", account.write_for_all(change)
    else:
        where, fact = endpoint, account.write(endpoint, change)
    click.echo(f"{where}: {fact.summary}. It is on the record, and the deployer looks now.")
