"""One SageMaker model."""

from dataclasses import dataclass
from typing import Any

from world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class Model:
    """`fields` are those of the request. `packages` are the ARNs of the model packages of its containers, `containers`
    what runs; both in order. `label` is the version that it serves (`GROUP/n`), or its name if it has no package."""

    arn: str
    name: str
    created: float
    fields: dict[str, Any]
    packages: tuple[str, ...]
    containers: tuple[dict[str, Any], ...]
    label: str

    @property
    def version(self) -> str:
        """Return the ARN of the first container's model package; empty if it names none."""
        return self.packages[0] if self.packages else ""

    def describe(self, *, shows_containers: bool = False) -> dict[str, Any]:
        return self._described() | (self._shown() if shows_containers and self.packages else {})

    def _shown(self) -> dict[str, Any]:
        """Return the containers with what they took from the model's package. Each names the package then."""
        (given,) = self.fields.get("Containers") or [self.fields["PrimaryContainer"]]
        return {"Containers": [inner | given for inner in self.containers]}

    def _described(self) -> dict[str, Any]:
        return {
            "ModelName": self.name,
            "ModelArn": self.arn,
            "CreationTime": timestamp(self.created),
            "EnableNetworkIsolation": False,
            **self.fields,
        }

    def summary(self) -> dict[str, Any]:
        return {"ModelName": self.name, "ModelArn": self.arn, "CreationTime": timestamp(self.created)}
