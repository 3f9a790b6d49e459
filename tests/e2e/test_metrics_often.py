"""High-resolution metrics: a faulty canary is rolled back sooner than two periods of a minute would allow."""

from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, deployed
from tests.e2e.world import World


def test_a_faulty_canary_is_seen_within_a_minute_of_its_first_requests(take: Take, world: World) -> None:
    endpoint = take("watchful")
    endpoint.register()
    endpoint.publish(1)
    endpoint.register()
    endpoint.annotate(2, **{"sandbox.error_rate": "0.5"})
    endpoint.traffic(5)
    endpoint.approve(2)
    endpoint.pass_time(lambda: 2 in endpoint.served(), within=600)
    begun = world.now()
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), [*FIRST, *deployed(2, "rolled_back")])
    closed = next(row.fact for row in reversed(endpoint.rows()) if row.fact.kind is Kind.ATTEMPT_CLOSED)
    assert closed.detail["fired"][0]["at"] - begun < 60
