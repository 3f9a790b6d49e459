"""For all tests: the same examples in every run, botocore's files read once, and how processes share the tests."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.botocore_files import read_once
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
    with read_once():
        yield
