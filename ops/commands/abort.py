"""`abort`: stop the rollout in flight."""

import click

from lambdas.gate import clock, names
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import Head
from ops import intervention, options
from ops.account import Account
from ops.options import Options
from ops.render.output import Output
from ops.render.text import RECORDED, recorded


@click.command()
@options.endpoint_or_all("Stop every rollout in flight, and pause all endpoints so that no other one starts.")
@options.reason("Recorded, and shown to everyone who asks.")
@click.pass_obj
def abort(chosen: Options, endpoint: str, reason: str) -> Output:
    """Stop the rollout in flight on ENDPOINT, so that the old fleet has all the traffic again. The version is
    quarantined until it is approved again, or `retry`. AWS promises to stop only while the new fleet takes traffic."""
    account, now = Account.of(chosen), clock.now()
    who = account.operator()

    def order(head: Head) -> tuple[Head, Fact]:
        return intervention.abort(head, reason, who, now)

    if endpoint != names.ALL:
        return Output(recorded(endpoint, account.write(endpoint, order)))
    stopped = account.stop(lambda head: intervention.pause(head, reason, who, now), order)
    aborted = f"The abort is ordered on {', '.join(stopped)}." if stopped else "No rollout was in flight."
    return Output(f"All endpoints are paused until `resume --all`. {aborted} {RECORDED}")
