"""How the processes of `make test` share the tests."""

import re
from functools import cache

from xdist.scheduler import LoadFileScheduling

from tests.paths import ROOT

ALONE = ("tests/simulation/test_schedules.py",)
"""Files whose tests take seconds each and share nothing."""


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Keeps a file's tests in one process, and all tests of one deployed app, because a deployment takes longer than
    any of them."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(test: str) -> str:
    """Return what the test shares with the others of its process: an app, its file, or nothing."""
    file: str = test.partition("::")[0]
    return test if file in ALONE else _app(file) or file


@cache
def _app(file: str) -> str | None:
    """Return the fixture of the app that the file's tests use. Read from the text, because the process that shares out
    the tests imports none of them."""
    if not file.startswith("tests/e2e/"):
        return None
    text = (ROOT / file).read_text(encoding="utf-8")
    if re.search(r"\b(governed_world|take_governed): ", text):
        return "governed_world"
    return "world" if re.search(r"\b(world|take): ", text) else None
