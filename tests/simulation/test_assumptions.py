"""The switches: what AWS does not document makes a difference in the world and none to the invariants, which rest on
the others."""

import dataclasses
from collections.abc import Callable
from functools import partial

import pytest

from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.faults.injection import Faults, Kinds
from simulation.faults.kinds import Kind
from simulation.oracle import invariants
from simulation.scenarios.index import SCENARIOS
from simulation.world.example import KPI, arn
from simulation.world.world import World
from tests.simulation.nth import Planned, finished
from world.assumptions import UNDOCUMENTED, Assumptions

FIELDS = [field.name for field in dataclasses.fields(Assumptions)]


class Burning(Faults):
    """The user's alarm fires for version 2 after preflight, right before the call."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        if what == "UpdateEndpoint" and not self.injected:
            self.injected[point] = Kind.ALARM
            self._world.fire(KPI)
            self._world.blames(arn(2))
        return None


def firing(assumptions: Assumptions) -> Run:
    run = begin(Schedule("approve", assumptions), SCENARIOS["approve"])
    run.world.faults = Burning(run.world)
    run.finish()
    return run


def scenario(name: str) -> Callable[[Assumptions], Run]:
    return lambda assumptions: finished(name, assumptions=assumptions)


MEETS = {
    "rolling_back_shows": scenario("errs"),
    "rollback_gives_reason": scenario("errs"),
    "rollback_moves_modified": scenario("errs"),
    "rollback_keeps_deployment": scenario("errs"),
    "alarms_from_launch": scenario("revoke-launching"),
    "firing_alarm_refused": firing,
    "patching_moves_modified": scenario("patched"),
    "updating_shows_old_config": scenario("by-hand"),
    "metric_math_refused": scenario("errs"),
    "metric_math_watched": scenario("errs"),
    "latency_has_ranks": scenario("slower"),
}
"""Where each makes a difference."""
RESTS: dict[str, tuple[Planned, int]] = {
    "functions_end_in_time": (("UpdateEndpoint", 1, Kind.PAUSED), 5),
    "calls_land_in_time": (("UpdateEndpoint", 1, Kind.LATE), 5),
}
"""The fault by which an invariant falls without it, and which."""
SAME = [
    "live_config_refused",
    "serverless_has_guardrails",
    "image_digest_filled_in",
    "account_has_trail",
    "model_shows_containers",
    "shadow_guardrails_refused",
    "shadow_has_guardrails",
    "shadow_relaunches",
    "rollback_keeps_shadow",
    "shadow_metrics_name_config",
    "captures_share_event_id",
]
"""Those that no schedule switches."""


def flipped(*names: str) -> Assumptions:
    return dataclasses.replace(Assumptions(), **{name: not getattr(Assumptions(), name) for name in names})


def violations(run: Run, faults: int = 0) -> tuple[str, ...]:
    return invariants.judge(run.world, faults, **run.scenario.judged)


def test_the_invariants_tolerate_or_rest_on_each_switch() -> None:
    assert sorted([*MEETS, *RESTS, *SAME]) == sorted(FIELDS)
    assert flipped(*MEETS) == Assumptions.from_code("".join(UNDOCUMENTED))


@pytest.mark.parametrize("name", MEETS)
def test_either_answer_makes_a_difference_and_breaks_no_invariant(name: str) -> None:
    one, other = MEETS[name](Assumptions()), MEETS[name](flipped(name))
    assert one.world.digest() != other.world.digest()
    assert (violations(one), violations(other)) == ((), ())


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_invariant_is_broken_where_every_answer_is_the_other_one(name: str) -> None:
    assert violations(finished(name, assumptions=flipped(*MEETS))) == ()


@pytest.mark.parametrize("name", RESTS)
def test_an_invariant_falls_without_what_it_rests_on(name: str) -> None:
    fault, number = RESTS[name]
    run = partial(finished, "revoke-launching", fault)
    assert violations(run(), 1) == ()
    broken = violations(run(assumptions=flipped(name)), 1)
    assert any(violation.startswith(f"{number}:") for violation in broken)
