"""Do the judge's verdicts follow from the minutes that their rows keep? Pure."""

from collections.abc import Iterable

from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.transitions.verdict import misjudged


def first_misjudged(rows: Iterable[Row]) -> str | None:
    """Return what is wrong with the first verdict that its minutes do not show; None if all do."""
    found = ((row.number, misjudged(row.fact.detail)) for row in _judged(rows))
    return next((f"row {number} is no verdict of the judge: {problem}" for number, problem in found if problem), None)


def coverage(rows: Iterable[Row]) -> str | None:
    """Return a sentence about the verdicts of an intact ledger; None if it has none."""
    count = len(_judged(rows))
    if not count:
        return None
    return (
        f"{'The verdict' if count == 1 else f'All {count} verdicts'} of the judge can be computed again from the rows."
    )


def _judged(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with a verdict: of a rollout, or of a shadow whose copies were compared."""
    return [row for row in rows if row.fact.kind is Kind.JUDGED or _is_compared(row)]


def _is_compared(row: Row) -> bool:
    return row.fact.kind is Kind.SHADOW_ENDED and "comparison" in row.fact.detail
