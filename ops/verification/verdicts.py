"""Do the judge's verdicts follow from the minutes that their rows keep, and the ends of shadows from their answers?
Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator

from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.transitions import answers
from lambdas.gate.transitions.verdict import misjudged


def first_misjudged(rows: Iterable[Row]) -> str | None:
    """Return what is wrong with the first verdict that its row does not show; None if all do. Each row is read once."""
    problems = _problems(rows)
    return next(
        (f"row {number} is no verdict of the judge: {problem}" for number, problem in problems if problem), None
    )


def _problems(rows: Iterable[Row]) -> Iterator[tuple[int, str | None]]:
    """Yield what is wrong with each verdict. The sums that the end of a shadow rests on must be those of the rows
    before it."""
    pairs, differing = Counter[str](), Counter[str]()
    for row in rows:
        detail = row.fact.detail
        if row.fact.kind is Kind.ANSWERS_COMPARED:
            shadow = detail["window"]["shadow"]
            pairs[shadow] += detail["window"]["pairs"]
            differing[shadow] += detail["window"]["differing"]
        if _is_verdict(row):
            yield row.number, misjudged(detail)
        if row.fact.kind is Kind.SHADOW_ENDED and "answers" in detail:
            known = detail["answers"].get("pairs"), detail["answers"].get("differing")
            if known != (pairs[detail["variant"]], differing[detail["variant"]]):
                yield row.number, "its answers are not the sums of the rows before it"
            else:
                yield row.number, answers.misjudged(detail)


def coverage(rows: Iterable[Row]) -> str | None:
    """Return a sentence about the verdicts of an intact ledger; None if it has none."""
    count = sum(map(_is_verdict, rows))
    if not count:
        return None
    return (
        f"{'The verdict' if count == 1 else f'All {count} verdicts'} of the judge can be computed again from the rows."
    )


def _is_verdict(row: Row) -> bool:
    """True if the row has a verdict: of a rollout, or of a shadow whose copies were compared."""
    is_compared = row.fact.kind is Kind.SHADOW_ENDED and "comparison" in row.fact.detail
    return row.fact.kind is Kind.JUDGED or is_compared
