"""`promote`: roll out a version before its shadow is over."""

import click

from lambdas.gate.decide.shadow import running
from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.account import Account
from ops.errors import Exit
from ops.explaining import explained, in_question
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint
@options.reason("Recorded, and shown to everyone who asks.")
@click.pass_obj
def promote(chosen: Options, endpoint: str, reason: str) -> Output:
    """End the shadow on ENDPOINT before its time, and roll its version out now. The version is compared by what the
    copies have shown until now: if they show it worse, it is not rolled out. A rollout in flight cannot be hastened,
    because AWS has no call that skips its waits."""
    answer = give(chosen, OrderKind.PROMOTE, endpoint, reason=reason)
    return answer if answer.failure is None else _refused(chosen, endpoint, answer, answer.failure)


def _refused(chosen: Options, endpoint: str, answer: Output, why: str) -> Output:
    """Return the answer with the exit code of the version that was to be promoted. If the version waits for something
    else than the end of a shadow or of a rollout, the text says for what."""
    account = Account.of(chosen)
    head = account.head(endpoint)
    asked, rung = in_question(head), running(head) if head else None
    if head is None or asked is None:
        return answer
    if head.attempt is None and rung is not None:
        is_ordered = rung.abort is not None or rung.early is not None
        return Output(values=answer.values, failure=why, exit=Exit.IN_PROGRESS if is_ordered else Exit.HELD)
    found = explained(account, endpoint, asked, chosen.zone)
    waits = f" {found.why}. {found.next}" if head.attempt is None and head.newest is not None else ""
    return Output(values=answer.values, failure=f"{why}{waits}", exit=found.state.exit)
