"""What keeps a rollout back or ends it for a reason that passes."""

from lambdas.gate import names
from lambdas.gate.decide.judgement import RETRY_SECONDS
from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import KPI
from tests.e2e.lines import FIRST, accepted, alert, approved, attempt, closed, deployed, held, opened, revoked
from tests.e2e.world import World


def test_an_alarm_that_fires_already_holds_a_rollout_and_not_the_way_back(take: Take, world: World) -> None:
    endpoint = take("guarded")
    endpoint.register()
    _kpi(world, 0)
    endpoint.publish(1)
    endpoint.register()
    endpoint.register()
    endpoint.publish(2)
    _kpi(world, 1)
    endpoint.approve(3)
    world.advance(900)
    story = [*FIRST, *deployed(2), approved(3), held(3)]
    assert endpoint.story() == story
    assert endpoint.summaries(Kind.HELD) == [f"the rollout would end at once: alarm {KPI} is in ALARM"]

    endpoint.reject(3)
    endpoint.reject(2)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    story += [revoked(3), revoked(2), *attempt(1, purpose="revert")]
    assert endpoint.story() == story
    assert endpoint.summaries(Kind.ATTEMPT_OPENED)[-1] == (
        f"guarded-models/2 is live and was revoked; back to guarded-models/1, without: alarm {KPI} is in ALARM"
    )

    endpoint.approve(2)
    assert endpoint.story() == [*story, approved(2), held(2)]
    _kpi(world, 0)
    assert endpoint.status() == "Updating"
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*story, approved(2), held(2), *attempt(2)]


def test_a_users_alarm_that_does_not_exist_holds_the_rollout(take: Take, world: World) -> None:
    endpoint = take("misnamed")
    endpoint.serving(versions=2)
    endpoint.approve(2)
    assert endpoint.story() == [*FIRST, approved(2), held(2)]
    assert endpoint.summaries(Kind.HELD) == ["the rollout would end at once: alarm nobody-made-it does not exist"]


def test_a_capacity_failure_is_tried_again_with_distance_and_not_quarantined(take: Take, world: World) -> None:
    endpoint = take("scarce")
    endpoint.serving(versions=2)
    world.fault(capacity={"instance_type": "ml.g5.xlarge", "available": 1})
    endpoint.approve(2)
    endpoint.settle()
    world.advance(300)
    endpoint.settle()
    failures = [*FIRST, *deployed(2, "failed"), *attempt(2, "failed")]
    assert endpoint.story() == failures
    first, second = (row.fact for row in endpoint.rows() if row.fact.detail.get("outcome") == "failed")
    assert "InsufficientInstanceCapacity" in first.summary
    assert (first.detail["quarantined"], first.detail["tried_again_at"] - first.at) == (False, 300)
    assert (second.detail["quarantined"], second.detail["tried_again_at"] - second.at) == (False, 900)
    world.mend()
    world.advance(900)
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*failures, *attempt(2)]


def test_a_version_without_capacity_is_given_up_in_the_end_and_people_are_told(take: Take, world: World) -> None:
    endpoint = take("exhausted")
    endpoint.serving(versions=2)
    world.fault(capacity={"instance_type": "ml.p4d.24xlarge", "available": 1})
    endpoint.approve(2)
    world.advance(6000)
    assert endpoint.story() == [*FIRST, approved(2), *4 * attempt(2, "failed"), alert(2)]
    assert endpoint.live() == ("InService", 1)
    assert endpoint.updates() == 4


def test_a_throttled_update_is_made_later_and_does_not_count_as_a_try(take: Take, world: World) -> None:
    endpoint = take("throttled")
    endpoint.serving(versions=2)
    _order(world, effect="throttle", action="sagemaker:UpdateEndpoint")
    endpoint.approve(2)
    assert endpoint.story() == [*FIRST, approved(2), opened(2), closed(2, "failed")]
    world.advance(60)
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*FIRST, approved(2), opened(2), closed(2, "failed"), *attempt(2)]
    assert endpoint.updates() == 1


def test_a_throttled_read_sends_the_deployer_a_delayed_copy_of_its_message(take: Take, world: World) -> None:
    endpoint = take("busy")
    endpoint.serving(versions=2)
    _order(world, effect="throttle", action="sagemaker:ListModelPackages", count=3)
    endpoint.approve(2)
    assert endpoint.story() == FIRST
    world.advance(30)
    endpoint.settle()
    assert endpoint.story() == [*FIRST, *deployed(2)]


def test_an_update_whose_answer_is_lost_is_recognised_and_not_made_twice(take: Take, world: World) -> None:
    endpoint = take("interrupted")
    endpoint.serving(versions=2)
    _order(world, effect="lose-answer", action="sagemaker:UpdateEndpoint")
    endpoint.approve(2)
    endpoint.settle()
    assert endpoint.story() == [*FIRST, *deployed(2)]
    assert (endpoint.live(), endpoint.updates()) == (("InService", 2), 1)


def test_an_update_whose_request_is_lost_is_made_once_more(take: Take, world: World) -> None:
    endpoint = take("disconnected")
    endpoint.serving(versions=2)
    _order(world, effect="lose-request", action="sagemaker:UpdateEndpoint")
    endpoint.approve(2)
    endpoint.settle()
    world.advance(RETRY_SECONDS[0])
    endpoint.settle()
    assert endpoint.story() == [*FIRST, approved(2), opened(2), closed(2, "failed"), *attempt(2)]
    assert (endpoint.live(), endpoint.updates()) == (("InService", 2), 1)


def test_revoking_the_version_in_flight_stops_its_rollout(take: Take, world: World) -> None:
    endpoint = take("recalled")
    endpoint.serving(versions=2)
    endpoint.traffic(2)
    endpoint.approve(2)
    world.advance(200)
    assert endpoint.served().keys() == {1, 2}
    endpoint.reject(2)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [
        *FIRST,
        approved(2),
        opened(2),
        accepted(2),
        revoked(2),
        (Kind.ABORT_REQUESTED, None, 2),
        closed(2, "aborted"),
    ]
    served = endpoint.served()[2]
    world.advance(60)
    assert endpoint.served()[2] == served


def test_a_version_that_turns_bad_after_it_went_live_gives_way_within_the_watch_window(take: Take) -> None:
    endpoint = take("burning")
    endpoint.serving(versions=2)
    endpoint.traffic(4)
    endpoint.publish(2)
    endpoint.annotate(2, **{"sandbox.error_rate": "0.5"})
    _until_updating(endpoint)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, *deployed(2), *attempt(1, purpose="revert")]


def _until_updating(endpoint: Endpoint) -> None:
    endpoint.pass_time(lambda: endpoint.status() == "Updating", within=600)


def _order(world: World, **fault: object) -> None:
    world.fault(function_call={"function": names.DEPLOYER, **fault})


def _kpi(world: World, value: float) -> None:
    """The user's alarm keeps its state until its metric says otherwise."""
    world.alarm_of_the_shop(KPI, "ConversionLow", value)
    for _ in range(4):
        world.advance(60)
