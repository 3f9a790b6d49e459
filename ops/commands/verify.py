"""`verify`: has anybody changed an endpoint's ledger?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from lambdas.gate import names
from ops import options
from ops.account import Account
from ops.options import TEXT, Options
from ops.render.output import Output
from ops.rows import Rows
from ops.verification import chain, copies, seals, verdicts


@click.command()
@options.optional_endpoint
@click.option("--all", "everything", is_flag=True, help="Verify the ledgers of all endpoints, and that of `*`.")
@click.option("--copy", "bucket", type=TEXT, help="Also compare each row with its write-once copy in this bucket.")
@click.option(
    "--seal-key",
    "others",
    type=TEXT,
    multiple=True,
    metavar="ARN",
    help="Also trust seals of this KMS key, which the ledger had before. May be given several times.",
)
@click.pass_obj
def verify(
    chosen: Options, endpoint: str | None, everything: bool, bucket: str | None, others: tuple[str, ...]
) -> Output:
    """Follow the hash chain of ENDPOINT's ledger, and name the first row that was changed, removed or added. Then
    replay the rows, and name what differs in the head. The seals of the rows are checked too, and the judge's verdicts
    are computed again."""
    if (endpoint is None) is not everything:
        raise click.UsageError("Give either ENDPOINT or --all.")
    account = Account.of(chosen)
    if endpoint is not None:
        found = [verified(account, endpoint, bucket, others, is_one=True)]
    else:
        every = (*account.endpoints(), names.ALL)
        found = [verified(account, each, bucket, others, is_one=False) for each in every]
    failures = [each.failure for each in found if each.failure is not None]
    parts, values = (line for each in found for line in each.lines), (each.value for each in found)
    return Output(*parts, values=values, failure=" ".join(failures) or None)


@dataclass(frozen=True)
class _Verified:
    """`lines`: what is said of a ledger that is intact. `failure`: what is said of any other. `value`: the answer for
    programs."""

    value: dict[str, Any]
    lines: tuple[str, ...] = ()
    failure: str | None = None


def verified(account: Account, endpoint: str, bucket: str | None, others: Sequence[str], *, is_one: bool) -> _Verified:
    """Return whether one ledger is intact. `is_one`: only this one was asked about, so that nothing is no answer."""
    # The copies first: a row is written before its copy.
    kept = copies.stored(account.client("s3"), bucket, endpoint) if bucket is not None else None
    items, head = account.items_and_head(endpoint, known=bool(kept) or not is_one)
    answer = {"endpoint": endpoint, "rows": len(items), "copies": None if kept is None else len(kept)}
    if head is None and not items and not kept:
        nothing = chain.NOTHING.format(endpoint=endpoint)
        if is_one:
            failure = f"There is nothing to verify: {nothing}"
            return _Verified(answer | {"intact": False, "problems": [nothing]}, failure=failure)
        return _Verified(
            answer | {"intact": True, "problems": [], "notes": [nothing]}, (f"{endpoint} has no rows yet.",)
        )
    problem = chain.first_mismatch(items, head) if head else "it has no head"
    problems, said_too = [problem], list[str | None]()
    if problem is None:
        rows, keys = Rows(items), seals.keys(account.client("kms"), others)
        problems += [seals.first_misfit(rows, keys), verdicts.first_misjudged(rows)]
        said_too = [seals.coverage(rows, keys), verdicts.coverage(rows)]
    if kept is not None:
        problems.append(copies.first_difference(items, kept, lambda number: account.is_unpublished(endpoint, number)))
    if found := [problem for problem in problems if problem]:
        failure = f"The ledger of {endpoint} is not intact: {'; '.join(found)}."
        return _Verified(answer | {"intact": False, "problems": found}, failure=failure)
    whole = "The only row" if len(items) == 1 else f"All {len(items)} rows"
    compared = "" if kept is None else f", and {_matching(len(kept))} in {bucket}"
    said = f"{whole} of {endpoint} {'is' if len(items) == 1 else 'are'} intact{compared}."
    notes = [chain.coverage(items), *(each for each in said_too if each)]
    return _Verified(answer | {"intact": True, "problems": [], "notes": notes}, (said, *notes))


def _matching(copies: int) -> str:
    return "1 of them matches its copy" if copies == 1 else f"{copies} of them match their copies"
