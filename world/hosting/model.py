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

    def describe(self) -> dict[str, Any]:
        return {
            "ModelName": self.name,
            "ModelArn": self.arn,
            "CreationTime": timestamp(self.created),
            "EnableNetworkIsolation": False,
            **self.fields,
        }

    def summary(self) -> dict[str, Any]:
        return {"ModelName": self.name, "ModelArn": self.arn, "CreationTime": timestamp(self.created)}
