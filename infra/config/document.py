"""A YAML file as plain values, with the line of every key."""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from infra.config.problem import ConfigError, Path, Problem, message


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
    try:
        root = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = Problem((), _found(error), "YAML with each key once", "correct the line, or the one before it")
        raise ConfigError(message(file, [(mark.line + 1 if mark else 1, problem)])) from error
    except YAMLError as error:
        problem = Problem((), str(error).splitlines()[0], "YAML in UTF-8", "remove the character")
        raise ConfigError(message(file, [(1, problem)])) from error
    lines: dict[Path, int] = {}
    return Document(_plain(root, (), lines), lines)


def _found(error: MarkedYAMLError) -> str:
    return " ".join(part for part in ((error.problem or "").removeprefix("found "), error.context) if part)


def _plain(value: Any, path: Path, lines: dict[Path, int]) -> Any:
    """Return `value` without ruamel's types. Adds the line of each key (from 1) to `lines`."""
    if isinstance(value, CommentedMap):
        for key in value:
            position = value.lc.data.get(key)  # A key that came from a merge (`<<`) has none.
            if position is not None:
                lines[*path, key] = position[0] + 1
        return {key: _plain(item, (*path, key), lines) for key, item in value.items()}
    if isinstance(value, CommentedSeq):
        for index in range(len(value)):
            lines[*path, index] = value.lc.item(index)[0] + 1
        return [_plain(item, (*path, index), lines) for index, item in enumerate(value)]
    for plain in (bool, int, float, str):
        if isinstance(value, plain):
            return plain(value)
    return value
