"""`audit`: an auditor's questions, answered from the ledger's rows."""

from collections.abc import Sequence
from datetime import tzinfo

import click

from lambdas.gate.state.approval import is_version
from ops import options
from ops.account import Account
from ops.audit.answers import Answer, live_versions, to_last_row, version_history
from ops.audit.ledgers import VERIFIED, Ledger, not_intact, read
from ops.errors import Exit, Refused
from ops.options import TEXT, Options
from ops.render.csv_export import csv_export
from ops.render.json_export import answer_json
from ops.render.output import Output
from ops.render.report import report
from ops.time_range import time_range
from ops.verification import seals
from ops.versions import VERSION, Asked, Standing, of_head, resolve, standing


@click.command()
@options.optional_endpoint
@click.option(
    "--on", "on", type=TEXT, metavar="DATE", help="Ask about a day, or a moment: an ISO 8601 date, or date and time."
)
@click.option("--version", type=VERSION, metavar="N|GROUP/N|ARN", help="Ask about this version, over all time.")
@click.option("--format", "form", type=click.Choice(["page", "csv"]), default="page", show_default=True)
@click.pass_obj
def audit(chosen: Options, endpoint: str | None, on: str | None, version: Asked | None, form: str) -> Output:
    """Show which version is live on ENDPOINT, or on each endpoint, and since when; who approved it; which checks it
    passed, and on which evidence; and where it came from. The answer comes from the ledger's rows alone, which are
    verified first. A DATE
    without an offset is in this machine's time zone, or in UTC with --utc."""
    if on is not None and version is not None:
        raise click.UsageError("--on asks about a time, --version about a version. Give one of them.")
    account = Account.of(chosen)
    keys = seals.keys(account.client("kms"))
    ledgers = [read(account, name, keys) for name in (account.endpoints() if endpoint is None else (endpoint,))]
    answers, ends = (
        (_live(account, ledgers, on, chosen.zone), [])
        if version is None
        else _about(account, ledgers, version, is_one=endpoint is not None)
    )
    failure, code = _failure(ledgers, ends)
    found = (
        csv_export(answers).removesuffix("\n").split("\n") if form == "csv" else _page(answers, ledgers, ends, chosen)
    )
    return Output(*found, values=map(answer_json, answers), failure=failure, exit=code)


def _page(answers: Sequence[Answer], ledgers: Sequence[Ledger], ends: Sequence[Standing], chosen: Options) -> list[str]:
    """Return the lines of a page in Markdown, which says at its end that the ledgers are intact."""
    reports = [["", *report(one, chosen.zone)] for one in answers]
    found = [line for lines in reports for line in lines][1:]
    if not ends:
        found = found or ["The ledger has no row about it."]
    if not found or any(one.problem is not None for one in ledgers):
        return found
    return [*found, "", VERIFIED, *(f"{one.endpoint}: {one.sealed}" for one in ledgers if one.sealed is not None)]


def _live(account: Account, ledgers: Sequence[Ledger], on: str | None, zone: tzinfo | None) -> list[Answer]:
    asked = None if on is None else time_range(on, zone, account.now)
    return [
        live_versions(one.endpoint, one.rows, asked or to_last_row(one.rows, account.now))
        for one in ledgers
        if one.rows is not None
    ]


def _about(
    account: Account, ledgers: Sequence[Ledger], asked: Asked, *, is_one: bool
) -> tuple[list[Answer], list[Standing]]:
    """Return what happened to the version, and where it stands if it is not Approved. If any ledger is about it, the
    others are left out. `is_one`: one endpoint was asked about."""
    found = []
    for one in ledgers:
        rows = one.rows or ()
        named = {row.fact.version for row in rows if is_version(row.fact.version)}
        known = sorted({*named, *of_head(one.head)})
        try:
            version = resolve(account, one.endpoint, asked, one.head, known)
        except Refused:
            if is_one:
                raise
            continue
        history = version_history(one.endpoint, rows, version)
        found.append((history, standing(account, version, one.head, is_known=bool(history.events) or version in known)))
    about = [each for each in found if each[0].events]
    heard_of = [each for each in found if each[1].exit is not Exit.NEVER_HEARD_OF]
    chosen = about or heard_of or found
    if not chosen:
        raise Refused(f"No endpoint here follows the group of {asked}.", Exit.NEVER_HEARD_OF)
    answers: list[Answer] = [h for h, where in chosen if h.events or (is_one and where.exit is None)]
    return answers, list(dict.fromkeys(where for _, where in chosen if where.exit is not None))


def _failure(ledgers: Sequence[Ledger], ends: Sequence[Standing]) -> tuple[str | None, Exit]:
    """Return what the command fails with, and its exit code: a ledger that proves nothing counts most."""
    failure, code = not_intact(ledgers)
    if failure is not None:
        return failure, code
    codes = [where.exit for where in ends if where.exit is not None]
    return " ".join(where.text for where in ends) or None, max(codes, default=Exit.DONE)
