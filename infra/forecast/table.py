"""The plan as a table, with a column for each strategy."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from infra.forecast.outcomes import Case
from infra.forecast.rows import rows


def table(cases: Sequence[Case]) -> Table:
    """Return the table. The entry's own strategy comes first."""
    headings, *lines = rows(cases)
    made = Table(*headings, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for line in lines:
        made.add_row(*line)
    return made
