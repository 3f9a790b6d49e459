"""One endpoint config. It cannot be changed."""

from dataclasses import dataclass
from typing import Any

from world.hosting.model import Model
from world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """`fields` are those of the request. `models` are those of the production variants, in order."""

    arn: str
    name: str
    created: float
    fields: dict[str, Any]
    models: tuple[Model, ...]

    @property
    def variants(self) -> list[dict[str, Any]]:
        """Return the ProductionVariants."""
        found: list[dict[str, Any]] = self.fields["ProductionVariants"]
        return found

    @property
    def version(self) -> str:
        """Return the ARN of the first variant's model package; empty if its model names none."""
        return self.models[0].version

    def describe(self) -> dict[str, Any]:
        return {
            **self.summary(),
            **self.fields,
            "ProductionVariants": [{"InitialVariantWeight": 1.0, **variant} for variant in self.variants],
        }

    def summary(self) -> dict[str, Any]:
        return {
            "EndpointConfigName": self.name,
            "EndpointConfigArn": self.arn,
            "CreationTime": timestamp(self.created),
        }
