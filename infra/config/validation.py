"""What pydantic finds wrong in the file, as problems that a person can fix."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.config import misplaced_keys
from infra.config.declared import Key, Value, one_of, written
from infra.config.entry import File
from infra.config.problem import Path, Problem, shown
from infra.config.sections.rollout import Rollout
from infra.config.sections.section import Section


def problems(error: ValidationError) -> Iterator[Problem]:
    """Return the problems of a file that does not validate."""
    for details in error.errors(include_url=False):
        yield _problem(details)


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

    @property
    def fix(self) -> str:
        """What to write instead."""
        named = self.value.names_and_values
        if self.value.sections or (named and named[1].sections):
            return "write its keys below it, indented"
        example = written(self.key.example if self.key else self.value.example)
        return f"write `- {example}`" if isinstance(self.path[-1], int) else f"write `{self.path[-1]}: {example}`"


def _problem(details: ErrorDetails) -> Problem:
    place, given = _Place(), details["input"]
    for part in details["loc"]:
        if part == "[key]" and place.name:
            return Problem(place.path, f"the name {found(place.path[-1])}", place.name.allowed, "rename it")
        place = place.below(part)
    match details["type"]:
        case "extra_forbidden" | "invalid_key":
            return _unknown_key(place)
        case "missing" if place.key:
            example = written(place.key.example)
            return Problem(place.path, "nothing", place.allowed, f"add `{place.key.name}: {example}`")
        case "union_tag_invalid":
            tags = place.value.sections
            fix = nearest(given["strategy"], tags, "write `strategy: canary`")
            return Problem((*place.path, "strategy"), found(given["strategy"]), one_of(tuple(tags)), fix)
    return Problem(place.path, found(given), place.allowed, place.fix)


def _unknown_key(place: _Place) -> Problem:
    key = str(place.path[-1])
    if key in misplaced_keys.ELSEWHERE:
        return Problem(place.path, f"the key `{key}`", *misplaced_keys.ELSEWHERE[key])
    keys = place.section.declared()
    owners = [tag for tag, section in place.others.items() if key in section.declared()]
    if not owners:
        fix = nearest(key, keys, "remove it")
    elif issubclass(place.section, Rollout):
        fix = f"remove it, or use a strategy that has it: {', '.join(owners)}"
    else:
        fix = "remove it, or remove serverless: a serverless variant has no instances"
    return Problem(place.path, f"the unknown key `{shown(key)}`", f"the keys {', '.join(keys)}", fix)
