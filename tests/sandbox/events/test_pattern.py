"""EventBridge's documented matching, one line per rule."""

import json
from typing import Any

import pytest

from sandbox.events.pattern import InvalidPattern, Pattern

CASES: list[tuple[str, Any, Any, bool]] = [
    ("a value equals", {"a": ["x"]}, {"a": "x"}, True),
    ("one of several values", {"a": ["q", {"prefix": "x"}]}, {"a": "xy"}, True),
    ("all fields must match", {"a": ["1"], "b": ["2"]}, {"a": "1"}, False),
    ("keys are case-sensitive", {"A": ["x"]}, {"a": "x"}, False),
    ("values are case-sensitive", {"a": ["X"]}, {"a": "x"}, False),
    ("an event array intersects", {"a": ["x"]}, {"a": ["y", "x"]}, True),
    ("a nested field", {"a": {"b": ["x"]}}, {"a": {"b": "x"}}, True),
    ("an empty string", {"a": [""]}, {"a": ""}, True),
    #
    ("prefix", {"a": [{"prefix": "fr"}]}, {"a": "fraud"}, True),
    ("prefix elsewhere", {"a": [{"prefix": "ra"}]}, {"a": "fraud"}, False),
    ("prefix ignoring case", {"a": [{"prefix": {"equals-ignore-case": "FR"}}]}, {"a": "fraud"}, True),
    ("suffix", {"a": [{"suffix": ".png"}]}, {"a": "x.png"}, True),
    ("suffix ignoring case", {"a": [{"suffix": {"equals-ignore-case": ".PNG"}}]}, {"a": "x.png"}, True),
    ("equals-ignore-case", {"a": [{"equals-ignore-case": "APPROVED"}]}, {"a": "Approved"}, True),
    ("wildcard; ? is an ordinary character", {"a": [{"wildcard": "fraud-*-v?"}]}, {"a": "fraud-1-v?"}, True),
    ("wildcard matches the whole value", {"a": [{"wildcard": "fraud-*"}]}, {"a": "a-fraud-1"}, False),
    ("escaped wildcard", {"a": [{"wildcard": "a\\*"}]}, {"a": "ab"}, False),
    #
    ("anything-but", {"a": [{"anything-but": ["x"]}]}, {"a": "y"}, True),
    ("anything-but its value", {"a": [{"anything-but": "x"}]}, {"a": "x"}, False),
    ("anything-but needs the field", {"a": [{"anything-but": ["x"]}]}, {"b": "y"}, False),
    ("anything-but on an array: one other element", {"a": [{"anything-but": ["x"]}]}, {"a": ["x", "y"]}, True),
    ("anything-but prefix", {"a": [{"anything-but": {"prefix": "fr"}}]}, {"a": "fraud"}, False),
    ("anything-but prefixes", {"a": [{"anything-but": {"prefix": ["fr", "zz"]}}]}, {"a": "ok"}, True),
    ("anything-but suffixes", {"a": [{"anything-but": {"suffix": ["k", "z"]}}]}, {"a": "ok"}, False),
    ("anything-but wildcard", {"a": [{"anything-but": {"wildcard": "*/x/*"}}]}, {"a": "p/x/q"}, False),
    ("anything-but ignoring case", {"a": [{"anything-but": {"equals-ignore-case": ["AA"]}}]}, {"a": "aa"}, False),
    #
    ("numeric range", {"n": [{"numeric": [">", 0, "<=", 5]}]}, {"n": 5}, True),
    ("numeric range excludes", {"n": [{"numeric": [">", 0, "<", 5]}]}, {"n": 5}, False),
    ("numeric equal ignores the notation", {"n": [{"numeric": ["=", 5]}]}, {"n": 5.0}, True),
    ("numeric on a string", {"n": [{"numeric": [">", 0]}]}, {"n": "5"}, False),
    ("numeric on a boolean", {"n": [{"numeric": [">", 0]}]}, {"n": True}, False),
    ("number literals compare as text", {"n": [300]}, {"n": 300.0}, False),
    ("true is not 1", {"a": [True]}, {"a": 1}, False),
    ("1 is not true", {"a": [1]}, {"a": True}, False),
    ("cidr", {"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.0.7"}, True),
    ("cidr of no address", {"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "host"}, False),
    #
    ("null", {"a": [None]}, {"a": None}, True),
    ("null is not absent", {"a": [None]}, {}, False),
    ("exists on null", {"a": [{"exists": True}]}, {"a": None}, True),
    ("exists looks at leaves only", {"a": [{"exists": True}]}, {"a": {"b": 1}}, False),
    ("absent with its parent", {"d": {"x": [{"exists": False}]}}, {}, True),
    ("not absent", {"d": {"x": [{"exists": False}]}}, {"d": {"x": 1}}, False),
    #
    ("$or, second branch", {"s": ["k"], "$or": [{"a": ["1"]}, {"b": ["2"]}]}, {"s": "k", "b": "2"}, True),
    ("$or, no branch", {"s": ["k"], "$or": [{"a": ["1"]}, {"b": ["2"]}]}, {"s": "k", "b": "3"}, False),
    ("$or and its sibling", {"s": ["k"], "$or": [{"a": ["1"]}, {"b": ["2"]}]}, {"s": "j", "b": "2"}, False),
    ("nested $or", {"d": {"$or": [{"a": ["1"]}, {"b": [{"numeric": ["<", 3]}]}]}}, {"d": {"b": 2}}, True),
    ("array of objects", {"v": {"n": ["B"]}}, {"v": [{"n": "A"}, {"n": "B"}]}, True),
    (
        "fields of an array's objects match in one element",
        {"v": {"n": ["A"], "s": ["2"]}},
        {"v": [{"n": "A", "s": "1"}, {"n": "B", "s": "2"}]},
        False,
    ),
]

INVALID: list[tuple[str, Any]] = [
    ("unknown operator", {"a": [{"prefx": "x"}]}),
    ("a string where an array belongs", {"a": "x"}),
    ("an empty array", {"a": []}),
    ("an empty pattern", {}),
    ("an empty branch of $or", {"$or": [{}]}),
    ("an array in an array", {"a": [["x"]]}),
    ("two operators in one condition", {"a": [{"prefix": "x", "suffix": "y"}]}),
    ("prefix of a number", {"a": [{"prefix": 1}]}),
    ("a list of prefixes outside anything-but", {"a": [{"prefix": ["x"]}]}),
    ("prefix of another operator", {"a": [{"prefix": {"suffix": "x"}}]}),
    ("exists of a string", {"a": [{"exists": "true"}]}),
    ("numeric without a bound", {"a": [{"numeric": [">"]}]}),
    ("numeric with an unknown comparison", {"a": [{"numeric": ["!=", 1]}]}),
    ("numeric with a string", {"a": [{"numeric": [">", "1"]}]}),
    ("an empty anything-but", {"a": [{"anything-but": []}]}),
    ("anything-but numeric", {"a": [{"anything-but": {"numeric": [">", 1]}}]}),
    ("consecutive wildcards", {"a": [{"wildcard": "a**"}]}),
    ("a malformed network", {"a": [{"cidr": "10.0.0.0/99"}]}),
]


@pytest.mark.parametrize(("pattern", "event", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_an_event_matches(pattern: Any, event: Any, expected: bool) -> None:
    assert Pattern.parse(json.dumps(pattern)).matches(event) is expected


@pytest.mark.parametrize("pattern", [c[1] for c in INVALID], ids=[c[0] for c in INVALID])
def test_a_pattern_is_refused(pattern: Any) -> None:
    with pytest.raises(InvalidPattern):
        Pattern.parse(json.dumps(pattern))


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidPattern, match="not valid JSON"):
        Pattern.parse("{")
