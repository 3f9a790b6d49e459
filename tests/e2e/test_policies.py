"""The policy of docs/security.md for everybody else, in an account where it is attached to people and the deployer."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from sandbox.app.deployment import REGION, client
from tests.docs.policies import policy_for_everybody_else
from tests.e2e.conftest import Take
from tests.e2e.world import World

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}


def _pipeline(world: World) -> Any:
    """SageMaker as a pipeline's role calls it, which may do everything but what the page's policy denies."""
    iam = world.client("iam")
    role = iam.create_role(RoleName="pipelines", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    for name, policy in (("everything", EVERYTHING), ("page", policy_for_everybody_else())):
        iam.put_role_policy(RoleName="pipelines", PolicyName=name, PolicyDocument=json.dumps(policy))
    keys = world.client("sts").assume_role(RoleArn=role, RoleSessionName="step")["Credentials"]
    return client("sagemaker", world.url, keys["AccessKeyId"], keys["SecretAccessKey"])


def test_a_pipeline_changes_no_managed_endpoint_and_the_deployer_goes_on(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("guarded")
    deployer = {"RoleName": names.function_role(REGION, names.DEPLOYER), "PolicyName": "page"}
    world.client("iam").put_role_policy(**deployer, PolicyDocument=json.dumps(policy_for_everybody_else()))
    try:
        endpoint.serving(2)
        pipeline, live = _pipeline(world), endpoint.describe()
        assert live is not None
        name, config, arn = live["EndpointName"], live["EndpointConfigName"], live["EndpointArn"]
        (variant,) = live["ProductionVariants"]
        weights = [{"VariantName": variant["VariantName"], "DesiredInstanceCount": 1}]
        tag = {"Key": names.TAG_KEY, "Value": "no"}
        model = {"ModelName": f"{names.OWNED}mine", "PrimaryContainer": {"Image": "image"}}
        for call, request in (
            ("update_endpoint", {"EndpointName": name, "EndpointConfigName": config}),
            (
                "update_endpoint_weights_and_capacities",
                {"EndpointName": name, "DesiredWeightsAndCapacities": weights},
            ),
            ("delete_endpoint", {"EndpointName": name}),
            ("delete_tags", {"ResourceArn": arn, "TagKeys": [names.TAG_KEY]}),
            ("add_tags", {"ResourceArn": arn, "Tags": [tag]}),
            ("create_model", model | {"ExecutionRoleArn": "arn:aws:iam::123456789012:role/mine"}),
            ("delete_endpoint_config", {"EndpointConfigName": config}),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                getattr(pipeline, call)(**request)
        assert pipeline.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
        endpoint.publish(2)
    finally:
        world.client("iam").delete_role_policy(**deployer)
