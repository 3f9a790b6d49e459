"""Draw the demo's output as a picture of a terminal, for the README:

python -m sandbox.demo | python -m sandbox.demo.picture
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.text import Text

from docs.terminal import picture, recording

FILE = Path(__file__).parents[2] / "docs" / "images" / "demo.svg"
STEPS = (2, 3)
"""The steps that are drawn: a version that goes live, and one that is rolled back."""
WIDTH = 120
_STEP = re.compile(r"Step (\d+): ")
_LINE = re.compile(r"(?P<time>\d+:\d\d)  (?:(?P<ok>ok)   |(?P<state>     )|(?P<who>[\w ]+: ))(?P<text>.*)")


@click.command()
@click.option("--file", type=click.Path(path_type=Path), default=FILE, show_default=True)
def main(file: Path) -> None:
    """Draw what the demo printed, read from standard input."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(draw(sys.stdin.read().splitlines()))


def draw(lines: Iterable[str]) -> str:
    """Return the SVG of the demo's lines in `STEPS`. A line that is wider than the picture is cut."""
    console = recording(WIDTH)
    for line in _drawn(lines):
        console.print(_styled(line), no_wrap=True, overflow="ellipsis", crop=True)
    return picture(console, "make demo")


def _drawn(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of `STEPS`. Of states in a row, the last one is enough."""
    number, state = 0, None
    for line in lines:
        if step := _STEP.match(line):
            number = int(step[1])
        if number not in STEPS:
            continue
        if (found := _LINE.fullmatch(line)) and found["state"]:
            state = line
            continue
        if state is not None:
            yield state
            state = None
        if line or number != STEPS[-1]:
            yield line


def _styled(line: str) -> Text:
    if _STEP.match(line):
        return Text(line, style="bold")
    found = _LINE.fullmatch(line)
    if found is None:
        return Text(line)
    time = (f"{found['time']}  ", "dim")
    if found["ok"]:
        return Text.assemble(time, ("✓  ", "green"), found["text"])
    if found["who"]:
        return Text.assemble(time, (found["who"], "bold"), (found["text"], "italic"))
    text = Text.assemble(time, "   ", (found["text"], "cyan"))
    text.highlight_regex(r"ALARM: .*", "bold red")
    return text


if __name__ == "__main__":
    main()
