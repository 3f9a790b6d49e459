"""endpoints.yaml as endpoints, or one message that names every problem in it.

1. `document` reads the YAML, finds the problems in it, and notes the line of each key. `syntax` finds the line of what
   is no YAML.
2. `inheritance` completes each entry from the defaults, without the keys that have no effect there.
3. `validation` and the `rules` find the problems. Each is shown where it is written, in the entry or in the defaults.
4. `golden_file` reads the golden requests that the entries name, and finds the problems in them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from infra.config import golden_file, validation
from infra.config.document import Document, parse
from infra.config.entry import Entry, File
from infra.config.golden_file import GoldenFile
from infra.config.inheritance import inherited, left_out, origin, without
from infra.config.problem import ConfigError, Problem, key, message
from infra.config.rules.every_rule import entry_problems, raw_entries, section_problems
from infra.config.rules.ineffective import ineffective
from infra.config.sections.functions import Functions
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Ledger
from infra.config.sections.notifications import Notifications
from infra.config.spec import gate_floor, spec
from infra.config.validation import found
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Spec


@dataclass(frozen=True)
class Endpoint:
    """An endpoint's name, its valid and complete entry, and the golden requests that the entry names."""

    name: str
    entry: Entry
    golden: GoldenFile | None = None

    def spec(self, execution_role_arn: str) -> Spec:
        """Return what the deployer reads about the endpoint."""
        return spec(self.name, self.entry, execution_role_arn, self.golden.golden if self.golden else None)


@dataclass(frozen=True)
class Configuration:
    """The content of endpoints.yaml."""

    endpoints: tuple[Endpoint, ...]
    ledger: Ledger
    janitor: Janitor
    gate_floor: Floor | None = None
    notes: tuple[str, ...] = ()
    """What an endpoint does not take over from the defaults, because it would have no effect there."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Those of the file. An endpoint's entry has them too."""
    functions: Functions = field(default_factory=Functions)
    notifications: Notifications = field(default_factory=Notifications)


def load(path: FilePath) -> Configuration:
    """Return the content of the file. Raises ConfigError with all problems."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return parse_configuration(str(path), text)


def parse_configuration(file: str, text: str) -> Configuration:
    """Return the content of `text`. `file`: its name in messages. Raises ConfigError with all problems."""
    document = parse(file, text)
    complete, notes = _effective(document.data, inherited(document.data))
    given, problems = _validated(complete, document)
    problems += section_problems(complete)
    # A problem of the defaults is found again in each entry that inherits it.
    problems = [_where_written(document.data, problem) for problem in problems]
    problems += entry_problems(complete)
    numbered = _numbered(document, problems)
    if given is None or numbered:
        raise ConfigError(message(file, numbered))
    tagged = {
        name: entry.model_copy(update={"tags": given.tags | entry.tags}) for name, entry in given.endpoints.items()
    }
    endpoints = _with_golden_requests(file, document, tagged)
    floor = gate_floor(given.gate_floor) if given.gate_floor else None
    return Configuration(
        endpoints, given.ledger, given.janitor, floor, notes, given.tags, given.functions, given.notifications
    )


def _effective(written: Any, complete: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the file without the keys of the defaults that have no effect in an entry, and a note about each."""
    entries, notes = raw_entries(complete), []
    for name, raw in raw_entries(complete).items():
        for problem in ineffective(raw):
            where = ("endpoints", name, *problem.path)
            if origin(written, where) != where:
                entries[name] = without(entries[name], problem.path)
                notes.append(f"{name} does not take over {key(origin(written, where))}. Allowed: {problem.allowed}")
    if not entries:
        return complete, ()
    for name, left in left_out(written, complete):
        notes.append(f"{name} does not take over defaults.variant.{left}. Its variant is of the other kind.")
    return {**complete, "endpoints": {**complete["endpoints"], **entries}}, tuple(notes)


def _validated(complete: Any, document: Document) -> tuple[File | None, list[Problem]]:
    try:
        return File.model_validate(complete), []
    except ValidationError as error:
        return None, list(validation.problems(error, document))


def _where_written(data: Any, problem: Problem) -> Problem:
    return replace(problem, path=origin(data, problem.path))


def _numbered(document: Document, problems: Iterable[Problem]) -> list[tuple[int, Problem]]:
    """Return each problem once, with its line, and the problems of the YAML. Of two about one place, the one that
    explains the other is left."""
    once = [problem for problem in dict.fromkeys(problems) if problem.path not in document.unread]
    explained = {problem.path for problem in once}
    names = [(line, problem) for line, problem in document.names if problem.path not in explained]
    lines = ((document.line(origin(document.data, problem.path)), problem) for problem in once)
    return [*document.problems, *names, *lines]


def _message(file: str, document: Document, problems: Iterable[Problem]) -> str:
    return message(file, _numbered(document, problems))


def _with_golden_requests(file: str, document: Document, entries: dict[str, Entry]) -> tuple[Endpoint, ...]:
    """Return the endpoints with the files that their entries name. Raises ConfigError with the problems of each file
    once."""
    read: dict[str, tuple[GoldenFile | golden_file.Misfit, list[tuple[int, Problem]]]] = {}
    endpoints, problems = [], []
    for name, entry in entries.items():
        path = entry.golden_requests
        if path is None:
            endpoints.append(Endpoint(name, entry))
            continue
        if path not in read:
            read[path] = golden_file.read(FilePath(file).parent, path)
        content = read[path][0]
        if isinstance(content, golden_file.Misfit):
            where = ("endpoints", name, "golden_requests")
            problems.append(Problem(where, f"{found(path)}, {content.found}", content.allowed, content.fix))
        else:
            endpoints.append(Endpoint(name, entry, content))
    messages = [_message(file, document, problems)] if problems else []
    messages += (message(path, wrong) for path, (_, wrong) in read.items() if wrong)
    if messages:
        raise ConfigError("\n\n".join(messages))
    return tuple(endpoints)
