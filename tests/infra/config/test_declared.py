"""How a declaration is put into words."""

import typing
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from infra.config.declared import Declared, Key, written
from infra.config.entry import Defaults, Entry, File
from infra.config.sections.evidence import Evidence
from infra.config.sections.gate import Gate
from infra.config.sections.janitor import Janitor
from infra.config.sections.section import Allowed, Section, key, whole
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.spec import Mode, Strategy
from lambdas.janitor.policy import Mode as JanitorMode


class Inner(Section):
    name: Annotated[str, Allowed("a name", "churn"), key("Its name.")]
    note: Annotated[str | None, key("A note.")] = None


class Example(Section):
    count: Annotated[int, whole(1, 5, "A count.")] = 2
    share: Annotated[float, key("A share.", ge=0, lt=100)]
    hours: Annotated[float, key("Hours.", gt=0, le=744)]
    mode: Annotated[Literal["enforce", "advise"], key("A mode.")]
    seconds: Annotated[Literal[10, 30, 60], key("Seconds.", 30)]
    on: Annotated[bool, key("On.")] = False
    text: Annotated[str, Allowed("a text", "abc"), key("A text.", "def")]
    texts: Annotated[list[Annotated[str, Allowed("a text", "abc")]], key("Texts.", max_length=3)] = Field(
        default_factory=list
    )
    some: Annotated[list[Inner], key("Some.", min_length=1, max_length=3)]
    names: Annotated[dict[str, str], key("Names.", {"a": "b"}, max_length=4)]
    inner: Annotated[Inner, key("An inner one.")]
    perhaps: Annotated[Inner | None, key("Perhaps.")] = None


@pytest.mark.parametrize(
    ("name", "allowed", "example"),
    [
        ("count", "a whole number from 1 to 5", 2),
        ("share", "a number from 0 to below 100", None),
        ("hours", "a number above 0, at most 744", None),
        ("mode", "enforce or advise", "enforce"),
        ("seconds", "10, 30 or 60", 30),
        ("on", "true or false", False),
        ("text", "a text", "def"),
        ("texts", "a list of at most 3 items, each a text", ["abc"]),
        ("some", "a list of 1 to 3 items, each a mapping with the keys name, note", [{"name": "churn"}]),
        ("names", "a mapping of at most 4 names to values", {"a": "b"}),
        ("inner", "a mapping with the keys name, note", {"name": "churn"}),
        ("perhaps", "null, or a mapping with the keys name, note", {"name": "churn"}),
    ],
)
def test_what_a_key_allows_follows_from_its_type_and_limits(name: str, allowed: str, example: Any) -> None:
    assert (Key(Example, name).value.allowed, Key(Example, name).example) == (allowed, example)


def test_an_example_is_written_as_in_the_file() -> None:
    assert written({"on": True, "texts": ["a", "b"], "seconds": 5}) == "{on: true, texts: [a, b], seconds: 5}"


@pytest.mark.parametrize("each", list(Declared(File).below()), ids=lambda each: ".".join((*each.path, each.tag)))
def test_every_key_has_a_description_and_an_example(each: Declared) -> None:
    for declared in each.keys:
        assert declared.description.endswith(".")
        assert declared.example is not None or declared.section is not Entry, declared.name


def test_an_entry_and_the_defaults_have_the_same_keys() -> None:
    assert list(Entry.declared()) == list(Defaults.declared())


@pytest.mark.parametrize(
    ("section", "name", "kind"),
    [
        (Gate, "mode", Mode),
        (Evidence, "otherwise", Otherwise),
    ],
)
def test_the_deployer_knows_every_choice(section: type[Section], name: str, kind: type[StrEnum]) -> None:
    assert typing.get_args(Key(section, name).value.type) == tuple(kind)


def test_the_janitor_knows_every_mode_but_off() -> None:
    assert set(typing.get_args(Key(Janitor, "mode").value.type)) == {*JanitorMode, "off"}


def test_every_strategy_has_keys() -> None:
    sections = Key(Entry, "rollout").value.sections
    assert list(sections) == list(Strategy)
    for strategy, section in sections.items():
        keys = section.declared()
        assert (section.SIZE_KEYS is not None) is Strategy(strategy).traits.has_steps is ("wait_seconds" in keys)
        assert Strategy(strategy).traits.keeps_old_fleet is ("bake_seconds" in keys)
