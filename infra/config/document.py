"""A YAML file as plain values, with the line of every key."""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from infra.config.problem import ConfigError, Path, Problem, message

MOST_CHARACTERS = 2_000_000
MOST_VALUES = 200_000
"""The most values of a file, where the values of an alias count as often as it is used. 300 endpoints have some
10,000."""
DEEPEST = 30
"""How many values may be around a value."""


@dataclass(frozen=True)
class Document:
    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest place around it that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(file: str, text: str) -> Document:
    """Return the document. Raises ConfigError if `text` is not YAML or has a key twice."""
    if len(text) > MOST_CHARACTERS:
        raise _too_much(file, f"a file of more than {MOST_CHARACTERS} characters")
    try:
        root = YAML().load(text)
    except RecursionError as error:
        raise _too_much(file, "values in values without end") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = Problem((), _found(error), "YAML with each key once", "correct the line, or the one before it")
        raise ConfigError(message(file, [(mark.line + 1 if mark else 1, problem)])) from error
    except YAMLError as error:
        problem = Problem((), str(error).splitlines()[0], "YAML in UTF-8", "remove the character")
        raise ConfigError(message(file, [(1, problem)])) from error
    lines: dict[Path, int] = {}
    left = MOST_VALUES

    def plain(value: Any, path: Path) -> Any:
        """Return `value` without ruamel's types. Adds the line of each key (from 1) to `lines`."""
        nonlocal left
        left -= 1
        if left < 0 or len(path) > DEEPEST:
            raise _too_much(file, f"more than {MOST_VALUES} values, or values in more than {DEEPEST} others")
        if isinstance(value, CommentedMap):
            for key in value:
                position = value.lc.data.get(key)  # A key that came from a merge (`<<`) has none.
                if position is not None:
                    lines[*path, key] = position[0] + 1
            return {key: plain(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, CommentedSeq):
            for index in range(len(value)):
                lines[*path, index] = value.lc.item(index)[0] + 1
            return [plain(item, (*path, index)) for index, item in enumerate(value)]
        for kind in (bool, int, float, str):
            if isinstance(value, kind):
                return kind(value)
        return value

    return Document(plain(root, ()), lines)


def _too_much(file: str, what: str) -> ConfigError:
    """Return the error of a file that is too large. An alias counts as often as it is used."""
    problem = Problem((), what, "a file that a person can read", "use fewer aliases (`*name`), or split the file")
    return ConfigError(message(file, [(1, problem)]))


def _found(error: MarkedYAMLError) -> str:
    return " ".join(part for part in ((error.problem or "").removeprefix("found "), error.context) if part)
