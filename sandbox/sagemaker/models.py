"""SageMaker's models: containers, most of them given by an approved model package."""

from collections.abc import Iterator
from typing import Any

from moto.sagemaker.exceptions import ValidationError

from sandbox.clock import Clock
from sandbox.sagemaker.fleet import Model
from sandbox.sagemaker.model_package import ModelPackage
from sandbox.sagemaker.operations import Call, Operation
from sandbox.sagemaker.registry import Registry
from world.listing import listed
from world.tags import Tags


class Models:
    def __init__(self, clock: Clock, registry: Registry, tags: Tags) -> None:
        self._clock = clock
        self._registry = registry
        self._tags = tags
        self._models: dict[str, Model] = {}

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateModel": self.create_model,
            "DescribeModel": self.describe_model,
            "ListModels": self.list_models,
            "DeleteModel": self.delete_model,
        }

    def model(self, call: Call, name: str) -> Model:
        arn = _arn(call, name)
        if arn not in self._models:
            raise ValidationError(f'Could not find model "{arn}".')
        return self._models[arn]

    def create_model(self, call: Call) -> dict[str, Any]:
        """Create a model. A versioned package that is not Approved is refused; AWS does not document its message.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
        """
        request = dict(call.request)
        name, tags = request.pop("ModelName"), request.pop("Tags", [])
        arn = _arn(call, name)
        if arn in self._models:
            raise ValidationError(f'Cannot create already existing model "{arn}".')
        if ("PrimaryContainer" in request) == ("Containers" in request):
            raise ValidationError("Exactly one of PrimaryContainer and Containers must be given.")
        containers = [request["PrimaryContainer"]] if "PrimaryContainer" in request else request["Containers"]
        packages = tuple(self._package(call, c["ModelPackageName"]) for c in containers if "ModelPackageName" in c)
        resolved = tuple(inner for outer in containers for inner in self._resolved(call, outer))
        self._models[arn] = Model(arn, name, self._clock.now(), request, packages, resolved)
        self._tags.create(arn, tags)
        return {"ModelArn": arn}

    def describe_model(self, call: Call) -> dict[str, Any]:
        model = self.model(call, call.request["ModelName"])
        return {
            "ModelName": model.name,
            "ModelArn": model.arn,
            "CreationTime": model.created,
            "EnableNetworkIsolation": False,
            **model.fields,
        }

    def list_models(self, call: Call) -> dict[str, Any]:
        summaries = (
            {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created}
            for model in self._models.values()
            if model.arn.startswith(call.arn(""))
        )
        return listed(call.request, summaries, result="Models", name="ModelName")

    def delete_model(self, call: Call) -> dict[str, Any]:
        """Delete a model, even if an endpoint uses it."""
        model = self.model(call, call.request["ModelName"])
        del self._models[model.arn]
        self._tags.delete(model.arn)
        return {}

    def _package(self, call: Call, name: str) -> ModelPackage:
        package = self._registry.package(call, name)
        if not package.is_deployable:
            status = package.fields["ModelApprovalStatus"]
            raise ValidationError(f"Model package {package.arn} is not approved; its ModelApprovalStatus is {status}.")
        return package

    def _resolved(self, call: Call, container: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the containers that run: the given container, or those of its package."""
        if "ModelPackageName" not in container:
            yield container
            return
        package = self._package(call, container["ModelPackageName"])
        for inner in package.specification(container.get("InferenceSpecificationName")):
            if "Environment" in inner and "Environment" in container:
                raise ValidationError(
                    "Environment variable map cannot be specified both at "
                    f"Model Package {inner['Environment']} and Model {container['Environment']}"
                )
            yield inner


def _arn(call: Call, name: str) -> str:
    # SageMaker compares the names of models, endpoint configs and endpoints in lower case, as they are in their ARNs.
    return call.arn(f"model/{name.lower()}")
