"""The processes of `make test` deploy each app once, and keep apart what shares nothing."""

import pytest

from tests.paths import ROOT
from tests.scheduling import scope


@pytest.mark.parametrize(
    ("test", "shared"),
    [
        ("tests/e2e/test_abort.py::test_a", "world"),
        ("tests/e2e/test_calls.py::test_a[b]", "world"),
        ("tests/e2e/test_people.py::test_a", "governed_world"),
        ("tests/e2e/test_tutorial.py::test_a", "tests/e2e/test_tutorial.py"),
        ("tests/ops/test_cli.py::test_a[x::y]", "tests/ops/test_cli.py"),
        ("tests/simulation/test_schedules.py::test_a[b]", "tests/simulation/test_schedules.py::test_a[b]"),
    ],
)
def test_what_a_test_shares_with_its_process(test: str, shared: str) -> None:
    assert scope(test) == shared


def test_each_file_of_end_to_end_tests_uses_one_app(request: pytest.FixtureRequest) -> None:
    """Of the tests that this run collects."""
    for item in request.session.items:
        used = {"world", "governed_world"}.intersection(getattr(item, "fixturenames", ()))
        if item.path.parent == ROOT / "tests" / "e2e" and used:
            assert used == {scope(item.nodeid)}, item.nodeid
