"""What pydantic finds wrong in the file, as problems a person can mend."""

import difflib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.config import misplaced_keys
from infra.config.entry import ITEMS, MAPPINGS, SECTIONS, Entry, File
from infra.config.problem import Path, Problem
from infra.config.sections.gate import NAME_RULE
from infra.config.sections.rollout import STRATEGIES, Rollout
from infra.config.sections.section import Section
from infra.config.sections.variant import KINDS, ServerlessVariant, Variant


def problems(error: ValidationError) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        yield _problem(details)


def found(value: object) -> str:
    """`value` as it could stand in the file, cut where it is long."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _problem(details: ErrorDetails) -> Problem:
    path, section, key = _place(details["loc"])
    given = details["input"]
    if own_name := MAPPINGS.get(path[-3:-1]):
        rule, item = own_name
        if details["loc"][-1] == "[key]":
            return Problem(path, f"the name {found(key)}", rule, "rename it")
        return Problem(path, found(given), str(item.description), f"write `{key}: {item.examples[0]}`")
    if details["loc"][-1:] == ("[key]",):
        return Problem(path, f"the name {found(path[-1])}", NAME_RULE, "rename the endpoint")
    match details["type"]:
        case "extra_forbidden" | "invalid_key":
            if key in misplaced_keys.ELSEWHERE:
                return Problem(path, f"the key `{key}`", *misplaced_keys.ELSEWHERE[key])
            keys = ", ".join(section.keys())
            return Problem(path, f"the unknown key `{key}`", f"the keys {keys}", _unknown(section, str(key)))
        case "missing":
            return Problem(path, "nothing", _allowed(section, key), f"add `{key}: {_example(section, key)}`")
        case "union_tag_invalid":
            path, given = (*path, "strategy"), given["strategy"]
            allowed = f"one of {', '.join(STRATEGIES)}"
            return Problem(path, found(given), allowed, nearest(given, STRATEGIES, "write `strategy: canary`"))
        case "model_type" | "model_attributes_type" | "dict_type" if path[-2:] not in MAPPINGS:
            return Problem(path, found(given), _mapping(path), "write its keys below it, indented")
    if isinstance(path[-1], int):
        item = ITEMS[str(key)]
        return Problem(path, found(given), str(item.description), f"write `- {item.examples[0]}`")
    return Problem(path, found(given), _allowed(section, key), f"write `{key}: {_example(section, key)}`")


def _place(location: tuple[int | str, ...]) -> tuple[Path, type[Section], Any]:
    """The path in the file, the section its last key belongs to, and that key (of a list, not of its item)."""
    path: Path = ()
    section: type[Section] = File
    inside: type[Section] = File
    key: Any = ""
    for part in location:
        if part == "[key]":
            continue
        if inside is Rollout and part in STRATEGIES:  # pydantic's tag is no key of the file
            inside = STRATEGIES[str(part)]
            continue
        if inside is Variant and part in KINDS:
            inside = KINDS[str(part)]
            continue
        if path == ("endpoints",):
            section, inside, key = File, Entry, part
        elif isinstance(part, str):
            section, inside, key = inside, SECTIONS.get(part, inside), part
        path = (*path, part)
    return path, section, key


def _unknown(section: type[Section], key: str) -> str:
    owners = [name for name, rollout in STRATEGIES.items() if key in rollout.model_fields]
    if issubclass(section, Rollout) and owners:
        return f"remove it, or use a strategy that has it: {', '.join(owners)}"
    if section is ServerlessVariant and key in Variant.model_fields:
        return "remove it, or remove serverless: a serverless variant has no instances"
    return nearest(key, section.keys(), "remove it")


def nearest(given: object, known: Iterable[str], otherwise: str) -> str:
    """How to mend a name that is not known."""
    near = difflib.get_close_matches(str(given), known, n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def _mapping(path: Path) -> str:
    named = [part for part in path if isinstance(part, str)]
    match path:
        case ():
            return "the key `endpoints`, and below it one key per endpoint"
        case ("endpoints",):
            return "one key per endpoint: its name"
        case ("endpoints", _):
            return f"a mapping with the keys {', '.join(Entry.keys())}"
    if named[-1] == "rollout":
        return "a mapping that begins with the key strategy"
    return f"a mapping with the keys {', '.join(SECTIONS[named[-1]].keys())}"


def _allowed(section: type[Section], key: str) -> str:
    return section.keys()[key].description or ""


def _example(section: type[Section], key: str) -> str:
    field = section.keys()[key]
    if field.examples:
        example = field.examples[0]
        return example if isinstance(example, str) else json.dumps(example)
    nested = SECTIONS[key].keys()
    required = [name for name in nested if nested[name].is_required()]
    return "{" + ", ".join(f"{name}: {_example(SECTIONS[key], name)}" for name in required) + "}"
