"""The ledger of an endpoint as an auditor reads it: its rows, and whether they are what was written."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from ops.account import Account, rows_of
from ops.errors import Exit, Refused
from ops.verification import chain, seals

VERIFIED = (
    "The rows are intact, and the heads are what they replay to. `verify --copy` also compares the write-once copy."
)


@dataclass(frozen=True)
class Ledger:
    """`rows`: None if one of them cannot be read. `problem`: why the rows prove nothing; None if they are intact.
    `sealed`: a sentence about their seals; None if no row has to have one."""

    endpoint: str
    head: Head | None
    rows: Sequence[Row] | None
    problem: str | None
    sealed: str | None = None


def read(account: Account, endpoint: str, keys: seals.Keys, *, known: bool = False) -> Ledger:
    """Return the endpoint's ledger. Raises Refused if there is no such endpoint, unless it is `known`."""
    items, head = account.items_and_head(endpoint, known=known)
    mismatch = chain.first_mismatch(items, head) if head else "it has no head" if items else None
    problem = f"The ledger of {endpoint} is not intact: {mismatch}." if mismatch else None
    try:
        rows = rows_of(endpoint, items)
    except Refused as error:
        return Ledger(endpoint, head, None, problem or str(error))
    if not problem and (misfit := seals.first_misfit(rows, keys)):
        problem = f"The ledger of {endpoint} is not intact: {misfit}."
    return Ledger(endpoint, head, rows, problem, seals.coverage(rows, keys))


def not_intact(ledgers: Sequence[Ledger]) -> tuple[str | None, Exit]:
    """Return what a command about these ledgers fails with, and its exit code; None if they are intact."""
    problems = [one.problem for one in ledgers if one.problem is not None]
    if not problems:
        return None, Exit.DONE
    is_unread = any(one.rows is None for one in ledgers)
    said = f"{' '.join(problems)} What is said about it proves nothing."
    return said, Exit.UNREADABLE if is_unread else Exit.FAILED
