"""A YAML file as plain values, with the line and the source of every key.

The file is read as the core schema of YAML 1.2: texts, numbers, true, false, null, lists and mappings. Everything else
that YAML can say is a problem, so that nothing is read in another way than it was meant.
"""

import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from infra.config import syntax
from infra.config.problem import ConfigError, Path, Problem, message, shown

MOST_CHARACTERS = 2_000_000
MOST_LEVELS = 50
"""Lists and mappings inside each other."""
MOST_VALUES = 100_000
"""Values of the file, those of an alias as often as it is used."""
MOST_DIGITS = 100
"""Characters of a number."""

_TAG = "tag:yaml.org,2002:"
_TEXTS = {f"{_TAG}{name}" for name in ("str", "timestamp", "value")}
_SCALARS = {f"{_TAG}null": "null", f"{_TAG}bool": "true or false", f"{_TAG}int": "a number", f"{_TAG}float": "a number"}
_MERGE = f"{_TAG}merge"
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
_TOKEN = re.compile(r"[$#]\{Token\[")
"""How the CDK marks a value that is known only later."""


@dataclass
class Document:
    """`lines`: of each key and item, from 1. `sources`: each single value as it is written, without its quotes.
    `problems`: those of the YAML itself, with their lines. `unread`: where `data` has null because of such a problem.
    `names`: keys that YAML does not read as a text, and `data` does."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    sources: dict[Path, str] = field(default_factory=dict)
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    unread: set[Path] = field(default_factory=set)
    names: list[tuple[int, Problem]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest place around it that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(file: str, text: str) -> Document:
    """Return the document. Raises ConfigError if `text` is not YAML."""
    if len(text) > MOST_CHARACTERS:
        found = f"more than {MOST_CHARACTERS} characters"
        raise ConfigError(message(file, [(1, Problem((), found, f"at most {MOST_CHARACTERS}", "write less"))]))
    begun: list[int] = []
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, CollectionStartEvent):
                begun.append(event.start_mark.line + 1)
            elif isinstance(event, CollectionEndEvent):
                begun.pop()
            if len(begun) > MOST_LEVELS:
                problem = Problem((), f"more than {MOST_LEVELS} levels", f"at most {MOST_LEVELS}", "nest it less")
                raise ConfigError(message(file, [(begun[-1], problem)]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # An alias names the last one, as YAML says.
            root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise ConfigError(message(file, [syntax.problem(error, text, begun)])) from error
    except ReaderError as error:
        problem = Problem((), str(error).splitlines()[0], "YAML in UTF-8", "remove the character")
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(message(file, [(line, problem)])) from error
    except (YAMLError, ValueError) as error:
        problem = Problem((), str(error).splitlines()[0], "YAML in UTF-8", "remove the character")
        raise ConfigError(message(file, [(1, problem)])) from error
    return _Reader(file).read(root)


class _Reader:
    """Makes a document of YAML's nodes. `around`: those that the node at hand is in."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._document = Document()
        self._around: list[Node] = []
        self._values = 0

    def read(self, root: Node | None) -> Document:
        if root is not None:
            self._document.data = self._value(root, ())
        return self._document

    def _value(self, node: Node, path: Path) -> Any:
        self._values += 1
        if self._values > MOST_VALUES:
            problem = Problem(path, f"more than {MOST_VALUES} values", f"at most {MOST_VALUES}", "use fewer aliases")
            raise ConfigError(message(self._file, [(_line(node), problem)]))
        if any(node is each for each in self._around):
            return self._unread(node, path, "an alias of what it is in", "an alias of another value", "remove it")
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._around.append(node)
        try:
            if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
                return self._mapping(node, path)
            if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
                return [self._item(each, (*path, index)) for index, each in enumerate(node.value)]
        finally:
            self._around.pop()
        return self._tagged(node, path)

    def _item(self, node: Node, path: Path) -> Any:
        self._document.lines[path] = _line(node)
        return self._value(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: list[Node] = []
        for name, value in node.value:
            if name.tag == _MERGE:
                merged += value.value if isinstance(value, SequenceNode) else [value]
                continue
            key = self._key(name, path)
            if key in own:
                found = f"the key `{shown(key)}` again, as in line {self._document.lines[*path, key]}"
                self._told(name, Problem((*path, key), found, "each key once", "remove one of the two"))
            elif key is not None:
                self._document.lines[*path, key] = _line(name)
                own[key] = self._value(value, (*path, key))
        inherited: dict[str, Any] = {}
        for each in reversed(merged):
            inherited |= self._merged(each, path)
        return inherited | own

    def _merged(self, node: Node, path: Path) -> dict[str, Any]:
        """Return the keys that `<<` adds. They have no lines of their own."""
        if not isinstance(node, MappingNode):
            allowed = "a mapping, or a list of mappings, after `<<`"
            self._told(node, Problem(path, "`<<` with another value", allowed, "remove it"))
            return {}
        lines = dict(self._document.lines)
        value = self._value(node, path)
        self._document.lines = lines
        return value if isinstance(value, dict) else {}

    def _key(self, node: Node, path: Path) -> str | None:
        """Return the key as a text. A number, true, false or null is told of, unless its place has a problem anyway."""
        if not isinstance(node, ScalarNode):
            fix = "write a text before the colon, or put the whole value in quotes"
            self._told(node, Problem(path, "a list or a mapping as a key", "a text as a key", fix))
            return None
        if not self._is_plain(node, path):
            return None
        if node.tag in _SCALARS:
            found = f"the name {node.value}, which YAML reads as {_SCALARS[node.tag]}"
            fix = f'write `"{node.value}":`, in quotes'
            self._document.names.append((_line(node), Problem((*path, node.value), found, "a text", fix)))
        elif node.tag not in _TEXTS:
            self._told(
                node, Problem(path, f"a key with the tag {shown(str(node.tag))}", "a text as a key", "remove the tag")
            )
        return str(node.value)

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        if not self._is_plain(node, path):
            self._document.unread.add(path)
            return None
        if node.tag in _TEXTS:
            self._document.sources[path] = str(node.value)
            return str(node.value)
        if node.tag not in _SCALARS:
            return self._tagged(node, path)
        self._document.sources[path] = str(node.value)
        try:
            if len(node.value) > MOST_DIGITS:
                raise ValueError("It is too long.")
            return YAML(typ="safe", pure=True).constructor.construct_object(node)
        except (ValueError, LookupError):
            allowed = f"{_SCALARS[node.tag]} of at most {MOST_DIGITS} characters"
            return self._unread(node, path, f"the value {shown(node.value)}", allowed, "write another value")

    def _is_plain(self, node: ScalarNode, path: Path) -> bool:
        if _NO_CHARACTER.search(node.value):
            found = f"{shown(node.value)}, with an escape that is no character"
            self._told(node, Problem(path, found, "text of whole characters", "write the character itself"))
            return False
        if token := _TOKEN.search(node.value):
            found, allowed = shown(node.value), f"a text without {token[0]}, which the CDK replaces"
            self._told(node, Problem(path, found, allowed, f"remove {token[0]}"))
            return False
        return True

    def _tagged(self, node: Node, path: Path) -> None:
        tag = shown(str(node.tag).replace(_TAG, "!!"))
        self._unread(node, path, f"the tag {tag}", "values without tags", "remove the tag")

    def _unread(self, node: Node, path: Path, found: str, allowed: str, fix: str) -> None:
        self._told(node, Problem(path, found, allowed, fix))
        self._document.unread.add(path)

    def _told(self, node: Node, problem: Problem) -> None:
        self._document.problems.append((_line(node), problem))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
