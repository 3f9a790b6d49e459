"""Which variant answers each request to an endpoint, and how it answers."""

import functools
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox.sagemaker.behaviour import HEALTHY, Behaviour, Quota, Requests, behaviour
from world.hosting.change import Update
from world.hosting.endpoint import SERVING, Endpoint
from world.hosting.fleet import Fleet, Variant
from world.metrics.series import STANDARD
from world.registry.registry import Registry


class ServingVariant:
    """One variant of a fleet that has traffic, the endpoint's `number`th of its version. `turn` is its place in the
    round robin of its fleet. `copied` chooses the requests that a shadow variant gets, `captured` those that are
    captured."""

    def __init__(self, endpoint: str, fleet: Fleet, variant: Variant, registry: Registry, number: int) -> None:
        self.name, self.label, self.is_serverless = variant.name, variant.model.label, variant.instance_type is None
        self.config = fleet.config.name
        self.resolution = _resolution(fleet.config.fields.get("MetricsConfig", {}))
        of_variant = {"EndpointName": endpoint, "VariantName": self.name}
        self.dimensions = (of_variant, {**of_variant, "EndpointConfigName": fleet.config.name})
        self.turn = 0.0
        self.copied, self.captured = Quota(), Quota()
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


class Routed(NamedTuple):
    """The variant that answers a request, the shadow variant that gets a copy of it, and how both are captured."""

    variant: ServingVariant
    shadow: ServingVariant | None
    capture: dict[str, Any] | None
    """The endpoint's DataCaptureConfig."""


@dataclass
class ServingEndpoint:
    """`served` counts answers by version and HTTP status, `copied` those of shadow variants, which no caller gets."""

    served: Counter[tuple[str, int]] = field(default_factory=Counter)
    copied: Counter[tuple[str, int]] = field(default_factory=Counter)
    split: Quota = field(default_factory=Quota)
    variants: dict[tuple[str, float, str], ServingVariant] = field(default_factory=dict)


class Serving:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._endpoints: dict[tuple[str, float], ServingEndpoint] = {}

    def of(self, endpoint: Endpoint) -> ServingEndpoint:
        return self._endpoints.setdefault((endpoint.name, endpoint.created), ServingEndpoint())

    def route(self, endpoint: Endpoint, target: str | None) -> Routed | None:
        """Return where the next request goes; None if the endpoint does not serve.

        A TargetVariant overrides the weights of the variants, not the split between the fleets.
        """
        if endpoint.status not in SERVING:
            return None
        serving, fleet, capture = self.of(endpoint), endpoint.fleet, endpoint.data_capture
        if endpoint.green is not None and endpoint.share and serving.split.take(endpoint.share):
            fleet = endpoint.green
            capture = endpoint.change.data_capture if isinstance(endpoint.change, Update) else capture
        if target is None:
            return Routed(self._next(endpoint, fleet), self._copied_to(endpoint, fleet), capture)
        chosen = fleet.variant(target)
        if chosen is None:
            return None
        return Routed(self._variant(endpoint, fleet, chosen), self._copied_to(endpoint, fleet), capture)

    def _copied_to(self, endpoint: Endpoint, fleet: Fleet) -> ServingVariant | None:
        """Return the shadow variant if it gets a copy of the next request. The share of requests that are copied is its
        weight in relation to the production variant's.
        https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html
        """
        if not fleet.shadows:
            return None
        (production,), (shadow,) = fleet.variants, fleet.shadows
        serving = self._variant(endpoint, fleet, shadow)
        share = min(1.0, shadow.current_weight / production.current_weight) if production.current_weight else 0.0
        return serving if serving.copied.take(share) else None

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
        "served": _by_version(serving.served),
        "copied": _by_version(serving.copied),
    }


def _by_version(counted: Counter[tuple[str, int]]) -> dict[str, dict[int, int]]:
    by_version: dict[str, dict[int, int]] = {}
    for (version, status), count in sorted(counted.items()):
        by_version.setdefault(version, {})[status] = count
    return by_version


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
