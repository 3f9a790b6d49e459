"""For all tests: the same examples in every run, botocore's files read once, and which tests share a process."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

# A test that fails today failed yesterday.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of a file in one process, where they share fixtures, unless something nearer says otherwise."""
    if item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session", autouse=True)
def _descriptions_read_once() -> Iterator[None]:
    """Parse each of botocore's files once a run. Moto begins a new session for each test, and a session that reads its
    regions and services anew takes longer than most tests."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda loader, path: read(path))
        yield
