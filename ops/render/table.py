"""A table, and the three ways to draw it: plain lines, Markdown, and colours on a terminal."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich import table
from rich.box import SIMPLE_HEAD
from rich.text import Text

from lambdas.gate.text import one_line

LINE_WIDTH = 100


@dataclass(frozen=True)
class Table:
    """Cells of plain text under headings. Each cell is shown as one safe line."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    colours: Mapping[str, str] = field(default_factory=dict)
    """Colours on a terminal, by the text of a cell."""
    width: int = LINE_WIDTH
    """The length of a plain line, where words allow."""

    def lines(self) -> list[str]:
        """Return plain lines. The last column is wrapped within itself."""
        every = [self.headings, *self._cells()]
        sizes = [max(len(row[column]) for row in every) for column in range(len(self.headings) - 1)]
        indent = sum(sizes) + 2 * len(sizes)
        found = []
        for *left, last in every:
            margin = "".join(f"{cell:<{size}}  " for cell, size in zip(left, sizes, strict=True))
            found += textwrap.wrap(
                last,
                width=max(self.width, indent + 30),
                initial_indent=margin,
                subsequent_indent=" " * indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        return found

    def markdown(self) -> Iterator[str]:
        """Yield the lines of a Markdown table."""
        yield f"| {' | '.join(self.headings)} |"
        yield "|" + "---|" * len(self.headings)
        for row in self._cells():
            yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"

    def terminal(self) -> table.Table:
        """Return the table for a terminal."""
        drawn = table.Table(*self.headings, box=SIMPLE_HEAD, pad_edge=False)
        # The name of an alarm is longer than its column. The end of the name says which alarm it is.
        drawn.columns[-1].overflow = "fold"
        for row in self._cells():
            drawn.add_row(*(Text(cell, style=self.colours.get(cell, "")) for cell in row))
        return drawn

    def _cells(self) -> list[tuple[str, ...]]:
        return [tuple(map(one_line, row)) for row in self.rows]
