"""SageMaker's endpoint configs."""

from typing import Any

from world.call import Call, Operation
from world.hosting.endpoint_config import EndpointConfig
from world.hosting.model import Model
from world.hosting.models import Models
from world.listing import listed
from world.refusal import invalid
from world.surroundings import Surroundings
from world.tags import Tags


class EndpointConfigs:
    """`configs` are by name in lower case."""

    def __init__(self, surroundings: Surroundings, models: Models, tags: Tags) -> None:
        self.configs: dict[str, EndpointConfig] = {}
        self._surroundings = surroundings
        self._models = models
        self._tags = tags

    def copy(self, surroundings: Surroundings, models: Models, tags: Tags) -> "EndpointConfigs":
        other = EndpointConfigs(surroundings, models, tags)
        other.configs = self.configs.copy()
        return other

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateEndpointConfig": self.create_endpoint_config,
            "DescribeEndpointConfig": self.describe_endpoint_config,
            "ListEndpointConfigs": self.list_endpoint_configs,
            "DeleteEndpointConfig": self.delete_endpoint_config,
        }

    def config(self, name: str) -> EndpointConfig:
        if name.lower() not in self.configs:
            raise invalid(f'Could not find endpoint configuration "{self._arn(name)}".')
        return self.configs[name.lower()]

    def create_endpoint_config(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html"""
        fields = {name: value for name, value in call.request.items() if name not in ("EndpointConfigName", "Tags")}
        name, variants = call.request["EndpointConfigName"], fields["ProductionVariants"]
        arn = self._arn(name)
        if name.lower() in self.configs:
            raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        shadows = fields.get("ShadowProductionVariants", [])
        _check(variants, shadows)
        models, shadow_models = (
            tuple(self._models.model(variant["ModelName"]) for variant in each) for each in (variants, shadows)
        )
        if shadows:
            _check_shadow(fields, (*models, *shadow_models))
        config = EndpointConfig(arn, name, self._surroundings.time(), fields, models, shadow_models)
        self.configs[name.lower()] = config
        self._tags.create(arn, call.request.get("Tags", []))
        return {"EndpointConfigArn": arn}

    def describe_endpoint_config(self, call: Call) -> dict[str, Any]:
        return self.config(call.request["EndpointConfigName"]).describe()

    def list_endpoint_configs(self, call: Call) -> dict[str, Any]:
        summaries = (config.summary() for config in self.configs.values())
        limit = self._surroundings.page_limit("ListEndpointConfigs", call.request)
        return listed(call.request, summaries, result="EndpointConfigs", name="EndpointConfigName", limit=limit)

    def delete_endpoint_config(self, call: Call) -> dict[str, Any]:
        """Delete a config, even if an endpoint serves it, which can then no longer be updated. AWS's page warns against
        that, and nothing refuses it:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html
        """
        config = self.config(call.request["EndpointConfigName"])
        del self.configs[config.name.lower()]
        self._tags.delete(config.arn)
        return {}

    def _arn(self, name: str) -> str:
        return self._surroundings.account.sagemaker(f"endpoint-config/{name.lower()}")


def _check(variants: list[dict[str, Any]], shadows: list[dict[str, Any]]) -> None:
    names = [variant["VariantName"] for variant in (*variants, *shadows)]
    if len(set(names)) < len(names):
        raise invalid("The names of the production variants must be unique.")
    for variant in (*variants, *shadows):
        name = variant["VariantName"]
        if "ModelName" not in variant:
            raise invalid(f"Production variant {name} needs a ModelName; inference components are not modelled.")
        if ("InstanceType" in variant) == ("ServerlessConfig" in variant):
            raise invalid(f"Production variant {name} needs exactly one of InstanceType and ServerlessConfig.")
        if "InstanceType" in variant and "InitialInstanceCount" not in variant:
            raise invalid(f"Production variant {name} needs an InitialInstanceCount with its InstanceType.")
    if not any(variant.get("InitialVariantWeight", 1.0) for variant in variants):
        raise invalid("At least one production variant needs a weight above 0.")


def _check_shadow(fields: dict[str, Any], models: tuple[Model, ...]) -> None:
    """Refuse a shadow variant where AWS supports none. The wording is assumed.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html
    """
    variants = [*fields["ProductionVariants"], *fields["ShadowProductionVariants"]]
    containers = [container for model in models for container in model.containers]
    if len(variants) != 2:
        raise invalid("With a shadow variant, a config has exactly one production and one shadow variant.")
    excluded = {
        "serverless variants": any("ServerlessConfig" in variant for variant in variants),
        "asynchronous inference": "AsyncInferenceConfig" in fields,
        "Inf1 instances": any(variant.get("InstanceType", "").startswith("ml.inf1.") for variant in variants),
        "models with several containers": any(len(model.containers) > 1 for model in models),
        "multi-model containers": any(container.get("Mode") == "MultiModel" for container in containers),
        "Marketplace containers": any("ProductId" in container for container in containers),
    }
    if refused := [name for name, is_so in excluded.items() if is_so]:
        raise invalid(f"Shadow variants are not supported with {', '.join(refused)}.")
