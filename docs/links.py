"""Check the links of every Markdown file: `python -m docs.links`.

A link is broken if its file or its anchor does not exist, or if it leaves the repository. Links to other sites are not
followed. Anchors are made of headings as GitHub makes them.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
NOT_OURS = ("node_modules", "cdk.out")
"""Folders with Markdown files of others; so are those whose names begin with a full stop."""
_DROPPED = re.compile(r"[^\w\- ]")
_ID = re.compile(r"<[^>]*\s(?:id|name)=[\"']([^\"']+)[\"']")
_HTML_LINK = re.compile(r"<[^>]*\s(?:href|src)=[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class Link:
    """A destination as it is written, and the line of the block that it stands in."""

    line: int
    destination: str


def main() -> int:
    """Print each problem. The exit code is 1 if there is any."""
    problems = broken_links(ROOT)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def broken_links(root: Path) -> list[str]:
    """Return a line for each broken link below `root`: file, line, destination and what is wrong."""
    found = []
    for file in markdown_files(root):
        for link in links(file.read_text(encoding="utf-8")):
            problem = _problem(root.resolve(), file.resolve(), link.destination)
            if problem:
                found.append(f"{file.relative_to(root)}:{link.line}: {link.destination}: {problem}")
    return found


def markdown_files(root: Path) -> list[Path]:
    """Return the Markdown files of the repository, in order."""
    return sorted(file for file in root.rglob("*.md") if not _is_foreign(file.relative_to(root)))


def links(text: str) -> Iterator[Link]:
    """Yield the links and images of a Markdown text, HTML ones too. Code is left out."""
    line = 1
    for token in _parsed(text):
        line = token.map[0] + 1 if token.map else line
        for each in (token, *(token.children or ())):
            destination = each.attrs.get("href", each.attrs.get("src"))
            if destination is not None:
                yield Link(line, str(destination))
            if each.type in ("html_block", "html_inline"):
                yield from (Link(line, found) for found in _HTML_LINK.findall(each.content))


def anchors(text: str) -> frozenset[str]:
    """Return the anchors of a Markdown text: its headings' slugs, and the IDs of its HTML tags."""
    tokens = _parsed(text)
    inline = [each for token in tokens for each in (token, *(token.children or ())) if each.type.startswith("html_")]
    ids = {found for each in inline for found in _ID.findall(each.content)}
    headings = (after for token, after in pairwise(tokens) if token.type == "heading_open")
    return frozenset(ids.union(_numbered(slug(_text(heading)) for heading in headings)))


def slug(heading: str) -> str:
    """Return a heading's anchor by GitHub's rule: lower case, no punctuation, hyphens for spaces."""
    return _DROPPED.sub("", heading.strip().lower()).replace(" ", "-")


def _numbered(slugs: Iterable[str]) -> Iterator[str]:
    """A slug that is there already gets a number, the first one -1."""
    taken: dict[str, int] = {}
    for each in slugs:
        unique = each
        while unique in taken:
            taken[each] += 1
            unique = f"{each}-{taken[each]}"
        taken[unique] = 0
        yield unique


def _problem(root: Path, file: Path, destination: str) -> str | None:
    parts = urlsplit(destination)
    if parts.scheme or parts.netloc:
        return None
    path, anchor = unquote(parts.path), unquote(parts.fragment)
    start = root if path.startswith("/") else file.parent
    target = (start / path.lstrip("/")).resolve() if path else file
    if not target.is_relative_to(root):
        return "it leads out of the repository"
    if not target.exists():
        return "there is no such file"
    if anchor and target.suffix == ".md" and anchor not in _anchors_of(target):
        return "there is no such anchor"
    return None


@cache
def _anchors_of(file: Path) -> frozenset[str]:
    return anchors(file.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def _text(heading: Token) -> str:
    """The heading's text without its markup."""
    return "".join(each.content for each in heading.children or () if each.type in ("text", "code_inline"))


def _is_foreign(file: Path) -> bool:
    return any(part in NOT_OURS or part.startswith(".") for part in file.parts)


if __name__ == "__main__":
    sys.exit(main())
