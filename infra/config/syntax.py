"""The problem of a text that is not YAML, in the line where the mistake is.

A parser sees a missing quote, bracket or colon only later, often at the end of the file.
"""

import re

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import ScalarToken

from infra.config.problem import Problem

_QUOTES = "close the quotes that begin in this line"
_BRACKET = "close the bracket that begins in this line"
_COMMA = "write a comma at the end of the line"
_COMMAS = f"put a comma between two items, and {_BRACKET}"
_COLON = "write a colon and a space after the name"
_BESIDE = "give the line the indentation of the keys beside it"
_FIXES = (
    ("'\\t' that cannot start", "replace the tab by spaces"),
    ("cannot start any token", "put the value in quotes"),
    ("mapping values are not allowed", f"{_BESIDE}, or put a value with a colon in quotes"),
    ("could not find expected ':'", _COLON),
    ("unknown escape character", "write two backslashes for one, or use single quotes"),
    ("undefined alias", "write the value itself"),
    ("another document", "remove the line and what follows it"),
    ("while parsing a block", f"{_BESIDE}, or correct the line before it"),
)
"""What an error says, and how to fix it; the first that fits."""
_NAME = re.compile("[a-zA-Z0-9_.-]+")
_CONFLICT = re.compile("<{7} |={7}$|>{7} ")
_OTHERWISE = "correct the line, or the one before it"
_INVISIBLE = re.compile("^[ \t]*([\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff])", re.MULTILINE)
"""A character in an indentation that looks like a space, or like nothing."""


def problem(error: MarkedYAMLError, text: str, begun: list[int]) -> tuple[int, Problem]:
    """Return the line of the mistake, and the problem. `begun`: the lines of the lists and mappings around it."""
    found = " ".join(part for part in ((error.problem or "").removeprefix("found "), error.context) if part)
    line, fix = _mistake(error, found, text, begun)
    return line, Problem((), found, "YAML", fix)


def _mistake(error: MarkedYAMLError, found: str, text: str, begun: list[int]) -> tuple[int, str]:
    """1. A quoted text that has no end, or that ends at the next quotes some lines below.
    2. An indentation by what is no space.
    3. A list or mapping in brackets that has no end, or lacks a comma.
    4. A name without a colon.
    """
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return 1, _OTHERWISE
    line, context = mark.line + 1, error.context or ""
    quoted = _quoted_before(text[: mark.index])
    if error.context_mark and "quoted" in context and "end of stream" in found:  # 1
        return error.context_mark.line + 1, _QUOTES
    if quoted and quoted.start_mark.line < quoted.end_mark.line == mark.line:
        return quoted.start_mark.line + 1, _QUOTES
    if (invisible := _INVISIBLE.search(text)) and text.count("\n", 0, invisible.start()) < line:  # 2
        return text.count("\n", 0, invisible.start()) + 1, f"replace U+{ord(invisible[1]):04X} by spaces"
    lines = text.splitlines()
    before = next((number for number in range(line - 1, 0, -1) if _written(lines[number - 1])), line)
    if begun and "flow" in context:  # 3
        if line == begun[-1]:
            return line, _BRACKET if re.search(r"got '[]}]'", found) else _COMMAS
        if "got ':'" in found and before > begun[-1] and _indent(lines[line - 1]) > _indent(lines[begun[-1] - 1]):
            return before, _COMMA
        return begun[-1], _BRACKET
    if error.context_mark and context == "while scanning a simple key":  # 4
        line = error.context_mark.line + 1
    if conflict := next((number for number, each in enumerate(lines[:line], 1) if _CONFLICT.match(each)), None):
        return conflict, "resolve the conflict of the merge"
    said = _written(lines[before - 1])
    if "mapping values" in found and not re.search(r":(\s|$)", said):
        return before, _COLON
    if "<block mapping start>" in found and _NAME.fullmatch(said):
        return before, _COLON
    return line, next((fix for words, fix in _FIXES if words in found), _OTHERWISE)


def _quoted_before(text: str) -> ScalarToken | None:
    """Return the last text in quotes."""
    quoted = None
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, ScalarToken) and not token.plain:
                quoted = token
    except YAMLError:
        return quoted
    return quoted


def _written(line: str) -> str:
    """Return what a line says besides its comment."""
    return re.sub(r"(^|\s)#.*", "", line).strip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
