"""Which variant answers each request to an endpoint, and how it answers."""

import functools
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sandbox.sagemaker.behaviour import HEALTHY, Behaviour, Quota, Requests, behaviour
from world.hosting.endpoint import SERVING, Endpoint
from world.hosting.fleet import Fleet, Variant
from world.metrics.series import STANDARD
from world.registry.registry import Registry


class ServingVariant:
    """One variant of a fleet that has traffic, the endpoint's `number`th of its version. `turn` is its place in the
    round robin of its fleet."""

    def __init__(self, endpoint: str, fleet: Fleet, variant: Variant, registry: Registry, number: int) -> None:
        self.name, self.label, self.is_serverless = variant.name, variant.model.label, variant.instance_type is None
        self.resolution = _resolution(fleet.config.fields.get("MetricsConfig", {}))
        of_variant = {"EndpointName": endpoint, "VariantName": self.name}
        self.dimensions = (of_variant, {**of_variant, "EndpointConfigName": fleet.config.name})
        self.turn = 0.0
        self._registry = registry
        self._version = variant.model.version
        package = registry.packages.get(self._version)
        self._answer = {
            "version": package and package.version,
            "model_package": package and package.arn,
            "endpoint_config": fleet.config.name,
        }
        self._fleet = f"{self.name}/{variant.model.label}/{number}"
        self._known: tuple[Any, Behaviour] = None, HEALTHY
        self._requests = Requests("", self._fleet)

    def next_request(self) -> tuple[bool, float]:
        """Return whether the next request fails, and its latency in microseconds."""
        behaviour = self._behaviour
        return self._requests.fails(behaviour), self._requests.latency(behaviour)

    def answer(self, body: bytes) -> bytes:
        """Return the answer to a request with this body. Every version gives the same score from 0 to 1; a wrong score
        is off by 0.5."""
        score = _score(body)
        if self._requests.is_wrong(self._behaviour):
            score = round(score - 0.5 if score >= 0.5 else score + 0.5, 4)
        return json.dumps({**self._answer, "score": score}).encode()

    @property
    def _behaviour(self) -> Behaviour:
        """Return the current behaviour of the package, so that a version can become faulty after it went live."""
        package = self._registry.packages.get(self._version)
        if package is not None and package is not self._known[0]:
            before, found = self._known[1], behaviour(package.metadata)
            if found.seed != before.seed:
                self._requests = Requests(found.seed, self._fleet)
            self._known = package, found
        return self._known[1]


@dataclass
class ServingEndpoint:
    """`served` counts answers by version and HTTP status."""

    served: Counter[tuple[str, int]] = field(default_factory=Counter)
    split: Quota = field(default_factory=Quota)
    variants: dict[tuple[str, float, str], ServingVariant] = field(default_factory=dict)


class Serving:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._endpoints: dict[tuple[str, float], ServingEndpoint] = {}

    def of(self, endpoint: Endpoint) -> ServingEndpoint:
        return self._endpoints.setdefault((endpoint.name, endpoint.created), ServingEndpoint())

    def route(self, endpoint: Endpoint, target: str | None) -> ServingVariant | None:
        """Return the variant that serves the next request; None if the endpoint does not serve.

        A TargetVariant overrides the weights of the variants, not the split between the fleets.
        """
        if endpoint.status not in SERVING:
            return None
        serving, fleet = self.of(endpoint), endpoint.fleet
        if endpoint.green is not None and endpoint.share and serving.split.take(endpoint.share):
            fleet = endpoint.green
        if target is not None:
            chosen = fleet.variant(target)
            return None if chosen is None else self._variant(endpoint, fleet, chosen)
        return self._next(endpoint, fleet)

    def _next(self, endpoint: Endpoint, fleet: Fleet) -> ServingVariant:
        """Return the next variant by smooth weighted round robin, which is exact like Quota."""
        variants = [(self._variant(endpoint, fleet, variant), variant.current_weight) for variant in fleet.variants]
        if len(variants) == 1:
            return variants[0][0]
        for variant, weight in variants:
            variant.turn += weight
        chosen = max((variant for variant, _ in variants), key=lambda variant: variant.turn)
        chosen.turn -= sum(weight for _, weight in variants)
        return chosen

    def _variant(self, endpoint: Endpoint, fleet: Fleet, variant: Variant) -> ServingVariant:
        known, key = self.of(endpoint).variants, (fleet.config.name, variant.launched, variant.name)
        if key not in known:
            number = 1 + sum(each.label == variant.model.label for each in known.values())
            known[key] = ServingVariant(endpoint.name, fleet, variant, self._registry, number)
        return known[key]


def observe(endpoint: Endpoint, serving: ServingEndpoint) -> dict[str, Any]:
    """Return an endpoint's state for `/_sandbox/endpoints`. `share` is the pending config's part of the traffic."""
    pending = endpoint.green
    step = pending.variants[0].step if pending else None
    served: dict[str, dict[int, int]] = {}
    for (version, status), count in sorted(serving.served.items()):
        served.setdefault(version, {})[status] = count
    return {
        "name": endpoint.name,
        "status": endpoint.status,
        "config": endpoint.config,
        "version": endpoint.fleet.label,
        "pending_config": pending.config.name if pending else None,
        "pending_version": pending.label if pending else None,
        "phase": step.message if step else None,
        "share": endpoint.share,
        "failure_reason": endpoint.failure_reason,
        "served": served,
    }


@functools.lru_cache(maxsize=1024)
def _score(body: bytes) -> float:
    """Return a score made from the request, because there is no model here."""
    return round(int.from_bytes(hashlib.sha256(body).digest()[:4]) / 2**32, 4)


def _resolution(asked: dict[str, Any]) -> int:
    """Return the seconds between datapoints. The frequency has an effect only if enhanced metrics are enabled.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html
    """
    frequency: int = asked.get("MetricPublishFrequencyInSeconds", STANDARD)
    return min(frequency, STANDARD) if asked.get("EnableEnhancedMetrics") else STANDARD
