"""Two sandboxes, each with one deployment by the real CDK CLI for many scenarios, and an endpoint of its own for each.

The second one's endpoints have gates, its account has a trail, and its ledger a copy; the first has none of them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate import names
from sandbox.app.deployment import ACCOUNT, REGION, Deployment, deploy
from sandbox.app.process import SandboxProcess
from tests.e2e import by_hand, command_line, governed
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import EDITED, ENTRIES, JANITOR, write
from tests.e2e.world import Entries, World

JANITORS_RULE = f"{names.PREFIX}-sweep.{names.GARBAGE}"
Take = Callable[[str], Endpoint]
VERIFY = ("verify", "--copy", names.copy_bucket(ACCOUNT, REGION))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with _world(tmp_path_factory.mktemp("sandbox"), ENTRIES, {"janitor": JANITOR}, by_hand.prepare) as made:
        made.control("assumptions", {"account_has_trail": False})
        yield made


@pytest.fixture(scope="session")
def governed_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    work = tmp_path_factory.mktemp("governed")
    sections = {"ledger": governed.LEDGER, "janitor": governed.JANITOR}
    with _world(work, governed.ENTRIES, sections, governed.prepare) as made:
        yield made


@pytest.fixture(scope="session")
def edited(world: World, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The app with the edited entries, synthesized and not deployed."""
    work = tmp_path_factory.mktemp("edited")
    made = Deployment(world.url, work / "deployment", context={"endpoints": str(write(work, EDITED))})
    made.synth()
    return made


@pytest.fixture
def take(world: World) -> Iterator[Take]:
    with _taking(world) as taken:
        yield taken


@pytest.fixture
def take_governed(governed_world: World) -> Iterator[Take]:
    """Whose every row has a copy as well."""
    with _taking(governed_world, lambda name: command_line.run(governed_world, *VERIFY, name)) as taken:
        yield taken


@contextmanager
def _world(work: Path, entries: Entries, sections: dict[str, Any], prepare: Callable[[World], None]) -> Iterator[World]:
    """No endpoint's rule is on: an endpoint that no scenario is about shall cost nothing. Nor is the janitor's, which
    would add to the stories of scenarios that are not about it."""
    endpoints = write(work, entries, sections)
    with SandboxProcess(0, work, "--no-deploy") as sandbox:
        sandbox.wait_until_ready(lambda: None)
        made = World(Deployment(sandbox.url, work / "deployment", context={"endpoints": str(endpoints)}), entries)
        prepare(made)
        deploy(sandbox.url, made.deployment.work, context=made.deployment.context)
        made.begin()
        made.client("events").disable_rule(Name=JANITORS_RULE)
        for name in entries:
            Endpoint(made, name).schedule(on=False)
        yield made


@contextmanager
def _taking(world: World, verify: Callable[[str], object] = lambda name: None) -> Iterator[Take]:
    """Endpoints whose rules are on for the scenario, and whose records are audited at its end."""
    with ExitStack() as taken:

        def endpoint(name: str) -> Endpoint:
            one = Endpoint(world, name)
            one.schedule(on=True)
            taken.callback(one.schedule, on=False)
            taken.callback(verify, name)
            taken.callback(one.audit)
            taken.callback(world.advance)
            taken.callback(one.traffic, 0)
            return one

        taken.callback(world.mend)
        yield endpoint
