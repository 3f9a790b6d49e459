"""Every file ends in a told problem or in a configuration of which templates can be made, never in a traceback."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from infra.config import document
from infra.config.declared import Declared
from infra.config.entry import File
from infra.config.load import parse_configuration
from infra.config.problem import ConfigError
from infra.forecast.advice import advice, unguarded
from tests.infra.config.test_load import problems, text
from tests.infra.conftest import ROOT

KEYS = sorted({key.name for each in Declared(File).below() for key in each.keys})
ODD = Path(__file__).with_name("odd_values.txt").read_text().splitlines()[1:]
ODD += ["1" * 5000, "0x" + "F" * 5000, "[" * 60 + "]" * 60, "a" * 5000]
FILES = [ROOT / "endpoints.yaml", *sorted(Path(ROOT / "docs" / "examples").glob("*.yaml"))]
VALID = [each for file in FILES if "endpoints" in (each := YAML(typ="safe", pure=True).load(file.read_text()))]
few = settings(max_examples=100)


def check(source: str) -> None:
    """The loader either tells of problems, in a text that can be printed, or what it returns can be synthesized."""
    try:
        configuration = parse_configuration("endpoints.yaml", source)
    except ConfigError as error:
        str(error).encode()
        return
    for endpoint in configuration.endpoints:
        endpoint.spec("role").to_json().encode()
        advice(endpoint.name, endpoint.entry)
        unguarded(endpoint.name, endpoint.entry)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document, the document itself first."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inner:
        yield from places(each, (*path, part))


def flow(value: Any) -> str:
    """A document as YAML in braces. A text that starts with a NUL is written as it is."""
    match value:
        case dict():
            return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case str() if value.startswith("\0"):
            return value[1:]
    return json.dumps(value)


raw = st.sampled_from(ODD).map("\0".__add__)
names = st.sampled_from([*KEYS, "churn", "endpoint"]) | raw
documents = st.recursive(
    raw | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid file with one value, name or place changed."""
    whole = copy.deepcopy(draw(st.sampled_from(VALID)))
    *around, last = draw(st.sampled_from(list(places(whole))[1:]))
    inner = whole
    for part in around:
        inner = inner[part]
    match draw(st.sampled_from(["value", "value", "value", "remove", "rename", "add"])):
        case "value":
            inner[last] = draw(documents)
        case "rename" if isinstance(inner, dict):
            inner[draw(names)] = inner.pop(last)
        case "add" if isinstance(inner, dict):
            inner[draw(names)] = draw(documents)
        case _:
            del inner[last]
    return flow(whole)


@few
@given(st.text(max_size=60) | st.lists(raw.map(lambda each: each[1:]), max_size=6).map(" ".join))
def test_any_text_is_told_of(source: str) -> None:
    check(source)


@few
@given(st.dictionaries(names, documents, max_size=4) | documents)
def test_any_yaml_is_told_of(whole: Any) -> None:
    check(flow(whole))


@few
@given(mutated())
def test_a_valid_file_with_one_change_is_told_of(source: str) -> None:
    check(source)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_value_is_told_of_at_the_top_in_an_entry_and_as_a_name(odd: str) -> None:
    for source in (odd, f"endpoints: {odd}\n", f"endpoints:\n  {odd}: {{}}\n", text(dashboard=odd), text(serving=odd)):
        check(source)


@pytest.mark.parametrize(
    ("source", "line", "place", "found", "fix"),
    [
        ("endpoints:\n  123: {}\n", 2, "endpoints.123", "the name 123, which YAML reads as a number", '`"123":`'),
        ("endpoints:\n  true: {}\n", 2, "endpoints.true", "the name true, which YAML reads as true", "in quotes"),
        ("endpoints:\n  a_b: {}\n", 2, "endpoints.a_b", 'the name "a_b"', "rename it"),
        ("a: 1\nendpoints: !foo {}\n", 2, "endpoints", "the tag !foo", "remove the tag"),
        ("endpoints: {}\nendpoints: {}\n", 2, "endpoints", "the key `endpoints` again, as in line 1", "remove one"),
        ("endpoints: {}\n? [a]\n: b\n", 2, "", "a list or a mapping as a key", "write a text"),
        ("endpoints: {}\n{{ x }}: 1\n", 2, "", "a list or a mapping as a key", "quotes"),
        ("endpoints: &a\n  b: *a\n", 1, "endpoints.b", "an alias of what it is in", "remove it"),
        ("endpoints: {a: {<<: 1}}\n", 1, "endpoints.a", "`<<` with another value", "remove it"),
        ("endpoints: !!int a\n", 1, "endpoints", "the value a", "write another value"),
        ("a:\n  " + "[" * 60 + "]" * 60, 2, "", "more than 50 levels", "nest it less"),
        (text(dashboard='"\\ud800"'), 6, "endpoints.churn.dashboard", '"\\ud800", with an escape', "the character"),
        (text(dashboard='"${Token[A.1]}"'), 6, "endpoints.churn.dashboard", "${Token[A.1]}", "remove ${Token["),
        (text(dashboard="9" * 101), 6, "endpoints.churn.dashboard", f"the value {'9' * 77}...", "write another value"),
        (text(gate=f"{{require: [{{name: a, that: '{'!' * 1500}live'}}]}}"), 6, "endpoints.churn.gate.require[0].that",
         f'"{"!" * 76}...: it has too many parts inside each other', "write several conditions"),
        ('"a\\nb": 1\n', 1, '"a\\nb"', 'the unknown key `"a\\nb"`', "remove it"),
        ("endpoints: {a: {\n\n\n", 1, "", "but found '<stream end>'", "close the bracket"),
        ("endpoints:\n  a: {b: [c, d\n  e: f\n", 2, "", "while parsing a flow sequence", "close the bracket"),
        ("endpoints: {}\na: 'b\n\n\nc: d\n", 2, "", "unexpected end of stream", "close the quotes"),
    ],
)  # fmt: skip
def test_what_yaml_can_say_and_the_file_cannot_is_told_with_its_line(
    source: str, line: int, place: str, found: str, fix: str
) -> None:
    where = f"\n\nendpoints.yaml:{line}: {place}".rstrip(": ")
    said = [each for each in problems(source).split(where + "\n") if found in each.splitlines()[0]]
    assert len(said) == 1, problems(source)
    assert fix in said[0].splitlines()[2]


def test_aliases_cannot_make_a_small_file_large() -> None:
    levels = "\n".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 9))
    message = problems(f"a0: &a0 [b]\n{levels}\n")
    assert f"found    more than {document.MOST_VALUES} values" in message


def test_a_merge_gives_its_keys_the_first_of_them_first_and_own_keys_win() -> None:
    source = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\n"
    assert document.parse("f", source).data["c"] == {"x": 3, "y": 1, "z": 2}


@pytest.mark.parametrize(
    ("written", "value"),
    [("010", 10), ("0o17", 15), ("yes", "yes"), ("2024-01-01", "2024-01-01"), ("=", "="), ("~", None), ("1e3", 1000.0)],
)
def test_values_are_those_of_yaml_1_2_as_editors_read_them(written: str, value: object) -> None:
    assert document.parse("f", f"a: {written}").data == {"a": value}
