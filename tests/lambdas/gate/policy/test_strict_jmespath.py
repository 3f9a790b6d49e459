"""What is missing never opens the gate: each construct of JMESPath over evidence that is not there."""

import builtins
import copy
import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.gate.policy import checks, condition
from lambdas.gate.policy.verdict import Answer, Result
from lambdas.gate.spec.spec import Condition, Gate, Mode
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.observed import Container
from tests.lambdas.builders import NOW, PIN, SPEC, approval, package

AUC = "metrics.ModelQuality.Statistics.binary_classification_metrics.auc.value"
SEGMENTS = "metrics.Bias.Report.segments"
FIRST = {"auc": 0.9, "flagged": False, "errors": 0, "name": "young", "flags": ["ok"]}
LAST = {"auc": 0.8, "flagged": False, "errors": 0, "name": "old", "flags": []}
COMPLETE: dict[str, Any] = {
    "package": {"ModelPackageStatus": "Completed"},
    "metrics": {
        "ModelQuality": {"Statistics": {"binary_classification_metrics": {"auc": {"value": 0.9}}}},
        "Bias": {"Report": {"segments": [FIRST, {**FIRST, "name": "middle"}, LAST], "failed": False, "none": []}},
    },
    "customer_metadata": {"risk": "passed"},
    "lifecycle": None,
    "model_card": None,
    "live": None,
}
NO_REPORT = {**COMPLETE, "metrics": {}}


def without(path: str, *, null: bool = False) -> dict[str, Any]:
    """The complete document with nothing there, or null. Numbers in the path are indexes."""
    document = copy.deepcopy(COMPLETE)
    *parents, last = (int(step) if step.isdigit() else step for step in path.split("."))
    holder: Any = document
    for step in parents:
        holder = holder[step]
    holder[last] = None
    if not null:
        del holder[last]
    return document


