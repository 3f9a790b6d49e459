"""SageMaker's endpoint configs. They cannot be changed."""

from typing import Any

from moto.sagemaker.exceptions import ValidationError

from sandbox.clock import Clock
from sandbox.sagemaker.fleet import EndpointConfig
from sandbox.sagemaker.models import Models
from sandbox.sagemaker.operations import Call, Operation
from world.listing import listed
from world.tags import Tags


class EndpointConfigs:
    def __init__(self, clock: Clock, models: Models, tags: Tags) -> None:
        self._clock = clock
        self._models = models
        self._tags = tags
        self._configs: dict[str, EndpointConfig] = {}

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateEndpointConfig": self.create_endpoint_config,
            "DescribeEndpointConfig": self.describe_endpoint_config,
            "ListEndpointConfigs": self.list_endpoint_configs,
            "DeleteEndpointConfig": self.delete_endpoint_config,
        }

    def config(self, call: Call, name: str) -> EndpointConfig:
        arn = call.arn(f"endpoint-config/{name.lower()}")
        if arn not in self._configs:
            raise ValidationError(f'Could not find endpoint configuration "{arn}".')
        return self._configs[arn]

    def create_endpoint_config(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html"""
        request = dict(call.request)
        name, tags = request.pop("EndpointConfigName"), request.pop("Tags", [])
        arn = call.arn(f"endpoint-config/{name.lower()}")
        if arn in self._configs:
            raise ValidationError(f'Cannot create already existing endpoint configuration "{arn}".')
        variants = request["ProductionVariants"]
        _check(variants)
        models = tuple(self._models.model(call, variant["ModelName"]) for variant in variants)
        self._configs[arn] = EndpointConfig(arn, name, self._clock.now(), request, models)
        self._tags.create(arn, tags)
        return {"EndpointConfigArn": arn}

    def describe_endpoint_config(self, call: Call) -> dict[str, Any]:
        config = self.config(call, call.request["EndpointConfigName"])
        return {
            "EndpointConfigName": config.name,
            "EndpointConfigArn": config.arn,
            "CreationTime": config.created,
            **config.fields,
            "ProductionVariants": [{"InitialVariantWeight": 1.0, **variant} for variant in config.variants],
        }

    def list_endpoint_configs(self, call: Call) -> dict[str, Any]:
        summaries = (
            {"EndpointConfigName": config.name, "EndpointConfigArn": config.arn, "CreationTime": config.created}
            for config in self._configs.values()
            if config.arn.startswith(call.arn(""))
        )
        return listed(call.request, summaries, result="EndpointConfigs", name="EndpointConfigName")

    def delete_endpoint_config(self, call: Call) -> dict[str, Any]:
        """Delete a config, even if an endpoint uses it. That endpoint can then no longer be updated."""
        config = self.config(call, call.request["EndpointConfigName"])
        del self._configs[config.arn]
        self._tags.delete(config.arn)
        return {}


def _check(variants: list[dict[str, Any]]) -> None:
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise ValidationError("The names of the production variants must be unique.")
    for variant in variants:
        name = variant["VariantName"]
        if "ModelName" not in variant:
            raise ValidationError(
                f"Production variant {name} needs a ModelName; the sandbox does not model inference components."
            )
        if ("InstanceType" in variant) == ("ServerlessConfig" in variant):
            raise ValidationError(f"Production variant {name} needs exactly one of InstanceType and ServerlessConfig.")
        if "InstanceType" in variant and "InitialInstanceCount" not in variant:
            raise ValidationError(f"Production variant {name} needs an InitialInstanceCount with its InstanceType.")
    if not any(variant.get("InitialVariantWeight", 1.0) for variant in variants):
        raise ValidationError("At least one production variant needs a weight above 0.")
