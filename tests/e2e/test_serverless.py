"""A serverless endpoint: nothing guards an update, and the watch after it brings the version before back."""

from click.testing import CliRunner

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from ops.cli import cli
from sandbox.app.deployment import operator_environment
from tests.e2e.conftest import Take
from tests.e2e.lines import FIRST, accepted, alert, approved, attempt, closed, deployed, opened, revoked
from tests.e2e.world import World

STANDING = names.standing_alarm("momentary", "5xx")


def test_a_version_that_errs_once_it_is_live_gives_way_to_the_one_before(take: Take, world: World) -> None:
    endpoint = take("momentary")
    endpoint.serving()
    sagemaker = world.client("sagemaker")
    described = endpoint.describe()
    assert described
    config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    (variant,) = config["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 20}
    assert "InstanceType" not in variant

    endpoint.traffic(10)
    endpoint.register(error_rate="0.5")
    endpoint.publish(2)
    assert endpoint.story() == [*FIRST, *deployed(2)]
    assert "LastDeploymentConfig" not in sagemaker.describe_endpoint(EndpointName="momentary")

    endpoint.pass_time(lambda: endpoint.live() == ("InService", 1), within=900)
    endpoint.settle()
    story = [*FIRST, *deployed(2), *attempt(1, purpose="revert")]
    assert endpoint.story() == story
    (_, _, back) = endpoint.summaries(Kind.ATTEMPT_OPENED)
    assert back.startswith(f"momentary-models/2 is live and {STANDING} fired: Threshold Crossed")
    assert back.endswith("back to momentary-models/1")
    (_, live, again) = endpoint.summaries(Kind.ATTEMPT_CLOSED)
    assert (live, again) == ("momentary-models/2 is live", "momentary-models/1 is live")

    checked = CliRunner().invoke(cli, ["doctor", "momentary"], env=operator_environment(world.url)).output.splitlines()
    assert "agrees    a serverless endpoint's errors are Invocation5XXErrors" in checked

    # The alarm is out, and the version is quarantined: nothing moves any more.
    world.advance(1800)
    assert (endpoint.live(), endpoint.story(), endpoint.updates()) == (("InService", 1), story, 2)


def test_a_version_rejected_in_flight_goes_live_as_it_cannot_be_stopped_and_gives_way(take: Take, world: World) -> None:
    endpoint = take("momentary-recalled")
    endpoint.serving(versions=2)
    endpoint.approve(2)
    world.advance(30)
    endpoint.reject(2)
    endpoint.settle()
    (told,) = endpoint.summaries(Kind.ALERT)
    assert told == (
        "momentary-recalled-models/2 was revoked during its rollout; an update of a serverless endpoint cannot be "
        "aborted; the new version is judged once it is live"
    )
    flight = [approved(2), opened(2), accepted(2), revoked(2), alert(2), closed(2, "succeeded")]
    assert endpoint.story() == [*FIRST, *flight, *attempt(1, purpose="revert")]
    assert endpoint.live() == ("InService", 1)
