"""A problem in endpoints.yaml, and all problems as one message."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

Path = tuple[str | int, ...]
"""A place in the file, such as ("endpoints", "churn", "rollback_on", "alarms", 0)."""


@dataclass(frozen=True)
class Problem:
    """One thing to change.

    `path`: where it is. `found`: what is there. `allowed`: what may be there, and why. `fix`: what to do.
    """

    path: Path
    found: str
    allowed: str
    fix: str

    def below(self, *path: str | int) -> "Problem":
        """Return the problem of a part at `path`, which is how a rule names it, as a problem of the whole."""
        return replace(self, path=(*path, *self.path))


class ConfigError(Exception):
    """The file cannot be used. The text is for the person who wrote the file."""


def key(path: Path) -> str:
    """Return the path as people write it: `endpoints.churn.rollback_on.alarms[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in path).removeprefix(".")


def shown(text: str) -> str:
    """Return a text of the file on one line, cut if it is long."""
    line = text if text.isprintable() else json.dumps(text)
    return line if len(line) <= 80 else f"{line[:77]}..."


def message(file: str, problems: Iterable[tuple[int, Problem]]) -> str:
    """Return the problems as one text, in the order of the file. Each comes with the number of its line."""
    ordered = sorted(problems, key=lambda numbered: numbered[0])
    heading = f"{file} has {len(ordered)} {'problem' if len(ordered) == 1 else 'problems'}:"
    return "\n\n".join([heading, *(paragraph(_place(file, *each), each[1]) for each in ordered)])


def paragraph(place: str, problem: Problem) -> str:
    """Return one problem as text, below the place where it is."""
    return f"{place}\n  found    {problem.found}\n  allowed  {problem.allowed}\n  fix      {problem.fix}"


def _place(file: str, line: int, problem: Problem) -> str:
    return f"{file}:{line}: {key(problem.path)}".rstrip(": ")
