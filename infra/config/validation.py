"""What pydantic finds wrong in the file, as problems that a person can fix."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.config.declared import Declared, Key, Value, one_of, written
from infra.config.document import Document
from infra.config.entry import Entry, File
from infra.config.inheritance import origin
from infra.config.misplaced_keys import elsewhere
from infra.config.problem import Path, Problem, shown
from infra.config.reason import reason
from infra.config.sections.rollout import Rollout
from infra.config.sections.section import Section
from infra.config.suggestion import ALLOWED, suggestion

NOTHING = "nothing"


def problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    """Return the problems of a file that does not validate. `document`: the file as it is written."""
    told = [(details, _place(details)) for details in error.errors(include_url=False)]
    meant = {_renamed(place, document) for details, place in told if details["type"] in _UNKNOWN}
    for details, place in told:
        # A key that is missing only because its name is misspelled is told of once.
        if details["type"] != "missing" or place.path not in meant:
            yield _problem(details, place, document)


def found(value: object) -> str:
    """Return `value` as it could be in the file, cut if it is long."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def nearest(given: object, known: Iterable[str], otherwise: str) -> str:
    """Return how to fix a name that is not known."""
    near = difflib.get_close_matches(str(given), known, n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise


@dataclass(frozen=True)
class _Place:
    """A place in the file, and what is declared for it.

    `value`: what it may hold. `name`: what its name may be, if the name is the user's own. `key`: the declared key that
    ends the path, if one does. `section`: where the last key of the path is looked up. `others`: what could be in place
    of that section, by its tag. `alternatives`: the same about a section at this place.
    """

    path: Path = ()
    value: Value = field(default_factory=lambda: Value(File))
    name: Value | None = None
    key: Key | None = None
    section: type[Section] = File
    others: Mapping[str, type[Section]] = field(default_factory=dict)
    alternatives: Mapping[str, type[Section]] = field(default_factory=dict)

    def below(self, part: str | int) -> "_Place":
        """Return the place one step further in pydantic's location, in which a union's tag is a step too."""
        if own := self.value.names_and_values:
            return _Place((*self.path, part), own[1], name=own[0])
        if isinstance(part, int) and self.value.item:
            return _Place((*self.path, part), self.value.item)
        sections = self.value.sections
        if len(sections) > 1 and part in sections:
            return replace(self, value=Value(sections[str(part)]), alternatives=sections)
        section, *_ = sections.values()
        key = Key(section, str(part)) if part in section.declared() else None
        value = key.value if key else Value(object)
        return _Place((*self.path, part), value, key=key, section=section, others=self.alternatives)

    @property
    def allowed(self) -> str:
        return self.key.allowed if self.key else self.value.allowed

    def fix(self, given: object, source: str | None) -> str:
        """What to write instead of `given`: what was meant, if that follows from it. `source`: as it is written."""
        name = self.path[-1] if self.path else ""
        key = str(next((part for part in reversed(self.path) if isinstance(part, str)), ""))
        meant = suggestion(self.key.value if self.key else self.value, key, given, source)
        if meant is not None:
            return f"write `- {written(meant)}`" if isinstance(name, int) else f"write `{name}: {written(meant)}`"
        named = self.value.names_and_values
        if self.value.sections or (named and named[1].sections):
            return "write its keys below it, indented"
        if given is None and self.key and not self.key.field.is_required():
            return f"remove it, or {ALLOWED}"
        why = reason(self.key.value if self.key else self.value, given)
        return f"{ALLOWED}: {why}" if why else ALLOWED


_UNKNOWN = ("extra_forbidden", "invalid_key")


def _place(details: ErrorDetails) -> _Place:
    """Return the place of a problem. That of a name that is not allowed is the place that the name has."""
    place = _Place()
    for part in details["loc"]:
        if part == "[key]" and place.name:
            return place
        place = place.below(part)
    return place


def _problem(details: ErrorDetails, place: _Place, document: Document) -> Problem:
    given, kind = details["input"], details["type"]
    if details["loc"][-1:] == ("[key]",) and place.name:
        why = reason(place.name, place.path[-1])
        fix = f"rename it: {why}" if why else "rename it"
        return Problem(place.path, f"the name {found(place.path[-1])}", place.name.allowed, fix)
    if kind in _UNKNOWN:
        return _unknown_key(place, document)
    if kind == "missing" and place.key:
        example = "{}" if place.key.example is None else written(place.key.example)
        return Problem(place.path, NOTHING, place.allowed, f"add `{place.key.name}: {example}`")
    if kind in ("union_tag_invalid", "union_tag_not_found") and isinstance(given, dict):
        return _unknown_strategy(place, given["strategy"])
    source = document.sources.get(origin(document.data, place.path))
    return Problem(place.path, found(given), place.allowed, place.fix(given, source))


def _unknown_strategy(place: _Place, given: object) -> Problem:
    tags = tuple(place.value.sections)
    meant = suggestion(Value(Literal[tags]), "strategy", given)
    fix = f"write `strategy: {meant}`" if meant else "write a strategy that is allowed"
    return Problem((*place.path, "strategy"), found(given), one_of(tags), fix)


def _unknown_key(place: _Place, document: Document) -> Problem:
    key = str(place.path[-1])
    if told := elsewhere(key):
        return Problem(place.path, f"the key `{key}`", *told)
    keys = place.section.declared()
    owners = [tag for tag, section in place.others.items() if key in section.declared()]
    renamed = _renamed(place, document)
    if owners and issubclass(place.section, Rollout):
        fix = f"remove it, or use a strategy that has it: {', '.join(owners)}"
    elif owners:
        fix = "remove it, or remove serverless: a serverless variant has no instances"
    elif (home := _homes().get(key)) and "endpoints" in place.path:
        fix = f"move it to `{home}`"
    else:
        fix = f"did you mean `{renamed[-1]}`?" if renamed else "remove it"
    return Problem(place.path, f"the unknown key `{shown(key)}`", f"the keys {', '.join(keys)}", fix)


def _renamed(place: _Place, document: Document) -> Path | None:
    """Return the path of the key whose name is nearest to that of an unknown one, and that is not given itself."""
    *around, key = origin(document.data, place.path)
    given = document.data
    for part in around:
        given = given[part]
    free = {re.sub("[^a-z0-9]", "", name): name for name in place.section.declared() if name not in given}
    near = difflib.get_close_matches(re.sub("[^a-z0-9]", "", str(key).lower()), free, n=1)
    return (*place.path[:-1], free[near[0]]) if near else None


@cache
def _homes() -> dict[str, str]:
    """Return the section of an entry that alone has a key of this name, by the key."""
    found: dict[str, set[str]] = {}
    for each in Declared(Entry).below():
        for key in each.keys:
            found.setdefault(key.name, set()).add(".".join(each.path))
    return {key: sections.pop() for key, sections in found.items() if len(sections) == 1 and "" not in sections}
