"""The deployer dies between any two of its calls: the same end, whichever two they were.

What a dead deployer had received is seen again after the visibility timeout, so a dozen endpoints crash at one moment
and recover together.
"""

from collections.abc import Iterator

import pytest

from lambdas.gate import names, timing
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import CRASHING
from tests.e2e.lines import approved, attempt, closed, opened
from tests.e2e.world import World

ROLLOUT_SECONDS = 120 + 10 + 300 + 30
"""Of an all-at-once rollout in the sandbox: launch, activation, bake, teardown."""


@pytest.fixture
def endpoints(take: Take) -> list[Endpoint]:
    """All of them serve a version."""
    taken = [take(name) for name in CRASHING]
    for endpoint in taken:
        if endpoint.live() is None:
            endpoint.approve(endpoint.register())
    for endpoint in taken:
        endpoint.settle()
    return taken


@pytest.mark.parametrize("effect", ["kill-before", "kill-after"])
def test_a_crash_between_any_two_calls_of_an_update_leads_to_the_same_end(
    effect: str, endpoints: list[Endpoint], world: World
) -> None:
    calls = _calls_of_an_update(endpoints[0], world)
    assert "sagemaker:UpdateEndpoint" in calls
    for crashing in _dozens(len(calls), endpoints):
        stands = [_Stand(endpoint) for endpoint in crashing.values()]
        for call, endpoint in crashing.items():
            version = endpoint.register()
            _kill(world, effect, call)
            endpoint.approve(version)
            _assert_killed(world, call)
        world.advance(timing.VISIBILITY_TIMEOUT)
        for (call, endpoint), stand in zip(crashing.items(), stands, strict=True):
            endpoint.settle()
            stand.assert_one_update(f"{effect} call {call}, {calls[call - 1]}")


@pytest.mark.parametrize("effect", ["kill-before", "kill-after"])
def test_a_crash_between_any_two_calls_that_close_an_attempt_leads_to_the_same_end(
    effect: str, endpoints: list[Endpoint], world: World
) -> None:
    calls = _calls_of_a_closing(endpoints[0], world)
    assert calls[-1] == "cloudwatch:DeleteAlarms"
    (crashing,) = _dozens(len(calls), endpoints)
    stands = [_Stand(endpoint) for endpoint in crashing.values()]
    for endpoint in crashing.values():
        endpoint.approve(endpoint.register())
        world.advance(1)
    # The first of them is in service now, and each of the others a second after the one before.
    world.advance(ROLLOUT_SECONDS - len(crashing) - 0.5)
    for call in crashing:
        _kill(world, effect, call)
        world.advance(1)
        _assert_killed(world, call)
    world.advance(timing.VISIBILITY_TIMEOUT)
    for (call, endpoint), stand in zip(crashing.items(), stands, strict=True):
        endpoint.settle()
        stand.assert_one_update(f"{effect} call {call}, {calls[call - 1]}")


class _Stand:
    """Where an endpoint stands before an approval of its next version."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._rows = len(endpoint.story())
        self._updates = endpoint.updates()
        live = endpoint.live()
        assert live
        assert live[1]
        self._next = live[1] + 1

    def assert_one_update(self, crash: str) -> None:
        """One update; and one attempt, but for another where the crash came before SageMaker was called."""
        version, endpoint = self._next, self._endpoint
        story = endpoint.story()[self._rows :]
        plain = [approved(version), *attempt(version)]
        again = [approved(version), opened(version), closed(version, "failed"), *attempt(version)]
        assert story in (plain, again), crash
        assert endpoint.live() == ("InService", version), crash
        assert endpoint.updates() - self._updates == 1, crash


def _dozens(calls: int, endpoints: list[Endpoint]) -> Iterator[dict[int, Endpoint]]:
    """Every call from 1 on, with the endpoint whose deployer dies at it."""
    for first in range(1, calls + 1, len(endpoints)):
        last = min(first + len(endpoints) - 1, calls)
        yield dict(zip(range(first, last + 1), endpoints, strict=False))


def _calls_of_an_update(endpoint: Endpoint, world: World) -> list[str]:
    version = endpoint.register()
    before = len(world.calls())
    endpoint.approve(version)
    calls: list[str] = world.calls()[before]["calls"]
    endpoint.settle()
    return calls


def _calls_of_a_closing(endpoint: Endpoint, world: World) -> list[str]:
    endpoint.approve(endpoint.register())
    world.advance(ROLLOUT_SECONDS - 0.5)
    before = len(world.calls())
    world.advance(1)
    calls: list[str] = world.calls()[before]["calls"]
    endpoint.settle()
    return calls


def _kill(world: World, effect: str, call: int) -> None:
    world.fault(function_call={"function": names.DEPLOYER, "effect": effect, "call": call})


def _assert_killed(world: World, call: int) -> None:
    assert world.control("faults")["function_calls"] == [], f"There was no call {call}."
