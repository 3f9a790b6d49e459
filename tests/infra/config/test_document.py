"""A file of YAML is bounded: in its size, its depth, and what its aliases become."""

import pytest

from infra.config.document import MOST_CHARACTERS, MOST_LEVELS, parse
from infra.config.problem import ConfigError

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    "text",
    [LAUGHS, "[" * (MOST_LEVELS + 2) + "]" * (MOST_LEVELS + 2), "[" * 50_000, "#" * (MOST_CHARACTERS + 1)],
    ids=["a billion laughs", "deep", "too deep to parse", "long"],
)
def test_a_file_without_bounds_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="more than"):
        parse("endpoints.yaml", text)


def test_an_alias_is_what_it_names() -> None:
    assert parse("endpoints.yaml", "a: &a [1, 2]\nb: *a\n").data == {"a": [1, 2], "b": [1, 2]}
