"""How an expression is counted."""

import pytest

from lambdas.answers.search import TooMuch, search


def test_an_expression_is_counted_by_what_it_visits_and_what_it_makes() -> None:
    assert search("length([])", [[1, 2], [3]], most=20) == 3
    with pytest.raises(TooMuch, match="more than 8 steps"):
        search("length([])", [[1, 2], [3]], most=8)
