"""An asynchronous endpoint, which is called through S3: rolled out, judged and rolled back like any other."""

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.lines import FIRST, deployed
from tests.e2e.world import SCIENTIST, World

OUTPUT = {"S3OutputPath": "s3://e2e-models/out/", "S3FailurePath": "s3://e2e-models/failed/"}


def test_a_good_version_goes_live_and_a_bad_or_a_slow_one_goes_back(take: Take, world: World) -> None:
    endpoint = take("unhurried")
    endpoint.serving()
    sagemaker, s3 = world.client("sagemaker"), world.client("s3", SCIENTIST)
    described = endpoint.describe()
    assert described
    config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    assert config["AsyncInferenceConfig"] == {"OutputConfig": OUTPUT}

    s3.put_object(Bucket="e2e-models", Key="in/1", Body=b"1,2,3")
    called = world.client("sagemaker-runtime", SCIENTIST).invoke_endpoint_async(
        EndpointName=endpoint.name, ContentType="text/csv", InputLocation="s3://e2e-models/in/1"
    )
    bucket, _, key = called["OutputLocation"].removeprefix("s3://").partition("/")
    assert b'"version": 1' in s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    endpoint.traffic(10)
    endpoint.register()
    endpoint.publish(2)
    (_, judged) = endpoint.summaries(Kind.ATTEMPT_CLOSED)
    assert judged.startswith("unhurried-models/2 is live; ")
    assert int(judged.split("; ")[1].split()[0]) > 100

    signals = {"5xx": endpoint.register(error_rate="0.5"), "average-latency": endpoint.register(latency_ms="900")}
    story = [*FIRST, *deployed(2)]
    for signal, version in signals.items():
        endpoint.approve(version)
        endpoint.settle()
        story += deployed(version, "rolled_back")
        alarm = names.rollout_alarm(endpoint.name, _tried(endpoint), signal)
        assert endpoint.summaries(Kind.ATTEMPT_CLOSED)[-1].startswith(
            f"unhurried-models/{version} was rolled back: {alarm} fired"
        )
        assert (endpoint.live(), endpoint.story()) == (("InService", 2), story)


def _tried(endpoint: Endpoint) -> str:
    """The config of the last attempt."""
    (*_, last) = (row.fact for row in endpoint.rows() if row.fact.kind is Kind.ATTEMPT_OPENED)
    return str(last.detail["endpoint_config"])
