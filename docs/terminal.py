"""Pictures of a terminal, as SVG."""

import re
from io import StringIO

from rich.console import Console

_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich lets a picture load its font from the network. Without it the reader's own is used."""


def recording(width: int) -> Console:
    """Return a console that keeps what is printed to it, for `picture`."""
    return Console(record=True, width=width, file=StringIO(), force_terminal=True, color_system="truecolor")


def picture(console: Console, title: str) -> str:
    """Return the SVG of what was printed to a console of `recording`."""
    return _FONTS.sub("", console.export_svg(title=title))
