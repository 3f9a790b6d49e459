"""SageMaker's models: containers, most of them given by an approved model package."""

from collections.abc import Iterator
from typing import Any

from world.call import Call, Operation
from world.hosting.model import Model
from world.listing import listed
from world.refusal import invalid
from world.registry.package import Package
from world.registry.registry import Registry
from world.surroundings import Surroundings
from world.tags import Tags


class Models:
    """`models` are by name in lower case, as SageMaker compares the names of models, endpoint configs and endpoints."""

    def __init__(self, surroundings: Surroundings, registry: Registry, tags: Tags) -> None:
        self.models: dict[str, Model] = {}
        self._surroundings = surroundings
        self._registry = registry
        self._tags = tags

    def copy(self, surroundings: Surroundings, registry: Registry, tags: Tags) -> "Models":
        other = Models(surroundings, registry, tags)
        other.models = self.models.copy()
        return other

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateModel": self.create_model,
            "DescribeModel": self.describe_model,
            "ListModels": self.list_models,
            "DeleteModel": self.delete_model,
        }

    def model(self, name: str) -> Model:
        if name.lower() not in self.models:
            raise invalid(f'Could not find model "{self._arn(name)}".')
        return self.models[name.lower()]

    def create_model(self, call: Call) -> dict[str, Any]:
        """Create a model. A versioned package that is not Approved is refused, and so is one without containers. That
        the latter is refused here, and the text of either refusal, are assumed: AWS does not document them.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
        """
        fields = {name: value for name, value in call.request.items() if name not in ("ModelName", "Tags")}
        name = call.request["ModelName"]
        arn = self._arn(name)
        if name.lower() in self.models:
            raise invalid(f'Cannot create already existing model "{arn}".')
        if ("PrimaryContainer" in fields) == ("Containers" in fields):
            raise invalid("Exactly one of PrimaryContainer and Containers must be given.")
        given = [fields["PrimaryContainer"]] if "PrimaryContainer" in fields else fields["Containers"]
        packages = [self._package(c["ModelPackageName"]) for c in given if "ModelPackageName" in c]
        containers = tuple(inner for outer in given for inner in self._resolved(outer))
        arns, label = tuple(package.arn for package in packages), packages[0].label if packages else name
        self.models[name.lower()] = Model(arn, name, self._surroundings.time(), fields, arns, containers, label)
        self._tags.create(arn, call.request.get("Tags", []))
        return {"ModelArn": arn}

    def describe_model(self, call: Call) -> dict[str, Any]:
        model = self.model(call.request["ModelName"])
        return model.describe(shows_containers=self._surroundings.assumptions.model_shows_containers)

    def list_models(self, call: Call) -> dict[str, Any]:
        summaries = (model.summary() for model in self.models.values())
        limit = self._surroundings.page_limit("ListModels", call.request)
        return listed(call.request, summaries, result="Models", name="ModelName", limit=limit)

    def delete_model(self, call: Call) -> dict[str, Any]:
        """Delete a model, even if a config uses it.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteModel.html
        """
        model = self.model(call.request["ModelName"])
        del self.models[model.name.lower()]
        self._tags.delete(model.arn)
        return {}

    def _package(self, name: str) -> Package:
        package = self._registry.package(name)
        if not package.is_deployable:
            raise invalid(
                f"Model package {package.arn} is not approved; its ModelApprovalStatus is {package.approval}."
            )
        return package

    def _resolved(self, container: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the containers that run: the given container, or those of its package."""
        if "ModelPackageName" not in container:
            yield container
            return
        package = self._package(container["ModelPackageName"])
        found = package.containers(container.get("InferenceSpecificationName"))
        if not found:
            raise invalid(f"Model package {package.arn} has no inference specification with containers.")
        for inner in found:
            if "Environment" in inner and "Environment" in container:
                raise invalid(
                    "Environment variable map cannot be specified both at "
                    f"Model Package {inner['Environment']} and Model {container['Environment']}"
                )
            yield inner

    def _arn(self, name: str) -> str:
        return self._surroundings.account.sagemaker(f"model/{name.lower()}")
