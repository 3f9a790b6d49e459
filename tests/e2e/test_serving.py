"""The variant's other settings: what SageMaker is given of them, and that a change is a rollout of the same version."""

from typing import Any

from sandbox.app.deployment import Deployment
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import SERVING
from tests.e2e.lines import FIRST, SPEC_CHANGED, attempt
from tests.e2e.world import World


def test_changing_a_setting_rolls_out_the_same_version_with_it(take: Take, world: World, edited: Deployment) -> None:
    endpoint = take("configured")
    endpoint.serving()
    before, model, endpoint_described = _described(world, endpoint)
    assert model["Containers"][0]["Environment"] == {"LOG_LEVEL": "info"}
    assert (model["VpcConfig"], model["EnableNetworkIsolation"]) == (
        {"Subnets": SERVING["vpc"]["subnets"], "SecurityGroupIds": SERVING["vpc"]["security_groups"]},
        True,
    )
    assert before["KmsKeyId"] == SERVING["kms_key"]
    assert before["ProductionVariants"][0]["ContainerStartupHealthCheckTimeoutInSeconds"] == 600
    assert before["ProductionVariants"][0]["ModelDataDownloadTimeoutInSeconds"] == 900
    assert endpoint_described["DataCaptureConfig"]["CurrentSamplingPercentage"] == 20

    edited.deploy_stack("ApprovalGate-configured")
    world.advance()
    endpoint.settle()
    after, model, endpoint_described = _described(world, endpoint)
    assert model["Containers"] == [{"ModelPackageName": endpoint.arn(1), "Environment": {"LOG_LEVEL": "debug"}}]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    assert endpoint_described["DataCaptureConfig"]["CurrentSamplingPercentage"] == 5
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, SPEC_CHANGED, *attempt(1, purpose="resize")]


def _described(world: World, endpoint: Endpoint) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The endpoint's config, its model and the endpoint itself."""
    sagemaker = world.client("sagemaker")
    described = sagemaker.describe_endpoint(EndpointName=endpoint.name)
    config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    return config, model, described