REPORT = "metrics.Bias.Report"
ASKED = (
    # Comparisons, either way round, and under what turns no answer into one.
    (f"{AUC} >= `0.8`", AUC),
    (f"!({AUC} < `0.8`)", AUC),
    (f"!(`0.8` > {AUC})", AUC),
    (f"!({AUC} < `0.8` || `false`)", AUC),
    (f"!({AUC} < `0.8` && `true`)", AUC),
    (f"{AUC} < `0.8` || `true`", AUC),
    (f"`false` || !({AUC} <= `0.8`)", AUC),
    (f"`true` && !({AUC} <= `0.8`)", AUC),
    (f"{AUC} != `0.1`", AUC),
    (f"`0.1` != {AUC}", AUC),
    (f"!({AUC} == `0.1`)", AUC),
    (f"({AUC} < `0.8`) == `false`", AUC),
    (f"[{AUC}, `1`] != [`0.1`, `1`]", AUC),
    (f"{{auc: {AUC}}} != {{auc: `0.1`}}", AUC),
    (f"{AUC} | @ != `0.1`", AUC),
    (f"[{AUC}] != `null`", AUC),
    (f"{{auc: {AUC}}} != `null`", AUC),
    (f"!([{AUC}] == `null`)", AUC),
    (f"type([{AUC}]) != 'null'", AUC),
    (f"not_null([{AUC}]) != `null`", AUC),
    # The truth of a value.
    (f"!({REPORT}.failed)", f"{REPORT}.failed"),
    (f"{REPORT}.failed || `true`", f"{REPORT}.failed"),
    (f"!({REPORT}.failed && `true`)", f"{REPORT}.failed"),
    (f"!({REPORT}.none)", f"{REPORT}.none"),
    # Functions.
    (f"!contains({REPORT}.none, 'bad')", f"{REPORT}.none"),
    (f"!contains(['bad'], {SEGMENTS}[2].name)", f"{SEGMENTS}.2.name"),
    (f"!starts_with({SEGMENTS}[2].name, 'bad')", f"{SEGMENTS}.2.name"),
    (f"to_string({AUC}) != '0.1'", AUC),
    (f"to_number({AUC}) != `0.1`", AUC),
    (f"length(to_array({AUC})) == `1`", AUC),
    (f"type({AUC}) != 'string'", AUC),
    (f"'string' != type({AUC})", AUC),
    (f"!contains(['string'], type({AUC}))", AUC),
    (f"sum([{AUC}, `0.01`]) >= `0.8`", AUC),
    (f"length([{AUC}, `0.01`]) == `2`", AUC),
    (f"max([{AUC}, `0.01`]) < `1`", AUC),
    (f"avg([{AUC}, `0.01`]) < `1`", AUC),
    (f"!contains([{AUC}], `0.1`)", AUC),
    (f"length({REPORT}.none) == `0`", f"{REPORT}.none"),
    (f"sum({REPORT}.none) == `0`", f"{REPORT}.none"),
    (f"join(',', {SEGMENTS}[*].name) != 'bad'", f"{SEGMENTS}.2.name"),
    (f"length(keys({REPORT})) == `3`", REPORT),
    (f"sum(map(&errors, {SEGMENTS})) == `0`", f"{SEGMENTS}.2.errors"),
    (f"length(map(&errors, {SEGMENTS})) == `3`", f"{SEGMENTS}.2.errors"),
    (f"min_by({SEGMENTS}, &auc).auc > `0.7`", f"{SEGMENTS}.2.auc"),
    (f"max_by({SEGMENTS}, &auc).auc > `0.7`", f"{SEGMENTS}.2.auc"),
    (f"sort_by({SEGMENTS}, &auc)[0].name == 'old'", f"{SEGMENTS}.2.auc"),
    (f"not_null(min({SEGMENTS}[*].auc), `1`) > `0.7`", f"{SEGMENTS}.2.auc"),
    # Lists that JMESPath would leave it out of.
    (f"min({SEGMENTS}[*].auc) > `0.7`", f"{SEGMENTS}.2.auc"),
    (f"sum({SEGMENTS}[].errors) == `0`", f"{SEGMENTS}.2.errors"),
    (f"sum({SEGMENTS}[1:].errors) == `0`", f"{SEGMENTS}.2.errors"),
    (f"length({SEGMENTS}[*].flags[]) == `2`", f"{SEGMENTS}.2.flags"),
    ("length(metrics.Bias.*.segments[] | [?auc < `0.7`]) == `0`", f"{SEGMENTS}.2.auc"),
    (f"length({SEGMENTS}[?name != 'bad'].auc) == `3`", f"{SEGMENTS}.2.auc"),
    (f"length({SEGMENTS}[?name != 'bad']) == `3`", f"{SEGMENTS}.2.name"),
    (f"{SEGMENTS}[*].auc | [0] > `0.7`", f"{SEGMENTS}.2.auc"),
    (f"{SEGMENTS}[?name != 'bad'].auc | [0] > `0.7`", f"{SEGMENTS}.2.auc"),
    # Filters.
    (f"length({SEGMENTS}[?auc < `0.7`]) == `0`", f"{SEGMENTS}.2.auc"),
    (f"length({SEGMENTS}[?auc >= `0.7`]) == length({SEGMENTS})", f"{SEGMENTS}.2.auc"),
    (f"!({SEGMENTS}[?auc < `0.7`])", f"{SEGMENTS}.2.auc"),
    (f"length({SEGMENTS}[?flagged]) == `0`", f"{SEGMENTS}.2.flagged"),
    (f"length({SEGMENTS}[?!(flagged)]) == `3`", f"{SEGMENTS}.2.flagged"),
    (f"length({SEGMENTS}[?contains(flags, 'bad')]) == `0`", f"{SEGMENTS}.2.flags"),
    (f"length({SEGMENTS}[?flags[?@ == 'bad']]) == `0`", f"{SEGMENTS}.2.flags"),
    (f"{SEGMENTS}[?auc < `0.7`] == `[]`", f"{SEGMENTS}.2.auc"),
    (f"{SEGMENTS}[?auc < `0.7`] | [0] == `null`", f"{SEGMENTS}.2.auc"),
    (f"length({SEGMENTS}[?auc != `null` && errors > `0`]) == `0`", f"{SEGMENTS}.2.errors"),
    # The list itself, or the report, or all reports.
    (f"length({SEGMENTS}[?auc < `0.7`]) == `0`", SEGMENTS),
    (f"length({SEGMENTS}[?auc != `null` && auc < `0.7`]) == `0`", SEGMENTS),
    (f"{SEGMENTS}[?auc < `0.7`] | [0] == `null`", SEGMENTS),
    (f"({SEGMENTS}[?auc < `0.7`])[0] == `null`", SEGMENTS),
    (f"{SEGMENTS}[?auc < `0.7`].name | [0] == `null`", SEGMENTS),
    (f"{SEGMENTS}[?auc < `0.7`] | {{first: [0]}} | first == `null`", SEGMENTS),
    (f"max_by({SEGMENTS}[?auc < `0.7`], &auc) == `null`", SEGMENTS),
    (f"type({SEGMENTS}[?auc < `0.7`] | [0]) == 'null'", SEGMENTS),
    (f"not_null({SEGMENTS}[?auc < `0.7`] | [0], 'fine') == 'fine'", SEGMENTS),
    (f"length({SEGMENTS}[*].flags[] | [?@ == 'bad']) == `0`", SEGMENTS),
    (f"!contains({SEGMENTS}[].name, 'bad')", SEGMENTS),
    (f"{SEGMENTS}[3:] == `[]`", SEGMENTS),
    (f"length({REPORT}.*[] | [?@ == 'bad']) == `0`", REPORT),
    ("!contains(to_string(metrics), 'worthless')", "metrics"),
    ("!contains(keys(metrics), 'Worthless')", "metrics"),
    ("length(metrics.*) < `3`", "metrics"),
    # One of the last of several.
    (f"{AUC} >= `0.8` && !({SEGMENTS}[2].flagged)", f"{SEGMENTS}.2.flagged"),
    (f"!({SEGMENTS}[2].auc < `0.7`)", f"{SEGMENTS}.2"),
    (f"!({SEGMENTS}[-3].auc < `0.7`)", SEGMENTS),
    ("customer_metadata.risk != 'failed'", "customer_metadata.risk"),
    ("customer_metadata.risk != 'failed'", "customer_metadata"),
    ("package.ModelPackageStatus != 'Failed'", "package.ModelPackageStatus"),
)


@pytest.mark.parametrize(("expression", "path"), ASKED)
def test_what_passes_with_all_evidence_is_unreadable_without(expression: str, path: str) -> None:
    assert condition.evaluate(expression, COMPLETE) is True
    named = re.sub(r"\.(\d+)", r"[\1]", path)
    for document in (without(path), without(path, null=True)):
        told = condition.evaluate(expression, document)
        assert isinstance(told, str)
        assert re.search(r"^[^ ]+ is missing$", told)
        assert told.startswith(named) or "[]" in told or "[1:]" in told or "[-3]" in told or ".*" in told


@pytest.mark.parametrize("garbled", ["out of memory", 0.9, [1], True], ids=str)
@pytest.mark.parametrize(
    "expression",
    [f"{REPORT}.error == `null`", f"type({REPORT}.error) == 'null'", f"not_null({REPORT}.error, 'fine') == 'fine'"],
)
def test_a_garbled_report_lacks_nothing(expression: str, garbled: Any) -> None:
    assert condition.evaluate(expression, COMPLETE) is True
    document = {**COMPLETE, "metrics": {"Bias": {"Report": garbled}}}
    assert condition.evaluate(expression, document) == f"{REPORT} is no object"


@pytest.mark.parametrize("step", ["[0]", "[1:]", "[*].auc", "[?auc < `0.7`]", "[]"])
def test_an_object_in_the_place_of_a_list_lacks_no_element(step: str) -> None:
    told = condition.evaluate(f"metrics.Bias{step} == `null`", COMPLETE)
    assert told == "metrics.Bias is no list"


@pytest.mark.parametrize("document", [NO_REPORT, {**COMPLETE, "metrics": None}, without("metrics")])
def test_the_missing_value_is_named(document: dict[str, Any]) -> None:
    assert condition.evaluate(f"!({AUC} < `0.8`)", document) == f"{AUC} is missing"


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        (f"length({SEGMENTS}[?name != 'bad'].auc) == `3`", f"{SEGMENTS}[2].auc is missing"),
        (f"{SEGMENTS}[2] | auc > `0.7`", f"{SEGMENTS}[2].auc is missing"),
        (f"{REPORT} | segments[*].auc | min(@) > `0.7`", f"{SEGMENTS}[2].auc is missing"),
        (f"length({SEGMENTS}[].{{a: auc}} | [?a < `0.7`]) == `0`", f"{SEGMENTS}[][2].auc is missing"),
        (f"length({REPORT}.*[] | [?x < `1`]) == `0`", f"{REPORT}.*[][0].x is missing"),
        ('length(metrics.Bias.*."no such") == `1`', 'metrics.Bias.Report."no such" is missing'),
        (f"avg({REPORT}.none) < `1`", f"avg({REPORT}.none) gives null"),
        (f"max_by({REPORT}.none, &x).y < `1`", f"max_by({REPORT}.none, &x).y is missing"),
        (f"to_number({SEGMENTS}[0].name) < `1`", f"to_number({SEGMENTS}[0].name) gives null"),
    ],
)
def test_it_is_named_as_it_is_found(expression: str, told: str) -> None:
    assert condition.evaluate(expression, without(f"{SEGMENTS}.2.auc")) == told


WHOLE = "it asks about the whole document; name the fields that it asks about"
NO_AUC = without(f"{SEGMENTS}.2.auc")
READABLE = (
    # A test for null is a question about what is missing.
    (f"{AUC} == `null`", NO_REPORT),
    (f"`null` == {AUC}", NO_REPORT),
    (f"!({AUC} != `null`)", NO_REPORT),
    (f"type({AUC}) == 'null'", NO_REPORT),
    (f"not_null({AUC}, `0.9`) >= `0.8`", NO_REPORT),
    (f"{AUC} == `null` || {AUC} >= `0.8`", NO_REPORT),
    (f"!({AUC} != `null` && {AUC} < `0.8`)", NO_REPORT),
    ("metrics == `null`", NO_REPORT),
    (f"{SEGMENTS}[*].auc == `null`", NO_REPORT),
    ("metrics.no.[a, b] == `null` && metrics.no.{a: b} == `null`", COMPLETE),
    (f"{REPORT}.none[0] == `null`", COMPLETE),
    (f"{SEGMENTS}[?auc < `0.7`] | [0] == `null`", COMPLETE),
    (f"max_by({REPORT}.none, &auc) == `null`", COMPLETE),
    # In a filter it leaves the element out, or in.
    (f"length({SEGMENTS}[?auc != `null` && auc < `0.7`]) == `0`", NO_AUC),
    (f"length({SEGMENTS}[?auc < `0.7` && auc != `null`]) == `0`", NO_AUC),
    (f"length({SEGMENTS}[?auc < `0.7` && type(auc) != 'null']) == `0`", NO_AUC),
    (f"length({SEGMENTS}[?auc == `null` || auc >= `0.7`]) == `3`", NO_AUC),
    (f"length({SEGMENTS}[?auc >= `0.7` || auc == `null`]) == `3`", NO_AUC),
    (f"min({SEGMENTS}[?auc != `null`].auc) >= `0.7`", NO_AUC),
    (f"min({SEGMENTS}[?auc != null].auc) >= `0.7`", NO_AUC),
    (f"length({SEGMENTS}[?auc == `null`]) == `1`", NO_AUC),
    # What is not reached is not used.
    (f"customer_metadata.risk == 'passed' || {AUC} >= `0.8`", NO_REPORT),
    (f"!(customer_metadata.risk == 'failed' && {AUC} >= `0.8`)", NO_REPORT),
    (f"[{AUC}, customer_metadata.risk] | [1] == 'passed'", NO_REPORT),
    # Nothing is live before the first rollout.
    (f"live == `null` || {AUC} >= live.{AUC}", COMPLETE),
    (f"live.{AUC} == `null` || {AUC} >= live.{AUC}", COMPLETE),
    (f"{AUC} >= live.{AUC} || live == `null`", COMPLETE),
    (f"!live || {AUC} >= live.{AUC}", COMPLETE),
    (f"!(live && {AUC} < live.{AUC})", COMPLETE),
    # An empty list is there, and so is an empty text, zero and false.
    (f"sum({REPORT}.none) == `0` && length({REPORT}.none) == `0` && !contains({REPORT}.none, 'bad')", COMPLETE),
    (f"length({REPORT}.none[?auc < `0.7`]) == `0`", COMPLETE),
    (f"{SEGMENTS}[0].errors == `0` && {REPORT}.failed == `false`", COMPLETE),
)


@pytest.mark.parametrize(("expression", "document"), READABLE)
def test_what_needs_no_missing_value_has_its_answer(expression: str, document: dict[str, Any]) -> None:
    assert condition.evaluate(expression, document) is True


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        # The other side has to test what was missing, and to decide.
        ("x < `1` || y == `null`", "x is missing"),
        ("x < `1` || xy == `null`", "x is missing"),
        ("xy < `1` || x == `null`", "xy is missing"),
        ("x.z < `1` || x.y == `null`", "x.z is missing"),
        ("(x == `null` && `false`) || x < `1` || `true`", "x is missing"),
        ("(`[1]` && `[2]`)[3] < `1` || (`[1]` || `[2]`)[3] == `null`", "…[3] is missing"),
        ("sum([x, y]) < `1`", "x is missing"),
        ("!(x < `1` && y != `null`)", "x is missing"),
        ("x < `1` || x != `null`", "x is missing"),
        ("x < `1` && x == `null`", "x is missing"),
        ("x < `1` || y < `1`", "x is missing"),
        ("!metrics || `true`", "metrics is missing"),
        ("!(lifecycle)", "lifecycle is missing"),
        ("!(model_card)", "model_card is missing"),
        ("live.x < `1` || `true`", "live.x is missing"),
        ("live != 'x'", "live is missing"),
        ("!contains([live], 'x')", "live is missing"),
        # The document holds only what the conditions name.
        ("!contains(to_string(@), 'failed')", WHOLE),
        ("length(values(@)) > `0`", WHOLE),
        ("length(*) > `0`", WHOLE),
    ],
)
def test_what_stays_unreadable(expression: str, told: str) -> None:
    found = condition.evaluate(expression, NO_REPORT)
    assert found == told


@pytest.mark.parametrize(
    ("expression", "document", "told"),
    [
        ("!(metrics.live)", {"metrics": {"live": None}}, "metrics.live is missing"),
        ("!(live)", {}, "live is missing"),
        ("!contains(to_string(live.metrics), 'x')", {"live": {"metrics": {}}}, "live.metrics is missing"),
        ("!contains(x, 'bad')", {"x": ["good", None]}, "x[1] is missing"),
        ("length(x[?@ == 'bad']) == `0`", {"x": ["good", None]}, "x[1] is missing"),
        ("x[*] != `[]`", {"x": ["good", None]}, "x[1] is missing"),
        ("!contains(values(x), 'bad')", {"x": {"a": None}}, "values(x)[0] is missing"),
    ],
)
def test_null_is_missing_wherever_it_is(expression: str, document: dict[str, Any], told: str) -> None:
    assert condition.evaluate(expression, document) == told


def test_what_is_found_needs_no_more() -> None:
    assert condition.evaluate("contains(x, 'good')", {"x": [None, "good", None]}) is True


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("value", ["0.9", "", True, False, [], {}, [0.9], {"value": 0.9}, float("nan"), float("inf")])
def test_what_is_no_finite_number_has_no_order(operator: str, value: Any) -> None:
    document = {"x": value}
    for expression in (f"x {operator} `0.8`", f"`0.8` {operator} x", f"x {operator} x"):
        for asked in (expression, f"!({expression})", f"({expression}) || `true`", f"!(({expression}) && `true`)"):
            told = condition.evaluate(asked, document)
            assert isinstance(told, str)
            assert told.startswith("x is ")
            assert told.endswith(", and not a finite number")


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1e999"])
def test_a_text_that_python_takes_for_no_number_is_none(value: str) -> None:
    assert isinstance(condition.evaluate("!(to_number(x) < `0.8`)", {"x": value}), str)
    assert isinstance(condition.evaluate("to_number(x) != `0.8`", {"x": value}), str)


@pytest.mark.parametrize(
    "expression",
    [
        "map(x, y)",
        "sort_by(y, x)",
        "min_by(y, x)",
        "map(&x)",
        "map(&x, y, y)",
        "sort_by(y)",
        "not_null()",
        "type()",
        "type(x) == 'null'",
        "contains(y)",
        "length(&x)",
        "map(&x, &x)",
        "x.length(@)",
        "y[::0]",
        "@",
        "`null`",
        "no(x)",
    ],
)
def test_no_odd_call_breaks_a_look(expression: str) -> None:
    found = condition.evaluate(expression, {"x": 1, "y": [{"x": 1}, {"x": 2}]})
    assert found is False or isinstance(found, str)


def test_an_expression_that_doubles_what_it_holds_ends() -> None:
    assert condition.evaluate(f"x{'|[@,@]' * 200}|length(@) == `2`", {"x": 1}) is True
    nested = "(x < `1`) || " * 30 + "y == `null`"
    assert condition.evaluate(nested, {"y": 1}) == "x is missing"
    nested = "`false` || (" * 60 + "x < `1`" + ")" * 60
    assert condition.evaluate(nested, {"y": 1}) == "x is missing"


# Whatever the expression

NAMES = ("a", "b", "c")


