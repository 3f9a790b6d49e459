"""Which metrics people see of a version that waits for an approval: those that the gate asks about, or the first ones
of the report on quality, whatever JSON that is."""

from typing import Any

import pytest

from lambdas.gate.policy import metrics
from lambdas.gate.policy.metrics import MOST, MOST_LEVELS, NAME_LENGTH, QUALITY, compared
from lambdas.gate.spec.spec import Condition
from lambdas.gate.state.metrics import Metric

STATISTICS = "metrics.ModelQuality.Statistics"
AUC = "binary_classification_metrics.auc"


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        ((), (QUALITY,)),
        (("customer_metadata.owner == 'risk'",), (QUALITY,)),
        (("customer_metadata.metrics.f1 == '1'",), (QUALITY,)),
        ((f"{STATISTICS}.f1 >= `0.8`",), ((*QUALITY, "f1"),)),
        ((f"{STATISTICS}.f1 >= live.{STATISTICS}.f1",), ((*QUALITY, "f1"),)),
        (
            (f"{STATISTICS}.{AUC}.value >= `0.8`", "metrics.Bias.Report.bias < `1`"),
            ((*QUALITY, *AUC.split("."), "value"), ("Bias", "Report", "bias")),
        ),
    ],
)
def test_they_are_those_that_the_conditions_ask_about(
    expressions: tuple[str, ...], expected: tuple[metrics.Path, ...]
) -> None:
    assert metrics.paths(tuple(Condition("c", each) for each in expressions)) == expected


def test_a_condition_is_made_for_each_place() -> None:
    (made,) = metrics.conditions((("Bias", "Report", "a b"),))
    assert (made.name, made.expression) == ('metrics.Bias.Report."a b"', 'metrics.Bias.Report."a b"')


def quality(report: Any) -> dict[str, Any]:
    return {"ModelQuality": {"Statistics": report}}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"f1": 0.5, "n": 3}, [("f1", 0.5), ("n", 3.0)]),
        ({"b": {"auc": {"value": 0.5, "standard_deviation": 0.1}}}, [("b.auc", 0.5)]),
        ({"b": {"value": {"x": 1}}}, [("b.value.x", 1.0)]),
        ({"version": "0", "ok": True, "none": None, "matrix": [[1, 2], [3, 4]]}, []),
        ({"a": float("nan"), "b": float("inf"), "c": 10**400, "d": 1}, [("d", 1.0)]),
        ("no object", []),
        ([{"f1": 1}], []),
        (None, []),
        (0.5, [("ModelQuality.Statistics", 0.5)]),
    ],
)
def test_without_conditions_they_are_the_numbers_of_the_report(report: Any, expected: list[tuple[str, float]]) -> None:
    found, left_out = compared((QUALITY,), quality(report), {})
    assert ([(each.name, each.value) for each in found], left_out) == (expected, 0)


def test_the_live_version_s_are_beside_them() -> None:
    new, live = quality({"f1": 0.75, "recall": 0.5}), quality({"f1": 0.5, "recall": "high"})
    found, _ = compared((QUALITY,), new, live)
    assert found == (Metric("f1", 0.75, 0.5), Metric("recall", 0.5, None))
    assert [each.difference for each in found] == [0.25, None]


def test_a_metric_that_a_condition_asks_about_is_shown_without_a_value_too() -> None:
    found, _ = compared(((*QUALITY, "f1"), (*QUALITY, "auc", "value")), quality({}), quality({"f1": 0.5}))
    assert found == (Metric("f1", None, 0.5), Metric("auc", None, None))


@pytest.mark.parametrize("value", [(1e308, -1e308), (None, 1.0)])
def test_a_difference_that_is_no_number_is_none(value: tuple[float | None, float]) -> None:
    assert Metric("f1", *value).difference is None


def test_the_first_are_shown_and_the_others_counted() -> None:
    found, left_out = compared((QUALITY,), quality({f"m{number}": number for number in range(25)}), {})
    assert ([each.name for each in found], left_out) == ([f"m{number}" for number in range(MOST)], 15)


def test_a_report_of_any_size_and_depth_ends() -> None:
    deep: Any = 1
    for _ in range(3000):
        deep = {"x": deep}
    found, left_out = compared((QUALITY,), quality({"deep": deep, **{str(n): n for n in range(50_000)}}), {})
    assert [each.name for each in found] == [str(number) for number in range(MOST)]
    assert left_out == metrics.MOST_FOUND - MOST


def test_the_deepest_number_that_is_found() -> None:
    report: Any = 1
    for _ in range(MOST_LEVELS):
        report = {"x": report}
    assert len(compared((QUALITY,), quality(report), {})[0]) == 1
    assert compared((QUALITY,), quality({"x": report}), {}) == ((), 0)


def test_a_long_name_keeps_its_end() -> None:
    (found,), _ = compared((QUALITY,), quality({"x" * 500: {"auc": 1}}), {})
    assert (len(found.name), found.name[0], found.name[-4:]) == (NAME_LENGTH, "…", ".auc")
