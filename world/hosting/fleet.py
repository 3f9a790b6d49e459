"""A fleet: the instances of one endpoint config, in variants that each serve one model."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from world.hosting.endpoint_config import EndpointConfig, weighted
from world.hosting.model import Model
from world.registry.package import image_digest
from world.timestamps import timestamp


class Step(NamedTuple):
    """What SageMaker is doing with a variant: one element of VariantStatus.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantStatus.html
    """

    status: str
    message: str
    started: float

    def describe(self) -> dict[str, Any]:
        return {"Status": self.status, "StatusMessage": self.message, "StartTime": timestamp(self.started)}


@dataclass(frozen=True, slots=True)
class Variant:
    """`fields` are those of the ProductionVariant. Its images were resolved at `launched`."""

    fields: dict[str, Any]
    model: Model
    launched: float
    current_weight: float
    desired_weight: float
    current_count: int
    desired_count: int
    step: Step | None = None

    @property
    def name(self) -> str:
        found: str = self.fields["VariantName"]
        return found

    @property
    def instance_type(self) -> str | None:
        """Return the instance type. A serverless variant has none."""
        return self.fields.get("InstanceType")

    @property
    def growth(self) -> int:
        """Return how many instances are wanted in addition."""
        return self.desired_count - self.current_count

    def settled(self) -> "Variant":
        """Return the variant with the weight and the instances that are wanted for it."""
        return replace(self, current_weight=self.desired_weight, current_count=self.desired_count, step=None)

    def with_part(self, part: float) -> "Variant":
        """Return the variant with this part of its instances running."""
        return replace(self, current_count=math.ceil(part * self.desired_count - 1e-9))

    def summary(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantSummary.html"""
        summary: dict[str, Any] = {
            "VariantName": self.name,
            "DeployedImages": [self._image(container) for container in self.model.containers if "Image" in container],
            "CurrentWeight": self.current_weight,
            "DesiredWeight": self.desired_weight,
        }
        if serverless := self.fields.get("ServerlessConfig"):
            summary |= {"CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
        else:
            summary |= {"CurrentInstanceCount": self.current_count, "DesiredInstanceCount": self.desired_count}
        for name in ("ManagedInstanceScaling", "RoutingConfig"):
            if name in self.fields:
                summary[name] = self.fields[name]
        return summary | ({"VariantStatus": [self.step.describe()]} if self.step else {})

    def pending_summary(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PendingProductionVariantSummary.html"""
        return self.summary() | ({"InstanceType": self.instance_type} if self.instance_type else {})

    def _image(self, container: dict[str, Any]) -> dict[str, Any]:
        image = container["Image"]
        repository = image.split("@")[0].rsplit(":", 1)[0] if "/" in image else image.split(":")[0]
        digest = container.get("ImageDigest") or image_digest(image)
        return {
            "SpecifiedImage": image,
            "ResolvedImage": f"{repository}@{digest}",
            "ResolutionTime": timestamp(self.launched),
        }


@dataclass(frozen=True, slots=True)
class Fleet:
    """`variants` answer requests, `shadows` get copies of them."""

    config: EndpointConfig
    variants: tuple[Variant, ...]
    shadows: tuple[Variant, ...] = ()

    @classmethod
    def launch(cls, config: EndpointConfig, now: float) -> "Fleet":
        pairs = zip(config.variants, config.models, strict=True)
        shadows = zip(config.shadows, config.shadow_models, strict=True)
        return cls(
            config,
            tuple(_launched(fields, model, now) for fields, model in pairs),
            tuple(_launched(fields, model, now) for fields, model in shadows),
        )

    @property
    def all_variants(self) -> tuple[Variant, ...]:
        return *self.variants, *self.shadows

    @property
    def counts(self) -> list[int]:
        """Return the instances of each variant. A serverless fleet counts as 100, so that any percentage can take
        traffic."""
        return [variant.desired_count for variant in self.variants if variant.instance_type] or [100]

    @property
    def is_serverless(self) -> bool:
        return any(variant.instance_type is None for variant in self.variants)

    @property
    def label(self) -> str:
        return ", ".join(dict.fromkeys(variant.model.label for variant in self.variants))

    def variant(self, name: str) -> Variant | None:
        """Return the variant of this name that answers requests, if any."""
        return next((variant for variant in self.variants if variant.name == name), None)

    def any_variant(self, name: str) -> Variant | None:
        """Return the variant of this name, if any. It may be a shadow variant."""
        return next((variant for variant in self.all_variants if variant.name == name), None)

    def each(self, change: Callable[[Variant], Variant]) -> "Fleet":
        """Return the fleet with each variant changed, shadow variants too."""
        return replace(self, variants=tuple(map(change, self.variants)), shadows=tuple(map(change, self.shadows)))

    def settled(self) -> "Fleet":
        return self.each(Variant.settled)

    def keeping(self, properties: Iterable[str], other: "Fleet") -> "Fleet":
        """Return the fleet with these properties of the variants of `other` that have the same names."""
        return self.each(lambda variant: _kept(variant, properties, other))

    def differs_in_shadow_only(self, other: "Fleet") -> bool:
        """Return whether the production variants are those of `other`, and the shadow variants are others."""
        production = [(weighted(each.config.variants), each.config.models) for each in (self, other)]
        return production[0] == production[1] and self.config.shadows != other.config.shadows

    def with_instances_of(self, other: "Fleet") -> "Fleet":
        """Return the fleet with the running instances of the production variants of `other`."""
        launched = {variant.name: variant.launched for variant in other.variants}
        return replace(self, variants=tuple(replace(v, launched=launched[v.name]) for v in self.variants))


def _kept(variant: Variant, properties: Iterable[str], other: Fleet) -> Variant:
    previous = other.any_variant(variant.name)
    if previous is None:
        return variant
    if "DesiredInstanceCount" in properties and variant.instance_type and previous.instance_type:
        variant = replace(variant, desired_count=previous.desired_count)
    if "DesiredWeight" in properties:
        variant = replace(variant, desired_weight=previous.desired_weight, current_weight=previous.desired_weight)
    return variant


def _launched(fields: dict[str, Any], model: Model, now: float) -> Variant:
    weight = float(fields.get("InitialVariantWeight", 1.0))
    return Variant(fields, model, now, weight, weight, 0, fields.get("InitialInstanceCount", 1))
