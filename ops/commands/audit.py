"""`audit`: an auditor's questions, answered from the ledger's rows."""

import click

from ops import options
from ops.account import Account
from ops.audit.answers import Answer, VersionHistory, live_versions, to_last_row, version_history
from ops.options import TEXT, Options
from ops.render.csv_export import csv_export
from ops.render.json_export import answer_json, json_lines
from ops.render.output import Output
from ops.render.report import report
from ops.time_range import time_range
from ops.verification import chain

VERIFIED = (
    "The rows are intact, and the heads are what they replay to. `verify --copy` also compares the write-once copy."
)


@click.command()
@options.optional_endpoint
@click.option(
    "--on", "on", type=TEXT, metavar="DATE", help="Ask about a day, or a moment: an ISO 8601 date, or date and time."
)
@click.option("--version", type=TEXT, metavar="ARN|GROUP/N", help="Ask about this version, over all time.")
@click.option("--format", "form", type=click.Choice(["page", "json", "csv"]), default="page", show_default=True)
@click.pass_obj
def audit(chosen: Options, endpoint: str | None, on: str | None, version: str | None, form: str) -> Output:
    """Show which version is live on ENDPOINT, or on each endpoint, and since when; who approved it; which checks it
    passed, and on which evidence; and where it came from. The answer comes from the ledger's rows alone, which are
    verified first. A DATE
    without an offset is in this machine's time zone, or in UTC with --utc."""
    if on is not None and version is not None:
        raise click.UsageError("--on asks about a time, --version about a version. Give one of them.")
    account = Account.of(chosen)
    known = {name: account.rows(name) for name in (account.endpoints() if endpoint is None else (endpoint,))}
    asked = None if on is None else time_range(on, chosen.zone, account.now)
    answers: list[Answer] = [
        version_history(name, rows, version)
        if version is not None
        else live_versions(name, rows, asked or to_last_row(rows, account.now))
        for name, rows in known.items()
    ]
    problems = [problem for name in known if (problem := _problem(account, name))]
    failure = f"{' '.join(problems)} What is said about it proves nothing." if problems else None
    if version is not None and endpoint is None:
        answers = [one for one in answers if isinstance(one, VersionHistory) and one.events]
    match form:
        case "json":
            return Output(*json_lines([answer_json(one) for one in answers], indent=2), failure=failure)
        case "csv":
            return Output(*csv_export(answers).removesuffix("\n").split("\n"), failure=failure)
        case _:
            reports = [["", *report(one, chosen.zone)] for one in answers]
            found = [line for lines in reports for line in lines][1:] or ["The ledger has no row about it."]
            return Output(*found, *(() if problems else ("", VERIFIED)), failure=failure)


def _problem(account: Account, endpoint: str) -> str | None:
    """Return why the endpoint's ledger proves nothing; None if it is intact, or if there is none."""
    items, head = account.items_and_head(endpoint, known=True)
    problem = chain.first_mismatch(items, head) if head else "it has no head" if items else None
    return f"The ledger of {endpoint} is not intact: {problem}." if problem else None
