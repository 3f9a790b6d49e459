"""When a version may go: freezes, soaks, stages and pauses."""

from lambdas.gate.state.fact import Kind
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.governed import FREEZE_PERIOD_SECONDS, FREEZE_SECONDS, PRODUCTION, SOAK_SECONDS
from tests.e2e.lines import FIRST, approved, attempt, deployed, held, revoked
from tests.e2e.world import SCHEDULE_SECONDS, World


def test_a_version_approved_in_a_freeze_goes_by_itself_when_it_ends(take_governed: Take, governed_world: World) -> None:
    world, endpoint = governed_world, take_governed("frozen")
    endpoint.register()
    into_the_period = world.now() % FREEZE_PERIOD_SECONDS
    if into_the_period > FREEZE_SECONDS - 600:
        world.advance(FREEZE_PERIOD_SECONDS - into_the_period + 60)
    endpoint.approve(1)
    end = world.now() - world.now() % FREEZE_PERIOD_SECONDS + FREEZE_SECONDS
    assert (endpoint.live(), endpoint.story()) == (None, [approved(1), held(1)])
    world.advance(end - world.now() - 1)
    assert (endpoint.live(), endpoint.story()) == (None, [approved(1), held(1)])
    world.advance(60)
    assert endpoint.status() == "Creating"
    endpoint.settle()
    assert endpoint.story() == [approved(1), held(1), *FIRST[1:]]
    assert endpoint.checks(Kind.HELD)["freeze"] == "failed"


def test_a_version_goes_to_production_once_it_was_quiet_on_staging_for_an_hour(
    take_governed: Take, governed_world: World
) -> None:
    staging, production = take_governed("staging"), take_governed("soaked")
    staging.register()
    staging.publish(1)
    live_at = governed_world.now()
    shut = [approved(1), held(1), held(1)]
    assert production.story() == shut
    assert "what was approved was never live on staging" in production.summaries(Kind.HELD)[0]
    assert "live there since" in production.summaries(Kind.HELD)[1]
    assert production.checks(Kind.HELD)["soak"] == "failed"
    production.pass_time(lambda: production.live() is not None, within=SOAK_SECONDS + 300)
    assert governed_world.now() - live_at >= SOAK_SECONDS - 60
    production.settle()
    assert production.live() == ("InService", 1)
    assert production.story() == [*shut, *FIRST[1:]]


def test_a_version_counts_as_approved_at_its_stage_only(take_governed: Take, governed_world: World) -> None:
    endpoint = take_governed("staged")
    endpoint.register(fields={"ModelLifeCycle": {"Stage": "Development", "StageStatus": "Approved"}})
    endpoint.register()
    endpoint.approve(1)
    endpoint.approve(2)
    governed_world.advance(600)
    assert (endpoint.live(), endpoint.story()) == (None, [])
    endpoint.update(1, ModelLifeCycle=PRODUCTION)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), FIRST)
    endpoint.update(2, ModelLifeCycle=PRODUCTION)
    endpoint.settle()
    assert endpoint.story() == [*FIRST, *deployed(2)]
    endpoint.update(2, ModelLifeCycle=PRODUCTION | {"Stage": "Retired"})
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, *deployed(2), revoked(2), *attempt(1, purpose="revert")]


def test_a_pause_of_all_endpoints_holds_each_of_them(take_governed: Take, governed_world: World) -> None:
    endpoint = take_governed("paused")
    version = endpoint.register()
    command_line.run(governed_world, "pause", "--all", "--reason", "end-of-year close")
    endpoint.approve(version)
    governed_world.advance(600)
    assert (endpoint.live(), endpoint.story()) == (None, [approved(version), held(version)])
    assert endpoint.summaries(Kind.HELD) == ["all endpoints are paused: end-of-year close"]
    command_line.run(governed_world, "resume", "--all")
    governed_world.advance(SCHEDULE_SECONDS)
    endpoint.settle()
    assert endpoint.story() == [approved(version), held(version), *attempt(version, purpose="create")]
