"""One sandbox and one deployment for all scenarios, by the real CDK CLI; an endpoint of its own for each."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.demo.process import SandboxProcess
from sandbox.deployment import Deployment, deploy
from tests.e2e import by_hand
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import ENTRIES
from tests.e2e.world import World

Take = Callable[[str], Endpoint]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """No endpoint's rule is on: an endpoint that no scenario is about shall cost nothing."""
    work = tmp_path_factory.mktemp("sandbox")
    endpoints = work / "endpoints.yaml"
    endpoints.write_text(json.dumps({"endpoints": ENTRIES}))
    with SandboxProcess(0, work, "--no-deploy") as sandbox:
        sandbox.wait_until_ready(lambda: None)
        made = World(Deployment(sandbox.url, work / "deployment", context={"endpoints": str(endpoints)}))
        by_hand.prepare(made)
        deploy(sandbox.url, made.deployment.work, context=made.deployment.context)
        made.begin()
        for name in ENTRIES:
            Endpoint(made, name).schedule(on=False)
        yield made


@pytest.fixture
def take(world: World) -> Iterator[Take]:
    """An endpoint whose rule is on for the scenario, and whose record is audited at its end."""
    with ExitStack() as taken:

        def endpoint(name: str) -> Endpoint:
            one = Endpoint(world, name)
            one.schedule(on=True)
            taken.callback(one.schedule, on=False)
            taken.callback(one.audit)
            taken.callback(world.advance)
            taken.callback(one.traffic, 0)
            return one

        taken.callback(world.mend)
        yield endpoint
