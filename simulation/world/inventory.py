"""The calls that list and delete models, configs and endpoints. Only the janitor makes them."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulation.world import refusals
from simulation.world.catalog import no_config, no_model
from simulation.world.endpoint import IN_PROGRESS, endpoint_arn
from simulation.world.hosting import Hosting
from simulation.world.registry import STALE_SECONDS
from simulation.world.resources import Config, Model, config_arn, model_arn
from simulation.world.timestamps import timestamp

PAGE = 2
"""How many things a page holds, so that two pages are common."""
_KINDS: dict[str, type[Model] | type[Config]] = {"ListModels": Model, "ListEndpointConfigs": Config}


class Inventory:
    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting

    def is_behind(self, operation: str, now: float) -> bool:
        """True if a stale list would differ."""
        if operation == "ListEndpoints":
            return any(now - endpoint.created < STALE_SECONDS for endpoint in self._hosting.endpoints.values())
        return self._now(operation).keys() != self._before(operation, now).keys()

    def list_models(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        found = self._before("ListModels", now) if stale else self._now("ListModels")
        before = request["CreationTimeBefore"].timestamp()
        listed = [
            {"ModelName": name, "ModelArn": model_arn(name), "CreationTime": timestamp(model.created)}
            for name, model in _newest(found)
            if request["NameContains"] in name.lower() and model.created < before
        ]
        return _page("Models", listed, request)

    def list_endpoint_configs(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        found = self._before("ListEndpointConfigs", now) if stale else self._now("ListEndpointConfigs")
        listed = [
            {
                "EndpointConfigName": name,
                "EndpointConfigArn": config_arn(name),
                "CreationTime": timestamp(config.created),
            }
            for name, config in _newest(found)
            if request["NameContains"] in name.lower()
        ]
        return _page("EndpointConfigs", listed, request)

    def list_endpoints(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        listed = [
            {
                "EndpointName": endpoint.name,
                "EndpointArn": endpoint.arn,
                "CreationTime": timestamp(endpoint.created),
                "LastModifiedTime": timestamp(endpoint.modified),
                "EndpointStatus": endpoint.status,
            }
            for endpoint in sorted(self._hosting.endpoints.values(), key=lambda each: -each.created)
            if not stale or now - endpoint.created >= STALE_SECONDS
        ]
        return _page("Endpoints", listed, request)

    def delete_model(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Delete a model, even if a config uses it.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteModel.html
        """
        name = request["ModelName"]
        if name not in self._hosting.models:
            raise no_model("DeleteModel", name)
        self._hosting.removed[name] = self._hosting.models.pop(name), now
        return {}

    def delete_endpoint_config(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Delete a config, even if an endpoint serves it. AWS's page warns against that, and nothing refuses it:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html
        """
        name = request["EndpointConfigName"]
        if name not in self._hosting.configs:
            raise no_config("DeleteEndpointConfig", name)
        self._hosting.removed[name] = self._hosting.configs.pop(name), now
        return {}

    def delete_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Delete an endpoint. The janitor's policy asks for the tag, before anything else is checked."""
        endpoint = self._hosting.endpoints.get(request["EndpointName"])
        if endpoint is None or not endpoint.tagged:
            raise refusals.denied("DeleteEndpoint", endpoint_arn(request["EndpointName"]))
        if endpoint.status in IN_PROGRESS:
            raise refusals.validation("DeleteEndpoint", f'Cannot update in-progress endpoint "{endpoint.arn}".')
        self._hosting.delete(endpoint.name)
        return {}

    def _now(self, operation: str) -> Mapping[str, Model | Config]:
        return self._hosting.models if _KINDS[operation] is Model else self._hosting.configs

    def _before(self, operation: str, now: float) -> dict[str, Model | Config]:
        """Return what a stale list shows: nothing that was just made, and everything that was just deleted."""
        kind, since = _KINDS[operation], now - STALE_SECONDS
        there = {name: each for name, each in self._now(operation).items() if each.created <= since}
        gone = {
            name: each
            for name, (each, at) in self._hosting.removed.items()
            if isinstance(each, kind) and at > since and each.created <= since
        }
        return there | gone


def _newest(found: Mapping[str, Model | Config]) -> Iterator[tuple[str, Model | Config]]:
    """Sort the newest first, as SageMaker's lists do by default."""
    return iter(sorted(found.items(), key=lambda each: (-each[1].created, each[0])))


def _page(result: str, listed: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    start = int(request.get("NextToken", 0))
    more = {"NextToken": str(start + PAGE)} if start + PAGE < len(listed) else {}
    return {result: listed[start : start + PAGE]} | more
