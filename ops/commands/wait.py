"""`wait`: until a version is live, or until nothing more happens to it."""

from enum import StrEnum
from time import sleep

import click

from ops import options
from ops.account import Account
from ops.explaining import explained, in_question
from ops.explanation import Explanation, State
from ops.options import Options
from ops.render import explanation as render
from ops.render.output import Output, progress
from ops.versions import VERSION, Asked

POLL_SECONDS = 5


class Until(StrEnum):
    """What is waited for."""

    LIVE = "live"
    """The version is live, or cannot go live any more. A hold is waited out."""
    SETTLED = "settled"
    """Nothing more happens to the version without a person, or before a hold ends."""


@click.command()
@options.endpoint
@click.argument("version", type=VERSION, required=False)
@click.option(
    "--for",
    "until",
    type=click.Choice(Until, case_sensitive=False),
    default=Until.SETTLED,
    show_default=True,
    help="Wait out holds too (live), or only what continues automatically (settled).",
)
@click.option("--timeout", type=options.DURATION, default="1h", show_default=True, help="Give up after this time.")
@click.pass_obj
def wait(chosen: Options, endpoint: str, version: Asked | None, until: Until, timeout: int) -> Output:
    """Wait for VERSION (its number, GROUP/number or ARN) on ENDPOINT. Without VERSION, wait for the one in flight, or
    else the newest approval that waits, or else the live one. The exit code is that of the state in the end, so that
    scripts can go on or stop: 0 if the version is live."""
    account = Account.of(chosen)
    asked = version or in_question(account.head(endpoint))
    if asked is None:
        said = f"There is no version to wait for: {endpoint} has none live, none in flight and no approval that waits."
        return Output(values=(), failure=said)
    told = ""
    for waited in range(0, timeout + 1, POLL_SECONDS):
        if waited:
            sleep(POLL_SECONDS)
            account.forget()
        found = explained(account, endpoint, asked, chosen.zone)
        if _is_over(found, until):
            return _output(found, chosen)
        if found.why != told:
            progress(f"{found.state.value}: {found.why}")
            told = found.why
    return _output(found, chosen, f"It took longer than {timeout} s. The last state was: {found.state.value}.")


def _is_over(found: Explanation, until: Until) -> bool:
    going_on = {State.IN_PROGRESS, State.PENDING} | ({State.HELD} if until is Until.LIVE else set())
    return found.state not in going_on


def _output(found: Explanation, chosen: Options, failure: str | None = None) -> Output:
    parts, values = render.parts(found, chosen.zone), (render.as_json(found),)
    return Output(*parts, values=values, failure=failure, exit=found.state.exit)
