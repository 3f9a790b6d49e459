"""The deployer dies between any two of its calls: the same end, whichever two they were.

It dies before each call, and after the last; a death after one call leaves the same world as a death before the next.
What a dead deployer had received is seen again after the visibility timeout, so a dozen endpoints crash at one moment
and recover together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lambdas.gate import names, timing
from lambdas.gate.decide.judgement import RETRY_SECONDS
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


def test_a_crash_between_any_two_calls_of_an_update_leads_to_the_same_end(
    endpoints: list[Endpoint], world: World
) -> None:
    calls = _calls_of_an_update(endpoints[0], world)
    assert "sagemaker:UpdateEndpoint" in calls
    for crashing in _dozens(_deaths(calls), endpoints):
        stands = [_Stand(endpoint) for _, endpoint in crashing]
        for death, endpoint in crashing:
            version = endpoint.register()
            death.order(world)
            endpoint.approve(version)
            death.assert_died(world)
        _assert_same_end(crashing, stands, world)


def test_a_crash_between_any_two_calls_that_close_an_attempt_leads_to_the_same_end(
    endpoints: list[Endpoint], world: World
) -> None:
    calls = _calls_of_a_closing(endpoints[0], world)
    assert calls[-1] == "cloudwatch:DeleteAlarms"
    for crashing in _dozens(_deaths(calls), endpoints):
        stands = [_Stand(endpoint) for _, endpoint in crashing]
        world.pass_schedules()
        for _, endpoint in crashing:
            endpoint.approve(endpoint.register())
            world.advance(1)
        # The first of them is in service now, and each of the others a second after the one before.
        world.advance(ROLLOUT_SECONDS - len(crashing) - 0.5)
        for death, _ in crashing:
            death.order(world)
            world.advance(1)
            death.assert_died(world)
        _assert_same_end(crashing, stands, world)


@dataclass(frozen=True)
class _Death:
    """Of the deployer, at one of its calls, counted from 1."""

    effect: str
    call: int
    action: str

    def order(self, world: World) -> None:
        world.fault(function_call={"function": names.DEPLOYER, "effect": self.effect, "call": self.call})

    def assert_died(self, world: World) -> None:
        assert world.control("faults")["function_calls"] == [], f"There was no {self}."


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


def _deaths(calls: list[str]) -> list[_Death]:
    before = [_Death("kill-before", number, action) for number, action in enumerate(calls, 1)]
    return [*before, _Death("kill-after", len(calls), calls[-1])]


def _dozens(deaths: list[_Death], endpoints: list[Endpoint]) -> Iterator[list[tuple[_Death, Endpoint]]]:
    """Each death with the endpoint that it befalls, as many at a time as there are endpoints."""
    for first in range(0, len(deaths), len(endpoints)):
        yield list(zip(deaths[first:], endpoints, strict=False))


def _assert_same_end(crashing: list[tuple[_Death, Endpoint]], stands: list[_Stand], world: World) -> None:
    # What died right before the call is tried once more by itself, as nobody sees a sign of it.
    world.advance(timing.VISIBILITY_TIMEOUT + RETRY_SECONDS[0] + timing.LOCK)
    for (death, endpoint), stand in zip(crashing, stands, strict=True):
        endpoint.settle()
        stand.assert_one_update(str(death))


def _calls_of_an_update(endpoint: Endpoint, world: World) -> list[str]:
    version = endpoint.register()
    before = len(world.calls())
    endpoint.approve(version)
    calls: list[str] = world.calls()[before]["calls"]
    endpoint.settle()
    return calls


def _calls_of_a_closing(endpoint: Endpoint, world: World) -> list[str]:
    world.pass_schedules()
    endpoint.approve(endpoint.register())
    world.advance(ROLLOUT_SECONDS - 0.5)
    before = len(world.calls())
    world.advance(1)
    calls: list[str] = world.calls()[before]["calls"]
    endpoint.settle()
    return calls
