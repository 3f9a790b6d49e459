"""The janitor's claim on one endpoint: while it holds, the deployer starts no rollout that could use a deleted
resource.

The deployer reuses existing resources. CreateModel is a no-op for a version that was live before, however old its model
is. CreateEndpointConfig is a no-op for a rollout that was held for months. Between such a no-op and UpdateEndpoint the
resource must not be deleted. Neither its age nor another read of the head can rule that out, because the head knows of
the attempt only after these calls. So the janitor takes the head's lock, as the deployer does for its intent:

- The claim is a conditional write on the revision of the head that decided what is garbage. If the deployer wrote an
  intent or anything else since then, the claim fails and nothing is deleted.
- A reconcile that read the head before the claim fails when it writes its intent, and so before its update.
- A reconcile that reads the head later waits until the claim ends. Then it makes model, config and alarms, as every
  rollout does, so a deleted resource is made again under the same name.

A claim holds until Lambda has ended its function and the function's last call was executed. Reading the clock before
each deletion would not be enough, because a function may be suspended between the two. The janitor ends the claim as
soon as the deletions are done. They begin within FUNCTION_TIMEOUT of the claim, so a rollout waits longer only if the
function died. The claim does not stop a person who, in that moment, manually updates the endpoint to a config that was
unused for longer than the retention.
"""

import dataclasses
from collections import Counter

from lambdas.gate import text
from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.timing import FUNCTION_TIMEOUT, LANDING
from lambdas.janitor import inventory
from lambdas.janitor.garbage import Deletion

RELEASES = 3
"""How often the janitor tries to end a claim. An operator may write to the same head at that moment."""


@dataclasses.dataclass(frozen=True)
class Claim:
    """`head`: the head as the claim wrote it. `until`: no deletion begins after this time, in seconds since 1970."""

    head: Head
    until: float


def claim(ledger: Ledger, head: Head, deletions: tuple[Deletion, ...], now: float, ends_at: float) -> Claim:
    """Claim the endpoint of `head` for some deletions. `ends_at`: when Lambda ends the function at the latest. Raises
    ledger.Conflict if the head was written since it was read."""
    summary = f"about to delete {counted(deletions)} that nothing needs any more"
    fact = Fact(Kind.CLEANING, now, summary, detail=_detail(deletions))
    claimed = ledger.write(head, dataclasses.replace(head, cleaning_until=ends_at + LANDING), (fact,))
    return Claim(claimed, now + FUNCTION_TIMEOUT)


def release(ledger: Ledger, held: Claim, gone: tuple[Deletion, ...], now: float, *, until: float = 0.0) -> None:
    """End the claim, now or at `until`, and write which resources were deleted. Raises ledger.Conflict if the head
    cannot be written. Then the claim ends at its own time."""
    facts = _facts(gone, now)
    head = held.head
    for _ in range(RELEASES - 1):
        try:
            ledger.write(head, dataclasses.replace(head, cleaning_until=until), facts)
            return
        except Conflict:
            head = ledger.head(head.endpoint) or head
    ledger.write(head, dataclasses.replace(head, cleaning_until=until), facts)


def counted(deletions: tuple[Deletion, ...]) -> str:
    """Return a text such as `4 alarms, 1 endpoint config, 2 models`."""
    counts = Counter(each.kind for each in deletions)
    parts = (text.counted(counts[kind], kind) for kind in inventory.Kind if counts[kind])
    return ", ".join(parts) or "nothing"


def _facts(gone: tuple[Deletion, ...], now: float) -> tuple[Fact, ...]:
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
