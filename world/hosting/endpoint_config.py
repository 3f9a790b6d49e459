"""One endpoint config. It cannot be changed."""

from dataclasses import dataclass
from typing import Any

from world.hosting.model import Model
from world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """`fields` are those of the request. `models` are those of the production variants, in order, `shadow_models` those
    of the shadow variants."""

    arn: str
    name: str
    created: float
    fields: dict[str, Any]
    models: tuple[Model, ...]
    shadow_models: tuple[Model, ...] = ()

    @property
    def variants(self) -> list[dict[str, Any]]:
        """Return the ProductionVariants."""
        found: list[dict[str, Any]] = self.fields["ProductionVariants"]
        return found

    @property
    def shadows(self) -> list[dict[str, Any]]:
        """Return the ShadowProductionVariants."""
        found: list[dict[str, Any]] = self.fields.get("ShadowProductionVariants", [])
        return found

    @property
    def version(self) -> str:
        """Return the ARN of the first variant's model package; empty if its model names none."""
        return self.models[0].version

    def describe(self) -> dict[str, Any]:
        described = {**self.summary(), **self.fields, "ProductionVariants": weighted(self.variants)}
        return described | ({"ShadowProductionVariants": weighted(self.shadows)} if self.shadows else {})

    def summary(self) -> dict[str, Any]:
        return {
            "EndpointConfigName": self.name,
            "EndpointConfigArn": self.arn,
            "CreationTime": timestamp(self.created),
        }


def weighted(variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the variants with their weights, which may be left out."""
    return [{"InitialVariantWeight": 1.0, **variant} for variant in variants]
