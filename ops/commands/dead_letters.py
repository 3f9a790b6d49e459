"""`dead-letters`: messages that could not be handled."""

import click

from lambdas.gate.state.orders import OrderKind
from lambdas.gate.text import counted
from ops.account import Account
from ops.dead_letters.cause import Cause, Remedy, cause
from ops.dead_letters.queues import DeadLetter, DeadLetterQueues
from ops.dead_letters.queues import chosen as with_ids
from ops.errors import Refused
from ops.options import TEXT, Options
from ops.ordering import give
from ops.render import dead_letters as render
from ops.render.output import Output, Part

REASON = "its message ended in the dead-letter queue"
Found = tuple[tuple[DeadLetter, Cause], ...]


@click.command(name="dead-letters")
@click.argument("action", type=click.Choice(["show", "requeue", "purge"]), default="show")
@click.argument("messages", type=TEXT, nargs=-1, metavar="[MESSAGE]...")
@click.option("--all", "everything", is_flag=True, help="Requeue or purge all messages that wait.")
@click.option("--yes", is_flag=True, help="Purge without asking.")
@click.option("--reason", type=TEXT, default=REASON, help="Of the reconcile that `requeue` orders.")
@click.pass_obj
def dead_letters(
    chosen: Options, action: str, messages: tuple[str, ...], everything: bool, yes: bool, reason: str
) -> Output:
    """Show the messages that could not be handled: content, reason, log, and what to do. MESSAGE is the beginning of an
    id. `requeue` orders a reconcile of the endpoint that a message is about, and deletes the message. `purge` deletes
    messages."""
    if action != "show" and bool(messages) is everything:
        raise click.UsageError(f"Give either MESSAGE or --all: `dead-letters {action}` deletes messages.")
    account = Account.of(chosen)
    queues = DeadLetterQueues(account.client("sqs"))
    letters = queues.letters()
    picked = with_ids(letters, messages) if messages else letters
    endpoints = account.endpoints() if picked else ()
    found = tuple((letter, cause(letter, endpoints)) for letter in picked)
    if not found:
        return Output("No dead letters wait.", values=())
    match action:
        case "requeue":
            return _requeue(chosen, queues, found, reason)
        case "purge":
            return _purge(chosen, queues, found, yes=yes)
        case _:
            return Output(*_shown(found, chosen), values=(render.as_json(*each) for each in found))


def _shown(found: Found, chosen: Options) -> tuple[Part, ...]:
    count = "1 dead letter waits." if len(found) == 1 else f"{len(found)} dead letters wait."
    return count, *(render.block(letter, known, chosen.zone) for letter, known in found)


def _requeue(chosen: Options, queues: DeadLetterQueues, found: Found, reason: str) -> Output:
    """Order one reconcile for each endpoint, and delete the messages that this or the schedule makes up for."""
    reconciled, lines, problems = set[str](), list[str](), dict[str, str]()
    for endpoint in dict.fromkeys(known.endpoint for _, known in found if known.endpoint is not None):
        try:
            answer = give(chosen, OrderKind.RECONCILE, endpoint, reason=reason)
        except Refused as error:
            problems[endpoint] = str(error)
            continue
        if answer.failure is not None:
            problems[endpoint] = answer.failure
            continue
        reconciled.add(endpoint)
        lines += [part for part in answer.parts if isinstance(part, str)]
    made_up = [
        letter
        for letter, known in found
        if known.endpoint in reconciled or (known.endpoint is None and known.remedy is Remedy.SCHEDULE)
    ]
    deleted, left = queues.delete(made_up), list[str]()
    for letter, known in found:
        if letter.id in deleted:
            by = f"{known.endpoint} is reconciled" if known.endpoint else "the schedule repeats it"
            lines.append(f"{letter.id} is deleted: {by}.")
        elif letter in made_up:
            left.append(f"{letter.id} stays: SQS did not give it. Try again.")
        else:
            why = problems.get(known.endpoint or "") or f"nothing can be sent again in its place. {known.fix}"
            left.append(f"{letter.id} stays: {why}")
    values = [{"id": letter.id, "deleted": letter.id in deleted, "endpoint": known.endpoint} for letter, known in found]
    return Output(*lines, values=values, failure=" ".join(left) or None)


def _purge(chosen: Options, queues: DeadLetterQueues, found: Found, *, yes: bool) -> Output:
    if not yes:
        for letter, known in found:
            click.echo("\n".join(render.block(letter, known, chosen.zone).lines()), err=True)
        try:
            click.confirm(f"Delete {counted(len(found), 'message')}?", abort=True, err=True)
        except click.Abort as error:
            raise Refused("Nothing was deleted. Use --yes where nobody can answer.") from error
    letters = [letter for letter, _ in found]
    deleted = queues.delete(letters)
    left = [f"{letter.id} stays: SQS did not give it. Try again." for letter in letters if letter.id not in deleted]
    lines = [f"{letter.id} is deleted." for letter in letters if letter.id in deleted]
    values = [{"id": letter.id, "deleted": letter.id in deleted} for letter in letters]
    return Output(*lines, values=values, failure=" ".join(left) or None)
