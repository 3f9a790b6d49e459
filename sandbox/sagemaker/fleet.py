"""A fleet: the instances of one endpoint config, in variants that each serve one model."""

import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.sagemaker.model_package import Behaviour, ModelPackage, image_digest
from world.metrics.series import STANDARD

_HEALTHY = Behaviour(error_rate=0.0, latency=20_000.0)


class Quota:
    """Grants a share of the requests, evenly spread. There is no randomness, so rates are exact."""

    __slots__ = ("_credit",)

    def __init__(self) -> None:
        self._credit = 0.0

    def take(self, share: float) -> bool:
        self._credit += share
        # The sum of ten tenths is a little less than one.
        if self._credit < 1 - 1e-9:
            return False
        self._credit -= 1
        return True


@dataclass(frozen=True)
class Model:
    """A SageMaker model. `packages` are the model packages of its containers, `containers` what runs; both in order."""

    arn: str
    name: str
    created: datetime
    fields: dict[str, Any]
    packages: tuple[ModelPackage, ...]
    containers: tuple[dict[str, Any], ...]

    @property
    def label(self) -> str:
        """Return the version that the model serves (`GROUP/n`), or the model's name if it has no package."""
        return self.packages[0].label if self.packages else self.name


@dataclass(frozen=True)
class EndpointConfig:
    """`models` are those of the production variants, in order."""

    arn: str
    name: str
    created: datetime
    fields: dict[str, Any]
    models: tuple[Model, ...]

    @property
    def variants(self) -> list[dict[str, Any]]:
        variants: list[dict[str, Any]] = self.fields["ProductionVariants"]
        return variants


@dataclass
class Variant:
    """A running production variant. A serverless one counts as one instance, which descriptions do not show."""

    endpoint: str
    config: str
    model: Model
    fields: dict[str, Any]
    current_weight: float
    desired_weight: float
    current_count: int
    desired_count: int
    resolved: datetime
    resolution: int = STANDARD
    """Seconds between the datapoints of its invocation metrics."""
    status: list[dict[str, Any]] = field(default_factory=list)
    errors: Quota = field(default_factory=Quota)
    wrong: Quota = field(default_factory=Quota)
    turn: float = 0.0

    def __post_init__(self) -> None:
        self.name: str = self.fields["VariantName"]
        self.instance_type: str | None = self.fields.get("InstanceType")
        self.label = self.model.label
        package = self.model.packages[0] if self.model.packages else None
        self._answer = {
            "version": package and package.version,
            "model_package": package and package.arn,
            "endpoint_config": self.config,
        }
        of_variant = {"EndpointName": self.endpoint, "VariantName": self.name}
        self.dimensions = (of_variant, {**of_variant, "EndpointConfigName": self.config})

    @property
    def behaviour(self) -> Behaviour:
        """Return the current behaviour of the package, so that a version can become faulty after it went live."""
        return self.model.packages[0].behaviour if self.model.packages else _HEALTHY

    def answer(self, body: bytes) -> bytes:
        """Return the answer to a request with this body. Every version gives the same score from 0 to 1; a wrong score
        is off by 0.5."""
        score = _score(body)
        if self.wrong.take(self.behaviour.wrong_rate):
            score = round(score - 0.5 if score >= 0.5 else score + 0.5, 4)
        return json.dumps({**self._answer, "score": score}).encode()

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
        return summary | ({"VariantStatus": self.status} if self.status else {})

    def pending_summary(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PendingProductionVariantSummary.html"""
        return self.summary() | ({"InstanceType": self.instance_type} if self.instance_type else {})

    def _image(self, container: dict[str, Any]) -> dict[str, Any]:
        image = container["Image"]
        repository = image.split("@")[0].rsplit(":", 1)[0] if "/" in image else image.split(":")[0]
        digest = container.get("ImageDigest", image_digest(image))
        return {"SpecifiedImage": image, "ResolvedImage": f"{repository}@{digest}", "ResolutionTime": self.resolved}


@functools.lru_cache(maxsize=1024)
def _score(body: bytes) -> float:
    """Return a score made from the request, because there is no model here."""
    return round(int.from_bytes(hashlib.sha256(body).digest()[:4]) / 2**32, 4)


@dataclass
class Fleet:
    config: EndpointConfig
    variants: list[Variant]

    @classmethod
    def launch(cls, endpoint: str, config: EndpointConfig, now: datetime) -> "Fleet":
        pairs = zip(config.variants, config.models, strict=True)
        return cls(config, [_launched(endpoint, config, fields, model, now) for fields, model in pairs])

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
        return ", ".join(dict.fromkeys(variant.label for variant in self.variants))

    def variant(self, name: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.name == name), None)

    def keep(self, properties: Iterable[str], other: "Fleet") -> None:
        """Copy these properties from the variants of `other` to the variants with the same names."""
        for variant in self.variants:
            if (previous := other.variant(variant.name)) is None:
                continue
            if "DesiredInstanceCount" in properties and variant.instance_type and previous.instance_type:
                variant.desired_count = previous.desired_count
            if "DesiredWeight" in properties:
                variant.desired_weight = variant.current_weight = previous.desired_weight

    def route(self) -> Variant:
        """Return the next variant by smooth weighted round robin, which is exact like Quota."""
        if len(self.variants) == 1:
            return self.variants[0]
        weights = [variant.current_weight for variant in self.variants]
        total = sum(weights)
        for variant, weight in zip(self.variants, weights, strict=True):
            variant.turn += weight
        chosen = max(self.variants, key=lambda variant: variant.turn)
        chosen.turn -= total
        return chosen


def _launched(endpoint: str, config: EndpointConfig, fields: dict[str, Any], model: Model, now: datetime) -> Variant:
    weight = float(fields.get("InitialVariantWeight", 1.0))
    return Variant(
        endpoint=endpoint,
        config=config.name,
        model=model,
        fields=fields,
        current_weight=weight,
        desired_weight=weight,
        current_count=0,
        desired_count=fields.get("InitialInstanceCount", 1),
        resolved=now,
        resolution=_resolution(config.fields.get("MetricsConfig", {})),
    )


def _resolution(asked: dict[str, Any]) -> int:
    """Return the seconds between datapoints. The frequency has an effect only if enhanced metrics are enabled.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html
    """
    frequency: int = asked.get("MetricPublishFrequencyInSeconds", STANDARD)
    return min(frequency, STANDARD) if asked.get("EnableEnhancedMetrics") else STANDARD
