"""Do the judge's verdicts follow from the minutes that their rows keep, and the ends of shadows from their answers?
Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator

from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.transitions import answers
from lambdas.gate.transitions.verdict import misjudged


def first_misjudged(rows: Iterable[Row]) -> str | None:
    """Return what is wrong with the first verdict that its row does not show; None if all do."""
    rows = tuple(rows)
    found = [(row.number, misjudged(row.fact.detail)) for row in _judged(rows)]
    wrong = sorted((number, problem) for number, problem in (*found, *_answers(rows)) if problem)
    return next((f"row {number} is no verdict of the judge: {problem}" for number, problem in wrong), None)


def _answers(rows: tuple[Row, ...]) -> Iterator[tuple[int, str | None]]:
    """Yield the number of each end of a shadow whose answers were compared, and what is wrong with it. The sums that it
    rests on must be those of the rows before it."""
    pairs, differing = Counter[str](), Counter[str]()
    for row in rows:
        detail = row.fact.detail
        if row.fact.kind is Kind.ANSWERS_COMPARED:
            shadow = detail["window"]["shadow"]
            pairs[shadow] += detail["window"]["pairs"]
            differing[shadow] += detail["window"]["differing"]
        elif row.fact.kind is Kind.SHADOW_ENDED and "answers" in detail:
            known = detail["answers"].get("pairs"), detail["answers"].get("differing")
            if known != (pairs[detail["variant"]], differing[detail["variant"]]):
                yield row.number, "its answers are not the sums of the rows before it"
            else:
                yield row.number, answers.misjudged(detail)


def coverage(rows: Iterable[Row]) -> str | None:
    """Return a sentence about the verdicts of an intact ledger; None if it has none."""
    count = len(_judged(tuple(rows)))
    if not count:
        return None
    return (
        f"{'The verdict' if count == 1 else f'All {count} verdicts'} of the judge can be computed again from the rows."
    )


def _judged(rows: tuple[Row, ...]) -> list[Row]:
    """Return the rows with a verdict: of a rollout, or of a shadow whose copies were compared."""
    is_compared = (row for row in rows if row.fact.kind is Kind.SHADOW_ENDED and "comparison" in row.fact.detail)
    return sorted((*(row for row in rows if row.fact.kind is Kind.JUDGED), *is_compared), key=lambda row: row.number)
