"""The janitor's claim on one endpoint: for as long as it holds, the deployer starts nothing that could rest on what is
being deleted.

The deployer makes what it may find already made: CreateModel is a no-op for a version that has been live before,
however old that model is, and so is CreateEndpointConfig for a look that was held for months. Between such a no-op and
the update nothing of it may go. Neither age nor reading the head once more can promise that, since the head knows of an
attempt only after all of this was made. So the janitor takes the head's lock, as the deployer does for its intent:

- the claim is a conditional write on the revision on which was decided what is garbage. Whatever the deployer wrote
  since then, an intent above all, makes the claim fail, and nothing is deleted;
- a look that had read the head before the claim fails at its own intent, and so before its update;
- a look that reads the head later waits until the claim ends. Then it makes model, config and alarms anew, as every
  look does, so that what is gone comes back under the same names.

A claim holds until nothing of its function can be at work any more: Lambda has ended that, and its last call landed.
Asking the clock before each deletion could not promise as much, for a function may stand still between the two. It is
ended as soon as the deletions are done, which begin within FUNCTION_TIMEOUT of it, so that a rollout waits for longer
only where the function died. Not kept away is a person's update by hand, in that very second, to a config unused for
longer than the retention.
"""

import dataclasses
from collections import Counter

from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.timing import FUNCTION_TIMEOUT, LANDING
from lambdas.janitor import inventory
from lambdas.janitor.garbage import Deletion

RELEASES = 3
"""Tries to end a claim: an operator may write to the same head at that moment."""


@dataclasses.dataclass(frozen=True)
class Claim:
    """`until`, in seconds since 1970: no deletion begins later."""

    head: Head
    until: float


def claim(ledger: Ledger, head: Head, deletions: tuple[Deletion, ...], now: float, ends_at: float) -> Claim:
    """`ends_at`: when Lambda ends the function at the latest. Raises ledger.Conflict where anybody has written since
    `head` was read."""
    told = f"about to delete {counted(deletions)} that nothing needs any more"
    fact = Fact(Kind.CLEANING, now, told, detail=_detail(deletions))
    claimed = ledger.write(head, dataclasses.replace(head, cleaning_until=ends_at + LANDING), (fact,))
    return Claim(claimed, now + FUNCTION_TIMEOUT)


def release(ledger: Ledger, held: Claim, gone: tuple[Deletion, ...], now: float, *, until: float = 0.0) -> None:
    """End the claim, or have it end at `until`, and say what is gone. Raises ledger.Conflict where the head cannot be
    written; then the claim ends by itself."""
    facts = _told(gone, now)
    head = held.head
    for _ in range(RELEASES - 1):
        try:
            ledger.write(head, dataclasses.replace(head, cleaning_until=until), facts)
            return
        except Conflict:
            head = ledger.head(head.endpoint) or head
    ledger.write(head, dataclasses.replace(head, cleaning_until=until), facts)


def counted(deletions: tuple[Deletion, ...]) -> str:
    """`4 alarms, 1 endpoint config, 2 models`"""
    counts = Counter(each.kind for each in deletions)
    parts = (f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in inventory.Kind if counts[kind])
    return ", ".join(parts) or "nothing"


def _told(gone: tuple[Deletion, ...], now: float) -> tuple[Fact, ...]:
    ended = Fact(Kind.CLEANED, now, f"deleted {counted(gone)}", detail=_detail(gone))
    endpoints = tuple(
        Fact(Kind.ENDPOINT_DELETED, now, f"the endpoint {each.name} is deleted: {each.reason}")
        for each in gone
        if each.kind is inventory.Kind.ENDPOINT
    )
    return (*endpoints, ended)


def _detail(deletions: tuple[Deletion, ...]) -> dict[str, list[dict[str, str]]]:
    return {
        "deletions": [{"kind": each.kind.value, "name": each.name, "reason": each.reason} for each in deletions],
    }
