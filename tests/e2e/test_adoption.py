"""An endpoint that was there before the gate was."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ruamel.yaml import YAML

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from sandbox.app.deployment import Deployment
from tests.e2e import by_hand
from tests.e2e.command_line import run
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import ENTRIES, write
from tests.e2e.lines import deployed, held
from tests.e2e.world import World


def test_an_adopted_endpoint_stays_as_it_is_until_the_next_approval(take: Take, world: World) -> None:
    endpoint = take("adopted")
    world.advance(1200)
    assert (endpoint.live(), endpoint.story(), endpoint.updates()) == (("InService", 4), [], 0)
    assert endpoint.summaries(Kind.BASELINE) == [
        "First reconcile: adopted with config adopted-by-hand, which serves adopted-models/4"
    ]
    endpoint.register()
    endpoint.publish(11)
    assert endpoint.story() == deployed(11)
    endpoint.reject(11)
    endpoint.settle()
    assert endpoint.live() == ("InService", 4)


def test_an_endpoint_nobody_opted_in_is_held_and_goes_once_it_is_tagged(take: Take, world: World) -> None:
    endpoint = take("not-opted-in")
    endpoint.register()
    endpoint.approve(11)
    world.advance(900)
    assert endpoint.live() == ("InService", 4)
    story = [(Kind.APPROVAL_SEEN, None, 11), held(11)]
    assert endpoint.story() == story
    described = endpoint.describe()
    assert described
    arn = described["EndpointArn"]
    assert endpoint.summaries(Kind.HELD) == [
        f"the endpoint is not opted in: aws sagemaker add-tags --resource-arn {arn} --tags "
        "Key=approval-gate,Value=managed"
    ]
    sagemaker = world.as_function(names.DEPLOYER, "sagemaker")
    for call, request in (
        (sagemaker.update_endpoint, {"EndpointName": endpoint.name, "EndpointConfigName": "not-opted-in-by-hand"}),
        (sagemaker.add_tags, {"ResourceArn": arn, "Tags": [{"Key": names.TAG_KEY, "Value": names.TAG_VALUE}]}),
        (sagemaker.delete_endpoint, {"EndpointName": endpoint.name}),
        (
            sagemaker.update_model_package,
            {"ModelPackageArn": endpoint.arn(11), "ModelApprovalStatus": "Approved"},
        ),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call(**request)
    world.client("sagemaker").add_tags(ResourceArn=arn, Tags=[{"Key": names.TAG_KEY, "Value": names.TAG_VALUE}])
    world.advance(300)
    endpoint.settle()
    assert endpoint.live() == ("InService", 11)
    assert endpoint.story() == [*story, *deployed(11)[1:]]


def test_settings_that_the_entry_lacks_hold_the_rollout_and_the_printed_entry_keeps_them(
    take: Take, world: World, tmp_path: Path
) -> None:
    endpoint = take("equipped")
    before = _described(world, endpoint)
    endpoint.register()
    endpoint.approve(11)
    world.advance(900)
    assert endpoint.live() == ("InService", 4)
    story = [(Kind.APPROVAL_SEEN, None, 11), held(11)]
    assert endpoint.story() == story
    (reason,) = endpoint.summaries(Kind.HELD)
    assert all(key in reason for key in ("kms_key", "vpc", "network_isolation", "environment", "data_capture"))
    printed = YAML(typ="safe", pure=True).load(run(world, "adopt", "equipped"))
    entry = ENTRIES["equipped"] | printed["endpoints"]["equipped"]
    file = write(tmp_path, ENTRIES | {"equipped": entry})
    Deployment(world.url, tmp_path / "deployment", context={"endpoints": str(file)}).redeploy("ApprovalGate-equipped")
    world.advance(300)
    endpoint.settle()
    assert endpoint.live() == ("InService", 11)
    assert _described(world, endpoint) == before


def _described(world: World, endpoint: Endpoint) -> dict[str, Any]:
    """What must not be lost, as SageMaker describes it."""
    sagemaker = world.client("sagemaker")
    name = sagemaker.describe_endpoint(EndpointName=endpoint.name)["EndpointConfigName"]
    config = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    (variant,) = config["ProductionVariants"]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    return {
        **{field: config[field] for field in by_hand.CONFIG_SETTINGS},
        **{field: model[field] for field in by_hand.MODEL_SETTINGS},
        "Environment": model["Containers"][0]["Environment"],
        "seconds": variant["ContainerStartupHealthCheckTimeoutInSeconds"],
    }
