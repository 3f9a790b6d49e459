"""Tables, and the ways to draw them: plain lines, Markdown, colours on a terminal, and blocks on a narrow one."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdas.gate.text import one_line

if TYPE_CHECKING:
    from rich import table

LINE_WIDTH = 100
_LAST = 30
"""The least width of a table's last column, unless its texts are shorter."""
_GAP, _EDGES = "   ", 2
"""What a terminal's table has between two columns, and how much at its edges."""
_LABEL = 11
"""The least width of a label."""
NOTHING = "-"
"""A cell that says nothing."""


@dataclass(frozen=True)
class Block:
    """A title, and below it labelled texts. Each is shown as one safe line, or wrapped between words."""

    title: str
    parts: tuple[tuple[str, str], ...]
    """Label and text."""

    def lines(self, width: int | None = None) -> list[str]:
        """Return the lines, which words longer than `width` exceed. None: no text is wrapped."""
        indent = 3 + max((_LABEL, *(len(label) for label, _ in self.parts)))
        title = one_line(self.title)
        found = _wrapped(title, "", 2, width) if width else [title]
        for label, text in self.parts:
            first = f"  {one_line(label)}".ljust(indent)
            found += _wrapped(one_line(text), first, indent, width) if width else [f"{first}{one_line(text)}"]
        return found


Spans = tuple[tuple[str, str], ...]
"""A text in pieces, each with its colour on a terminal; an empty one is none."""


@dataclass(frozen=True)
class ColouredBlock:
    """A block whose texts have colours on a terminal."""

    title: str
    parts: tuple[tuple[str, Spans], ...]
    """Label and text."""

    def block(self) -> Block:
        """Return it without colours."""
        return Block(self.title, tuple((label, plain(text)) for label, text in self.parts))

    def terminal(self) -> "table.Table":
        """Return it for a terminal."""
        from rich import table  # noqa: PLC0415 - Help and JSON do not wait for it.
        from rich.text import Text  # noqa: PLC0415

        rows = table.Table.grid(padding=(0, 2, 0, 0))
        rows.add_column(no_wrap=True)
        rows.add_column(overflow="fold")
        for label, text in self.parts:
            pieces = [(one_line(piece), style) for piece, style in text]
            rows.add_row(Text(f"  {one_line(label)}", style="dim"), Text.assemble(*pieces))
        drawn = table.Table.grid()
        drawn.add_row(Text(one_line(self.title), style="bold"))
        drawn.add_row(rows)
        return drawn


def plain(text: Spans) -> str:
    """Return the text without its colours."""
    return "".join(piece for piece, _ in text)


@dataclass(frozen=True)
class Table:
    """Cells of plain text under headings. Each cell is shown as one safe line."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    colours: Mapping[str, str] = field(default_factory=dict)
    """Colours on a terminal, by the text of a cell."""
    width: int = LINE_WIDTH
    """The length of a plain line, where words allow."""
    is_whole: bool = False
    """Only cells of the last column may be wrapped. On a terminal that is too narrow for that, each row is a block."""

    def lines(self) -> list[str]:
        """Return plain lines. The last column is wrapped within itself."""
        every = [self.headings, *self._cells()]
        sizes = [max(len(row[column]) for row in every) for column in range(len(self.headings) - 1)]
        indent = sum(sizes) + 2 * len(sizes)
        found = []
        for *left, last in every:
            margin = "".join(f"{cell:<{size}}  " for cell, size in zip(left, sizes, strict=True))
            found += _wrapped(last, margin, indent, max(self.width, indent + _LAST))
        return found

    def fits(self, width: int) -> bool:
        """True if a terminal of that width shows the table as it should be."""
        if not self.is_whole:
            return True
        every = [self.headings, *self._cells()]
        *sizes, last = (max(len(row[column]) for row in every) for column in range(len(self.headings)))
        return sum(sizes) + len(_GAP) * len(sizes) + _EDGES + min(last, _LAST) <= width

    def blocks(self) -> Iterator[Block]:
        """Yield each row as a block, without the cells that say nothing."""
        for title, *cells in self._cells():
            labelled = zip(self.headings[1:], cells, strict=True)
            yield Block(title, tuple((label, cell) for label, cell in labelled if cell != NOTHING))

    def markdown(self) -> Iterator[str]:
        """Yield the lines of a Markdown table."""
        yield f"| {' | '.join(self.headings)} |"
        yield "|" + "---|" * len(self.headings)
        for row in self._cells():
            yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"

    def terminal(self) -> "table.Table":
        """Return the table for a terminal."""
        from rich import table  # noqa: PLC0415 - Help and JSON do not wait for it.
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        drawn = table.Table(*self.headings, box=SIMPLE_HEAD, pad_edge=False)
        # The name of an alarm is longer than its column. The end of the name says which alarm it is.
        drawn.columns[-1].overflow = "fold"
        for column in drawn.columns[:-1]:
            column.no_wrap = self.is_whole
        for row in self._cells():
            drawn.add_row(*(Text(cell, style=self.colours.get(cell, "")) for cell in row))
        return drawn

    def _cells(self) -> list[tuple[str, ...]]:
        return [tuple(map(one_line, row)) for row in self.rows]


def _wrapped(text: str, first: str, indent: int, width: int) -> list[str]:
    """Return the text in lines of that width. Words stay whole."""
    return (
        [first.rstrip()]
        if not text
        else textwrap.wrap(
            text,
            width=width,
            initial_indent=first,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )
