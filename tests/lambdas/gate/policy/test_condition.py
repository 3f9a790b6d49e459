import json
from typing import Any

import pytest

from lambdas.gate.policy import condition

STATISTICS = {"f1": {"value": 0.79}, "folds": [{"f1": 0.7}, {"f1": 0.8}]}
DOCUMENT: dict[str, Any] = {
    "metrics": {"ModelQuality": {"Statistics": STATISTICS}},
    "customer_metadata": {"risk-review": "passed"},
    "live": None,
}
F1 = "metrics.ModelQuality.Statistics.f1.value"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"{F1} >= `0.79`", True),
        (f"{F1} >= `0.8`", False),
        (f"live == `null` || sum([{F1}, `0.01`]) >= live.{F1}", True),
        ("customer_metadata.\"risk-review\" == 'passed'", True),
        ("min(metrics.ModelQuality.Statistics.folds[*].f1) > `0.75`", False),
        (F1, "it gave 0.79 and not true or false"),
        ("metrics.Bias.Report.x >= `0.8`", "metrics.Bias.Report.x is missing"),
        (f"{F1} >= '0.8'", '`"0.8"` is "0.8", and not a finite number'),
        ("customer_metadata", 'it gave {"risk-review":"passed"} and not true or false'),
        ("length(package.MetadataProperties.CommitId) > `0`", "package.MetadataProperties.CommitId is missing"),
        (
            f"length({F1}) > `0`",
            "it failed: In function length(), invalid type for value: 0.79, expected one of: "
            "['string', 'array', 'object'], received: \"number\"",
        ),
        ("nothing(", 'it failed: Invalid jmespath expression: Incomplete expression: "nothing(" ^'),
    ],
)
def test_only_a_boolean_is_an_answer(expression: str, expected: bool | str) -> None:
    assert condition.evaluate(expression, DOCUMENT) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"{F1} >= `0.8`", f"{F1} = 0.79"),
        (f"live == `null` || {F1} >= live.{F1}", f"live = null, {F1} = 0.79, live.{F1} = null"),
        ("customer_metadata.\"risk-review\" == 'passed'", 'customer_metadata."risk-review" = "passed"'),
        (
            "min(metrics.ModelQuality.Statistics.folds[*].f1) > `0`",
            'metrics.ModelQuality.Statistics.folds = [{"f1":0.7},{"f1":0.8}]',
        ),
        (f"{F1} | @ > `0`", f"{F1} = 0.79"),
        ("`true`", ""),
    ],
)
def test_what_the_expression_was_asked_about_is_shown(expression: str, expected: str) -> None:
    assert condition.operands(expression, DOCUMENT) == expected


@pytest.mark.parametrize("name", ["größe", 'a"b', "a\\b", "1st", "a b", ""])
def test_any_name_of_a_field_can_be_shown(name: str) -> None:
    quoted = json.dumps(name)
    expression = f"customer_metadata.{quoted} == 'x'"
    assert condition.operands(expression, {"customer_metadata": {name: "x"}}) == f'customer_metadata.{quoted} = "x"'


@pytest.mark.parametrize(
    ("expression", "value", "told"),
    [
        ("ceil(x) > `0`", float("inf"), "x is Infinity, and not a finite number"),
        ("ceil(x) > `0`", float("nan"), "x is NaN, and not a finite number"),
        ("avg([x]) > `0`", 10**400, "it failed: integer division result too large for a float"),
        ("x[::0] == x", [1], "it failed: slice step cannot be zero"),
        ("x", "\ud800", 'it gave "?" and not true or false'),
    ],
)
def test_no_report_breaks_a_look(expression: str, value: object, told: str) -> None:
    assert condition.evaluate(expression, {"x": value}) == told
    assert condition.operands(expression, {"x": value}).encode()


def test_what_is_too_deep_is_not_shown() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert condition.operands("x > `0`", {"x": deep}) == "x = …"


