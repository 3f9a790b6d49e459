"""The switches: what AWS does not document makes a difference in the world and none to the invariants, which rest on
the others."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.faults.injection import Faults, Kinds
from simulation.faults.kinds import Kind
from simulation.oracle import invariants
from simulation.scenarios.index import SCENARIOS
from simulation.world.example import KPI, NAME, arn
from simulation.world.traffic import get_metric_data
from simulation.world.world import World
from tests.simulation.nth import Planned, finished
from world.assumptions import UNDOCUMENTED, Assumptions
from world.call import Call

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
    "shadow_guardrails_refused": scenario("shadow"),
    "shadow_has_guardrails": scenario("shadow-kpi"),
    "shadow_relaunches": scenario("shadow"),
    "rollback_keeps_shadow": scenario("shadow-errs"),
    "latency_has_ranks": scenario("slower"),
}
"""Where each makes a difference."""
ALIKE = {"old_fleet_metrics_name_config": "worse"}
"""Where AWS answers in another way, and the product does the same."""
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
    "shadow_metrics_name_config",
    "captures_share_event_id",
]
"""Those that no schedule switches."""


def flipped(*names: str) -> Assumptions:
    return dataclasses.replace(Assumptions(), **{name: not getattr(Assumptions(), name) for name in names})


def violations(run: Run, faults: int = 0) -> tuple[str, ...]:
    return invariants.judge(run.world, faults, **run.scenario.judged)


def test_the_invariants_tolerate_or_rest_on_each_switch() -> None:
    assert sorted([*MEETS, *ALIKE, *RESTS, *SAME]) == sorted(FIELDS)
    assert flipped(*MEETS, *ALIKE) == Assumptions.from_code("".join(UNDOCUMENTED))


@pytest.mark.parametrize("name", MEETS)
def test_either_answer_makes_a_difference_and_breaks_no_invariant(name: str) -> None:
    one, other = MEETS[name](Assumptions()), MEETS[name](flipped(name))
    assert one.world.digest() != other.world.digest()
    assert (violations(one), violations(other)) == ((), ())


@pytest.mark.parametrize("name", ALIKE)
def test_either_answer_leads_to_the_same(name: str) -> None:
    one, other = finished(ALIKE[name]), finished(ALIKE[name], assumptions=flipped(name))
    assert one.world.digest() == other.world.digest()
    assert (violations(one), violations(other)) == ((), ())


def test_the_metrics_of_the_old_fleet_may_not_name_its_config_during_a_rollout() -> None:
    counted = [_of_the_old_fleet(finished("worse", assumptions=a)) for a in (Assumptions(), flipped(*ALIKE))]
    shared = [at for at in counted[0] if at not in counted[1]]
    assert (len(counted[0]) - len(counted[1]), len(shared)) == (len(shared), len(shared))
    assert len(shared) > 3


def _of_the_old_fleet(run: Run) -> list[datetime]:
    """The minutes of the first rollout for which AWS has requests under the old fleet's config."""
    world = run.world
    old, new = (update for update in world.hosted.updates[:2])
    fleet = {"EndpointName": NAME, "VariantName": "AllTraffic", "EndpointConfigName": old.config}
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": named(fleet)}
    query = {"Id": "old", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    start, end = (datetime.fromtimestamp(at // 60 * 60, UTC) for at in (new.at, new.at + 600))
    answer = get_metric_data(world, Call({"MetricDataQueries": [query], "StartTime": start, "EndTime": end}))
    times: list[datetime] = answer["MetricDataResults"][0]["Timestamps"]
    return times


def named(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_invariant_is_broken_where_every_answer_is_the_other_one(name: str) -> None:
    assert violations(finished(name, assumptions=flipped(*MEETS, *ALIKE))) == ()


@pytest.mark.parametrize("name", RESTS)
def test_an_invariant_falls_without_what_it_rests_on(name: str) -> None:
    fault, number = RESTS[name]
    run = partial(finished, "revoke-launching", fault)
    assert violations(run(), 1) == ()
    broken = violations(run(assumptions=flipped(name)), 1)
    assert any(violation.startswith(f"{number}:") for violation in broken)
