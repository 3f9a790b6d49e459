"""The calls that create and describe models and endpoint configs, and list the tags of a resource."""

from typing import Any

from botocore.exceptions import ClientError

from simulation.world import refusals
from simulation.world.hosting import Hosting
from simulation.world.resources import IMAGE, OPTING_TAG, TEAM_TAG, Config, Model, Tags, config_arn, model_arn
from simulation.world.timestamps import timestamp
from world.registry.registry import Registry


class Catalog:
    def __init__(self, hosting: Hosting, registry: Registry) -> None:
        self._hosting = hosting
        self._registry = registry

    def create_model(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        (container,) = request["Containers"]
        name, version = request["ModelName"], container["ModelPackageName"]
        arn = model_arn(name)
        if name in self._hosting.models:
            raise refusals.validation("CreateModel", f'Cannot create already existing model "{arn}".')
        package = self._registry.packages.get(version)
        if package is None:
            raise refusals.validation("CreateModel", f"ModelPackage {version} does not exist.")
        if package.approval != "Approved":
            raise refusals.validation(
                "CreateModel",
                f"Model package {version} is not approved; its ModelApprovalStatus is {package.approval}.",
            )
        environment = tuple(container.get("Environment", {}).items())
        self._hosting.models[name] = Model(version, request["ExecutionRoleArn"], environment, now, _tags(request))
        return {"ModelArn": arn}

    def describe_model(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["ModelName"]
        if name not in self._hosting.models:
            raise no_model("DescribeModel", name)
        model = self._hosting.models[name]
        environment = {"Environment": dict(model.environment)} if model.environment else {}
        of_package, by_hand = (
            {"Containers": [{"ModelPackageName": model.version, **environment}]},
            {"PrimaryContainer": {"Image": IMAGE}},
        )
        made_of = of_package if model.version else by_hand
        return {"ModelName": name, "ModelArn": model_arn(name), "ExecutionRoleArn": model.role} | made_of

    def create_endpoint_config(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name, (variant,) = request["EndpointConfigName"], request["ProductionVariants"]
        if name in self._hosting.configs:
            raise refusals.validation(
                "CreateEndpointConfig", f'Cannot create already existing endpoint configuration "{config_arn(name)}".'
            )
        if variant["ModelName"] not in self._hosting.models:
            raise no_model("CreateEndpointConfig", variant["ModelName"])
        self._hosting.configs[name] = Config(
            name,
            variant["ModelName"],
            variant["VariantName"],
            variant.get("InitialInstanceCount", 0),
            now,
            variant.get("InstanceType", ""),
            _tags(request),
            tuple(variant.get("ServerlessConfig", {}).items()),
            request.get("AsyncInferenceConfig", {}).get("OutputConfig", {}).get("S3OutputPath", ""),
        )
        return {"EndpointConfigArn": config_arn(name)}

    def describe_endpoint_config(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["EndpointConfigName"]
        if stale or name not in self._hosting.configs:
            raise no_config("DescribeEndpointConfig", name)
        config = self._hosting.configs[name]
        variant = {
            "VariantName": config.variant,
            "ModelName": config.model,
            **config.capacity,
            "InitialVariantWeight": 1.0,
        }
        return {
            "EndpointConfigName": name,
            "EndpointConfigArn": config_arn(name),
            "ProductionVariants": [variant],
            "CreationTime": timestamp(config.created),
            **config.kind,
        }

    def list_tags(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Return one tag a page. The opt-in tag of an endpoint is on the second page."""
        tags = self._tags_of(request["ResourceArn"])
        if tags is None:
            raise refusals.validation("ListTags", "Resource does not exist.")
        place = int(request.get("NextToken", 0))
        return {"Tags": tags[place : place + 1]} | ({"NextToken": str(place + 1)} if place + 1 < len(tags) else {})

    def _tags_of(self, arn: str) -> list[dict[str, str]] | None:
        for endpoint in self._hosting.endpoints.values():
            if endpoint.arn == arn:
                return [TEAM_TAG, OPTING_TAG] if endpoint.tagged else [TEAM_TAG]
        made: list[tuple[str, Model | Config]] = [
            (model_arn(name), model) for name, model in self._hosting.models.items()
        ]
        made += ((config_arn(name), config) for name, config in self._hosting.configs.items())
        found = next((each.tags for known, each in made if known == arn), None)
        return None if found is None else [{"Key": key, "Value": value} for key, value in found]


def no_model(operation: str, name: str) -> ClientError:
    return refusals.validation(operation, f'Could not find model "{model_arn(name)}".')


def no_config(operation: str, name: str) -> ClientError:
    return refusals.validation(operation, f'Could not find endpoint configuration "{config_arn(name)}".')


def _tags(request: dict[str, Any]) -> Tags:
    return tuple((tag["Key"], tag["Value"]) for tag in request.get("Tags", ()))