def _numbers() -> st.SearchStrategy[str]:
    plain = st.sampled_from([f"m.{name}" for name in NAMES] + [f"m.list[2].{name}" for name in NAMES])
    listed = st.lists(plain, min_size=1, max_size=3).map(lambda each: f"[{', '.join(each)}]")
    projected = st.sampled_from([f"m.list[*].{name}" for name in NAMES] + [f"map(&{name}, m.list)" for name in NAMES])
    lists = listed | projected
    folded = st.builds("{}({})".format, st.sampled_from(["sum", "min", "max", "avg", "length"]), lists)
    return plain | folded


def _tests() -> st.SearchStrategy[str]:
    operators = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    constants = st.sampled_from(["`0`", "`1`", "`2`", "`4`"])
    compared = st.builds("({} {} {})".format, _numbers(), operators, constants | _numbers())
    inner = st.builds("{} {} {}".format, st.sampled_from(NAMES), operators, constants | st.sampled_from(NAMES))
    asked = inner | st.builds("!({})".format, inner) | st.builds("{} && {}".format, inner, inner)
    filtered = st.builds("(length(m.list[?{}]) {} {})".format, asked, operators, constants)
    contained = st.builds("contains(m.list[*].{}, {})".format, st.sampled_from(NAMES), _numbers())
    return compared | filtered | contained


EXPRESSIONS = st.recursive(
    _tests(),
    lambda tests: (
        st.builds("!({})".format, tests)
        | st.builds("({} && {})".format, tests, tests)
        | st.builds("({} || {})".format, tests, tests)
    ),
    max_leaves=4,
)
VALUES = st.fixed_dictionaries({name: st.integers(0, 3) for name in NAMES})


class _Read:
    """Documents that say which of their leaves were read."""

    def __init__(self) -> None:
        self.paths: set[tuple[Any, ...]] = set()

    def watched(self, value: Any, path: tuple[Any, ...] = ()) -> Any:
        read = self.paths

        class Watched(builtins.dict[str, Any]):
            def get(self, key: str, default: Any = None) -> Any:
                read.add((*path, key))
                return super().get(key, default)

        Watched.__name__ = "dict"  # JMESPath goes by the name.
        if isinstance(value, Mapping):
            return Watched({name: self.watched(item, (*path, name)) for name, item in value.items()})
        if isinstance(value, list):
            return [self.watched(item, (*path, index)) for index, item in enumerate(value)]
        return value


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def _removed(document: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(document)
    *parents, last = path
    holder = changed
    for step in parents:
        holder = holder[step]
    del holder[last]
    return changed


@given(expression=EXPRESSIONS, values=VALUES, items=st.lists(VALUES, min_size=3, max_size=3))
def test_without_any_one_leaf_that_was_read_nothing_passes(
    expression: str, values: dict[str, int], items: list[dict[str, int]]
) -> None:
    document = {"m": {**values, "list": items}}
    read = _Read()
    if condition.evaluate(expression, read.watched(document)) is not True:
        return
    assert condition.evaluate(expression, document) is True
    for path in _leaves(document):
        if path in read.paths:
            assert isinstance(condition.evaluate(expression, _removed(document, path)), str)


@given(expression=EXPRESSIONS, values=VALUES, items=st.lists(VALUES, min_size=3, max_size=3))
def test_with_all_there_the_answer_is_jmespath_s(
    expression: str, values: dict[str, int], items: list[dict[str, int]]
) -> None:
    document = {"m": {**values, "list": items}}
    assert condition.evaluate(expression, document) is jmespath.search(expression, document)


# The gate


@pytest.mark.parametrize(
    ("mode", "answer"), [(Mode.ENFORCE, Answer.HELD), (Mode.ADVISE, Answer.PASSED)], ids=["enforced", "advised"]
)
def test_the_gate_holds_and_names_what_is_missing(mode: Mode, answer: Answer) -> None:
    asked = Condition("auc", f"!({AUC} < `0.8`)", mode)
    spec = dataclasses.replace(SPEC, gate=Gate(require=(asked,)))
    evidence = Evidence(document=NO_REPORT, pin=PIN)
    version = package(2, containers=(Container(None),))
    verdict = checks.evaluate(checks.Question(spec, version, approval(2), evidence, NOW), ())
    (found,) = (check for check in verdict.checks if check.name == "require.auc")
    assert (verdict.answer, found.result) == (answer, Result.UNREAD)
    assert f"require.auc could not be evaluated: found {AUC} is missing" in verdict.reason
