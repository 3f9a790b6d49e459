"""The version that a revert takes is looked after while another one is live."""

from lambdas.gate.state.fact import Kind
from tests.e2e.command_line import run
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.governed import BUCKET
from tests.e2e.lines import attempt
from tests.e2e.world import SCHEDULE_SECONDS, World


def _place(endpoint: Endpoint, number: int) -> dict[str, str]:
    return {"Bucket": BUCKET, "Key": f"{endpoint.name}/{number}.tar.gz"}


def _status(world: World, endpoint: Endpoint) -> list[tuple[str, str]]:
    """What `status` says of the former versions: the label, and the version's number."""
    lines = [line.strip() for line in run(world, "status", endpoint.name).splitlines()]
    shown = (line for line in lines if line.startswith(("last good", "no revert")))
    return [(line[:9], line.split(f"{endpoint.group}/")[1].split()[0].rstrip(":")) for line in shown]


def test_the_loss_of_the_last_good_version_is_reported_and_a_revert_takes_the_next(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint, s3 = governed_world, take_governed("looked-after"), governed_world.client("s3")
    for number in (1, 2, 3):
        s3.put_object(**_place(endpoint, number), Body=b"reviewed")
        endpoint.register(model=f"{number}.tar.gz")
    world.advance(60)
    endpoint.publish(1, 2, 3)
    world.advance(SCHEDULE_SECONDS)
    assert _status(world, endpoint) == [("last good", "2"), ("last good", "1")]

    overwritten = s3.put_object(**_place(endpoint, 2), Body=b"another")["VersionId"]
    world.advance(3 * SCHEDULE_SECONDS)
    (lost,) = endpoint.summaries(Kind.ALERT)
    assert lost.startswith(f"a revert does not take {endpoint.group}/2 (s3://{BUCKET}/{endpoint.name}/2.tar.gz was ")
    assert f"it takes {endpoint.group}/1 instead" in lost
    assert _status(world, endpoint) == [("last good", "1"), ("no revert", "2")]

    s3.delete_object(**_place(endpoint, 2), VersionId=overwritten)
    world.advance(3 * SCHEDULE_SECONDS)
    assert len(endpoint.summaries(Kind.CONTENT_RESTORED)) == 1
    assert _status(world, endpoint) == [("last good", "2"), ("last good", "1")]

    s3.delete_object(**_place(endpoint, 2))
    world.advance(2 * SCHEDULE_SECONDS)
    assert len(endpoint.summaries(Kind.ALERT)) == 2
    endpoint.reject(3)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story()[-3:] == attempt(1, purpose="revert")
