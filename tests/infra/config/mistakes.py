"""Mistakes in endpoints.yaml, and what is said of each: a file of blocks, the first of which tells how to read it."""

from pathlib import Path

HERE = Path(__file__).parent


def mistakes(file: str) -> list[tuple[str, str]]:
    """Each mistake, which is a block's first line, and its whole message, which is the rest."""
    blocks = (HERE / file).read_text().strip().split("\n\n")[1:]
    return [(mistake, message) for mistake, _, message in (block.partition("\n") for block in blocks)]
