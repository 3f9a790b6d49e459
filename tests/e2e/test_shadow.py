"""A shadow variant that somebody adds by hand: it is on the record, it answers nobody, and the endpoint is held."""

from lambdas.gate.state.fact import Kind
from sandbox.demo.people import IMAGE
from tests.e2e.by_hand import ROLE
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.lines import deployed, held
from tests.e2e.world import World

CONFIG = "shadowed-by-hand"


def test_a_shadow_is_recorded_and_holds_until_it_is_gone(take: Take, world: World) -> None:
    endpoint = take("shadowed")
    endpoint.serving(2)
    before = _config(endpoint)
    _add_shadow(world, endpoint, before)
    endpoint.settle()
    world.advance(300)
    assert endpoint.summaries(Kind.CHANGED_BY_HAND) == [
        f"manual change: the endpoint serves {CONFIG} instead of {before}; "
        f"its variants are AllTraffic ({endpoint.group}/1), Candidate (shadow, no version)"
    ]
    assert [endpoint.call()["version"] for _ in range(10)] == [1] * 10
    (seen,) = (each for each in world.control("endpoints") if each["name"] == endpoint.name)
    assert seen["copied"] == {CONFIG: {"200": 5}}
    endpoint.approve(2)
    world.advance(300)
    (reason,) = endpoint.summaries(Kind.HELD)
    assert reason.startswith("the endpoint's variants are AllTraffic, Candidate (shadow), but the spec's is AllTraffic")
    assert (endpoint.live(), endpoint.story()[-1]) == (("InService", 1), held(None))
    world.client("sagemaker").update_endpoint(EndpointName=endpoint.name, EndpointConfigName=before)
    endpoint.settle()
    world.advance(300)
    assert len(endpoint.summaries(Kind.CHANGED_BY_HAND)) == 2
    endpoint.register()
    endpoint.publish(3)
    assert endpoint.story()[-len(deployed(3)) :] == deployed(3)


def _config(endpoint: Endpoint) -> str:
    found = endpoint.describe()
    assert found
    return str(found["EndpointConfigName"])


def _add_shadow(world: World, endpoint: Endpoint, before: str) -> None:
    """Put a config on the endpoint with its production variant and a shadow, which gets half of the requests."""
    sagemaker = world.client("sagemaker")
    (production,) = sagemaker.describe_endpoint_config(EndpointConfigName=before)["ProductionVariants"]
    container = {"Image": IMAGE, "ModelDataUrl": f"{endpoint.artifacts}model.tar.gz"}
    sagemaker.create_model(ModelName=CONFIG, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    shadow = production | {"VariantName": "Candidate", "ModelName": CONFIG, "InitialVariantWeight": 0.5}
    sagemaker.create_endpoint_config(
        EndpointConfigName=CONFIG, ProductionVariants=[production], ShadowProductionVariants=[shadow]
    )
    sagemaker.update_endpoint(EndpointName=endpoint.name, EndpointConfigName=CONFIG)
    world.advance()