def test_what_is_shown_is_short() -> None:
    shown = condition.operands("package.x", {"package": {"x": "y" * 1000}})
    assert (len(shown), shown[-1]) == (condition.SHOWN, "…")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("metrics.Bias.Report.x > `0`", (("Bias", "Report", "x"),)),
        ("live.metrics.Bias.Report[0].x > metrics.Bias.Report[?x].y", (("Bias", "Report"), ("Bias", "Report"))),
        ("length(metrics.Bias[*].x) > `0` || metrics.*.x", (("Bias",), ())),
        ("metrics | Bias.Report", ((),)),
        ("metrics.{a: Bias.Report}", ((),)),
        ("x[?metrics.y].z", (("y",),)),
        ("metrics", ((),)),
        ("package.x", ()),
    ],
)
def test_what_follows_a_field(expression: str, expected: tuple[tuple[str, ...], ...]) -> None:
    assert condition.steps_after(expression, "metrics") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [(f"live.{F1} > `0`", True), (f"{F1} > `0`", False), ("length(live.x) > `0`", True), ("x[?live].y", True)],
)
def test_a_field_is_found_wherever_it_is(expression: str, expected: bool) -> None:
    assert condition.names_field(expression, "live") is expected


SEGMENTS = {
    "f1": 0.7,
    "segments": [{"name": "a", "auc": 0.9}, {"name": "b", "auc": 0.79}, {"name": "c", "auc": float("nan")}],
    "known": [{"name": "a", "auc": 0.9}, {"name": "b", "auc": 0.79}],
    "folds": [0.9, float("-inf")],
}
ALL = 'metrics.known = [{"auc":0.9,"name":"a"},{"auc":0.79,"name":"b"}]'


@pytest.mark.parametrize(
    ("expression", "failing"),
    [
        ("metrics.f1 > `0.8`", "metrics.f1 = 0.7"),
        ("metrics.known[1].auc > `0.8`", f"metrics.known[1].auc = 0.79, {ALL}"),
        (
            "length(metrics.known[?auc < `0.8`]) == `0`",
            f"metrics.known[1].auc = 0.79, length(metrics.known[?]) = 1, metrics.known[0].auc = 0.9, {ALL}",
        ),
        ("metrics.known[?name == 'b'] | [0].auc > `0.8`", "metrics.known[1].name = "),
        ("min(metrics.known[*].auc) > `0.8`", f"metrics.known[1].auc = 0.79, min(metrics.known[*].auc) = 0.79, {ALL}"),
        ("avg(metrics.known[*].auc) > `0.9`", f"avg(metrics.known[*].auc) = 0.845, {ALL}"),
        ("metrics.f1 > `0.6` && metrics.known[1].auc > `0.8`", "metrics.known[1].auc = 0.79, metrics.f1 = 0.7, "),
    ],
)
def test_a_failed_condition_says_which_number_failed(expression: str, failing: str) -> None:
    document = {"metrics": SEGMENTS}
    assert condition.evaluate(expression, document) is False
    assert condition.failing(expression, document).startswith(failing)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("metrics.f1 > `0.8`", False),
        ("metrics.segments[1].auc > `0.8`", False),
        ("metrics.segments[?name == 'b'] | [0].auc > `0.7`", True),
        ("length(metrics.segments[*].name) == `3`", True),
        ("metrics.segments[2].auc > `0.8`", "metrics.segments[2].auc is NaN, and not a finite number"),
        ("!(metrics.segments[2].auc < `0.8`)", "metrics.segments[2].auc is NaN, and not a finite number"),
        ("min(metrics.segments[*].auc) > `0.8`", "metrics.segments[2].auc is NaN, and not a finite number"),
        ("length(metrics.segments[?auc < `0.8`]) == `0`", "metrics.segments[2].auc is NaN, and not a finite number"),
        ("min(metrics.folds) > `0.8`", "metrics.folds[1] is -Infinity, and not a finite number"),
        ("metrics.segments[2].auc != `null`", "metrics.segments[2].auc is NaN, and not a finite number"),
        ("not_null(metrics.folds[1]) == `1`", "not_null(metrics.folds[1]) is -Infinity, and not a finite number"),
    ],
)  # fmt: skip
def test_a_number_that_is_none_makes_only_the_conditions_that_read_it_unreadable(
    expression: str, answer: bool | str
) -> None:
    assert condition.evaluate(expression, {"metrics": SEGMENTS}) == answer
