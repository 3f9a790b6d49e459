"""The values of metric math expressions."""

import pytest

from world.metrics.metric_math import ExpressionError, Value, evaluate


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("e / i", [0.5, None, None]),
        ("IF(i > 1, e / i, 0)", [0.5, 0.0, None]),
        ("IF(i > 1 AND e > 4, 1, 0)", [1.0, None, None]),
        ("(e > 0 || i > 9) + 0", [1.0, None, None]),
        ("-e * 2 + 3 - 1", [-8.0, None, -4.0]),
        ("e ^ 2", [25.0, None, 9.0]),
        ("FILL(e, 0) + 1", [6.0, 1.0, 4.0]),
        ("SUM([e, i])", [15.0, 0.0, 3.0]),
        ("MAX([e, i])", [10.0, 0.0, 3.0]),
        ("SUM(e)", 8.0),
        ("CEIL(e / 2)", [3.0, None, 2.0]),
        ("1 + 2", 3.0),
    ],
)
def test_metric_math(expression: str, expected: Value) -> None:
    assert evaluate(expression, {"e": [5.0, None, 3.0], "i": [10.0, 0.0, None]}) == expected


@pytest.mark.parametrize(
    "expression", ["e +", "nobody + 1", "ANOMALY_DETECTION_BAND(e)", "METRICS()", "e.real", "[e][0]"]
)
def test_an_expression_that_is_not_modelled_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, {"e": [1.0]})
