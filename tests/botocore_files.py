"""botocore's files: read once a run, or as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader

_READ = JSONFileLoader.load_file


@contextmanager
def read_once() -> Iterator[None]:
    """Parse each file once. Moto begins a new session for each test, and a session that reads its regions and services
    anew takes longer than most tests."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda loader, path: read(path))
        yield


@contextmanager
def read_anew() -> Iterator[None]:
    """Parse each file again: sessions change what they were given of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", _READ)
        yield
