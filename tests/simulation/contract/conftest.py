"""Both worlds, as new for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.simulation.contract.sandboxed import Sandboxed
from tests.simulation.contract.simulated import Simulated
from tests.simulation.contract.worlds import Worlds
from world.assumptions import Assumptions

Make = Callable[[Assumptions], Worlds]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    for variable in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(variable, raising=False)
    with ExitStack() as running:

        def made(assumptions: Assumptions) -> Worlds:
            sandboxed = running.enter_context(Sandboxed(tmp_path, assumptions))
            return Worlds(Simulated(assumptions), sandboxed)

        yield made


@pytest.fixture
def worlds(make: Make) -> Worlds:
    return make(Assumptions())
