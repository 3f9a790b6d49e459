"""endpoints.yaml → endpoints, or one message that names every problem in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from infra.config import rules, shape
from infra.config.document import parse
from infra.config.entry import Entry, File, RollbackOn, Variant
from infra.config.plan import Keys
from infra.config.problem import ConfigError, Problem, message
from infra.config.rollouts import STRATEGIES, strategy
from infra.config.section import Section

S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class Endpoint:
    """An endpoint's name and its valid entry."""

    name: str
    entry: Entry


def load(path: FilePath) -> tuple[Endpoint, ...]:
    """Raises ConfigError with all that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return parse_endpoints(str(path), text)


def parse_endpoints(file: str, text: str) -> tuple[Endpoint, ...]:
    """`file` is the name that messages give. Raises ConfigError with all that is wrong."""
    document = parse(file, text)
    problems: list[Problem] = []
    try:
        endpoints = File.model_validate(document.data).endpoints
    except ValidationError as error:
        problems += shape.problems(error)
        endpoints = {}
    problems += _rule_problems(document.data)
    if problems:
        raise ConfigError(message(file, ((document.line(problem.path), problem) for problem in problems)))
    return tuple(Endpoint(name, entry) for name, entry in endpoints.items())


def _rule_problems(data: Any) -> Iterator[Problem]:
    """The rules for every section that is valid by itself, so that one mistake does not hide another."""
    entries = data.get("endpoints") if isinstance(data, dict) else None
    seen: dict[str, str] = {}
    for name, raw in entries.items() if isinstance(entries, dict) else ():
        first = seen.setdefault(str(name).casefold(), name)
        if first != name:
            yield Problem(
                ("endpoints", name),
                f"the name {name} beside {first}",
                "names that differ in more than upper and lower case: SageMaker takes these two for one endpoint",
                "rename one of them",
            )
        for problem in _entry_problems(name, raw) if isinstance(raw, dict) else ():
            yield replace(problem, path=("endpoints", name, *problem.path))


def _entry_problems(name: str, raw: dict[str, Any]) -> Iterator[Problem]:
    variant = _valid(Variant, raw.get("variant"))
    keys = raw.get("rollout", {})
    rollout = cast(Keys | None, _valid(STRATEGIES.get(str(strategy(keys)), Section), keys))
    rollback_on = _valid(RollbackOn, raw.get("rollback_on", {}))
    entry = _valid(Entry, raw)
    if variant:
        yield from rules.variant(variant)
    if rollout:
        yield from rules.rollout(rollout)
    if rollout and variant:
        yield from rules.fleet(rollout, variant.instance_count)
    if rollback_on:
        yield from rules.rollback_on(rollback_on)
    if entry:
        yield from rules.limits(name, entry)


def _valid(section: type[S], keys: object) -> S | None:
    try:
        return section.model_validate(keys)
    except ValidationError:
        return None
