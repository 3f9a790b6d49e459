"""What an endpoint has in SageMaker and CloudWatch."""

from lambdas.gate.state.fact import Kind
from tests.e2e.endpoint import Endpoint
from tests.e2e.world import World


def inventory(world: World, endpoint: Endpoint) -> set[str]:
    """Names of all models, configs and alarms that have to do with the endpoint, the user's among them."""
    sagemaker, cloudwatch = world.client("sagemaker"), world.client("cloudwatch")
    pages = (
        (sagemaker, "list_models", "Models", "ModelName"),
        (sagemaker, "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
        (cloudwatch, "describe_alarms", "MetricAlarms", "AlarmName"),
    )
    found = (
        each[name]
        for client, operation, result, name in pages
        for page in client.get_paginator(operation).paginate()
        for each in page[result]
    )
    return {name for name in found if endpoint.name in name}


def config_of(endpoint: Endpoint, version: int) -> str:
    """Of the version's first attempt."""
    opened_rows = (row.fact for row in endpoint.rows() if row.fact.kind is Kind.ATTEMPT_OPENED)
    return str(next(fact.detail["endpoint_config"] for fact in opened_rows if fact.version == endpoint.arn(version)))
