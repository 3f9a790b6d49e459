"""One thing wrong in endpoints.yaml, and all of them as one message."""

from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""A place in the file, such as ("endpoints", "churn", "rollback_on", "alarms", 0)."""


@dataclass(frozen=True)
class Problem:
    path: Path
    found: str
    allowed: str
    mend: str


class ConfigError(Exception):
    """The file cannot be used; its text is meant for the person who wrote the file."""


def key(path: Path) -> str:
    """`endpoints.churn.rollback_on.alarms[0]`"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def message(file: str, problems: Iterable[tuple[int, Problem]]) -> str:
    """`problems` with their line numbers, in the order of the file."""
    ordered = sorted(problems, key=lambda numbered: numbered[0])
    heading = f"{file} has {len(ordered)} {'problem' if len(ordered) == 1 else 'problems'}:"
    return "\n\n".join([heading, *(_paragraph(file, line, problem) for line, problem in ordered)])


def _paragraph(file: str, line: int, problem: Problem) -> str:
    place = f"{file}:{line}: {key(problem.path)}".rstrip(": ")
    return f"{place}\n  found    {problem.found}\n  allowed  {problem.allowed}\n  mend     {problem.mend}"
