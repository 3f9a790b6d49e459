"""For all tests: the same examples in every run, botocore's files read once, and how processes share the tests."""

import gc
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from tests.scheduling import Scheduling

# By default Python looks for garbage every 700 objects. With all that moto and the CDK load, that took a quarter of the
# time of the tests.
gc.set_threshold(100_000, 50, 100)

# A test that fails today failed yesterday.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _descriptions_read_once() -> Iterator[None]:
    """Parse each of botocore's files once a run. Moto begins a new session for each test, and a session that reads its
    regions and services anew takes longer than most tests."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda loader, path: read(path))
        yield
