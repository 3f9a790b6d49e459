"""SageMaker's hosting: models, endpoint configs, and endpoints with guarded updates. The operations on endpoints."""

from typing import Any

from world.call import Call, Operation
from world.hosting import guardrails
from world.hosting.endpoint import Endpoint
from world.hosting.endpoint_config import EndpointConfig
from world.hosting.endpoint_configs import EndpointConfigs
from world.hosting.endpoints import Endpoints, HostingSurroundings
from world.hosting.fleet import Fleet, Variant
from world.hosting.model import Model
from world.hosting.models import Models
from world.listing import listed
from world.refusal import invalid
from world.registry.registry import Registry
from world.tags import Tags

_PROPERTIES = frozenset({"DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig"})


class Hosting:
    def __init__(self, surroundings: HostingSurroundings, registry: Registry, tags: Tags) -> None:
        self._surroundings = surroundings
        self._models = Models(surroundings, registry, tags)
        self._configs = EndpointConfigs(surroundings, self._models, tags)
        self._endpoints = Endpoints(surroundings, tags)

    def copy(self, surroundings: HostingSurroundings, registry: Registry, tags: Tags) -> "Hosting":
        other = Hosting.__new__(Hosting)
        other._surroundings = surroundings
        other._models = self._models.copy(surroundings, registry, tags)
        other._configs = self._configs.copy(surroundings, other._models, tags)
        other._endpoints = self._endpoints.copy(surroundings, tags)
        return other

    def state(self) -> object:
        made = list(self.models.items()), list(self.configs.items())
        return *made, [endpoint.state() for endpoint in self.endpoints.values()]

    @property
    def models(self) -> dict[str, Model]:
        """Return the models, by name in lower case, as the others."""
        return self._models.models

    @property
    def configs(self) -> dict[str, EndpointConfig]:
        return self._configs.configs

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        return self._endpoints.endpoints

    def operations(self) -> dict[str, Operation]:
        return {
            **self._models.operations(),
            **self._configs.operations(),
            "CreateEndpoint": self.create_endpoint,
            "DescribeEndpoint": self.describe_endpoint,
            "ListEndpoints": self.list_endpoints,
            "UpdateEndpoint": self.update_endpoint,
            "UpdateEndpointWeightsAndCapacities": self.update_endpoint_weights_and_capacities,
            "DeleteEndpoint": self.delete_endpoint,
        }

    def perform(self, *work: Any) -> None:
        self._endpoints.perform(*work)

    def check_alarms(self) -> None:
        """An alarm has changed its state."""
        self._endpoints.check_alarms()

    def version(self, config: str) -> str:
        """Return the ARN of the model package that a config deploys; empty if there is none, or if the config or its
        model was deleted."""
        found = self.configs.get(config.lower())
        return found.version if found is not None and found.models[0].name.lower() in self.models else ""

    def patch(self, name: str) -> None:
        """AWS begins to patch the endpoint."""
        self._endpoints.patch(self.endpoints[name.lower()])

    def force(self, name: str, **fields: Any) -> None:
        """Put the endpoint into a state, whatever led to it. Raises KeyError if it does not exist."""
        self._endpoints.force(self.endpoints[name.lower()], **fields)

    def remove(self, name: str) -> None:
        """Let the endpoint be gone at once."""
        self._endpoints.remove(name)

    def create_endpoint(self, call: Call) -> dict[str, Any]:
        """Create an endpoint. The DeploymentConfig is only stored, for a later RetainDeploymentConfig."""
        request, name = call.request, call.request["EndpointName"]
        if name.lower() in self.endpoints:
            raise invalid(f'Cannot create already existing endpoint "{self.endpoints[name.lower()].arn}".')
        fleet = Fleet.launch(self._configs.config(request["EndpointConfigName"]), self._surroundings.time())
        deployment_config = request.get("DeploymentConfig")
        guardrails.check(deployment_config or {}, fleet.counts)
        endpoint = self._endpoints.create(name, fleet, deployment_config, request.get("Tags", []))
        return {"EndpointArn": endpoint.arn}

    def describe_endpoint(self, call: Call) -> dict[str, Any]:
        shows_old_config = self._surroundings.assumptions.updating_shows_old_config
        return self._endpoint(call).describe(shows_old_config=shows_old_config)

    def list_endpoints(self, call: Call) -> dict[str, Any]:
        status = call.request.get("StatusEquals")
        summaries = (e.summary() for e in self.endpoints.values() if status in (None, e.status))
        limit = self._surroundings.page_limit("ListEndpoints", call.request)
        return listed(call.request, summaries, result="Endpoints", name="EndpointName", limit=limit)

    def update_endpoint(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html"""
        request, endpoint = call.request, self._idle(call)
        config = self._configs.config(request["EndpointConfigName"])
        # SageMaker also reads the old config. Without it, it can neither update nor roll back.
        self._configs.config(endpoint.config)
        if self._surroundings.assumptions.live_config_refused and config is endpoint.fleet.config:
            raise invalid(f'Endpoint "{endpoint.arn}" already uses endpoint configuration "{config.arn}".')
        fleet = Fleet.launch(config, self._surroundings.time())
        data_capture = config.fields.get("DataCaptureConfig")
        if request.get("RetainAllVariantProperties"):
            excluded = {p["VariantPropertyType"] for p in request.get("ExcludeRetainedVariantProperties", [])}
            fleet = fleet.keeping(_PROPERTIES - excluded, endpoint.fleet)
            if "DataCaptureConfig" not in excluded:
                data_capture = endpoint.data_capture
        deployment_config = request.get("DeploymentConfig")
        if deployment_config is None and request.get("RetainDeploymentConfig"):
            deployment_config = endpoint.deployment_config
        self._check(endpoint, fleet, deployment_config)
        self._endpoints.update(endpoint, fleet, deployment_config, data_capture)
        return {"EndpointArn": endpoint.arn}

    def update_endpoint_weights_and_capacities(self, call: Call) -> dict[str, Any]:
        endpoint = self._idle(call)
        self._endpoints.resize(endpoint, call.request["DesiredWeightsAndCapacities"])
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, call: Call) -> dict[str, Any]:
        endpoint = self._endpoint(call)
        if endpoint.is_in_progress:
            raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        self._endpoints.delete(endpoint)
        return {}

    def _endpoint(self, call: Call) -> Endpoint:
        name = call.request["EndpointName"].lower()
        if name not in self.endpoints:
            arn = self._surroundings.account.sagemaker(f"endpoint/{name}")
            raise invalid(f'Could not find endpoint "{arn}".')
        return self.endpoints[name]

    def _idle(self, call: Call) -> Endpoint:
        endpoint = self._endpoint(call)
        if endpoint.is_in_progress:
            raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.status == "Failed":
            raise invalid(f'Cannot update failed endpoint "{endpoint.arn}"; it can only be deleted.')
        return endpoint

    def _check(self, endpoint: Endpoint, fleet: Fleet, config: dict[str, Any] | None) -> None:
        if fleet.is_serverless and not endpoint.fleet.is_serverless:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html
            raise invalid(f'Cannot update the real-time endpoint "{endpoint.arn}" to a serverless one.')
        for variant in endpoint.fleet.all_variants:
            self._check_scalable(endpoint, variant, fleet.any_variant(variant.name))
        if config is None:
            return
        if {v.name for v in fleet.variants} != {v.name for v in endpoint.fleet.variants}:
            raise invalid("A DeploymentConfig needs the same production variant names in both configurations.")
        if (fleet.shadows or endpoint.fleet.shadows) and self._surroundings.assumptions.shadow_guardrails_refused:
            raise invalid("A DeploymentConfig is not supported with shadow variants.")
        guardrails.check(config, fleet.counts)
        if self._surroundings.assumptions.firing_alarm_refused:
            self._check_alarms(config)
        if self._surroundings.assumptions.metric_math_refused:
            self._check_metric_math(config)

    def _check_alarms(self, config: dict[str, Any]) -> None:
        for name in guardrails.alarms(config):
            state = self._surroundings.alarm_state(name)
            if state is None:
                raise invalid(f'Could not find alarm "{name}".')
            if state == "ALARM":
                raise invalid(f'Alarm "{name}" is in ALARM state.')

    def _check_metric_math(self, config: dict[str, Any]) -> None:
        for name in guardrails.alarms(config):
            if self._surroundings.has_metric_math(name):
                raise invalid(f'Alarm "{name}" is not supported, because it is based on a metric math expression.')

    def _check_scalable(self, endpoint: Endpoint, old: Variant, new: Variant | None) -> None:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-update.html"""
        is_same = new is not None and new.instance_type == old.instance_type
        if not is_same and self._surroundings.is_scalable(endpoint.name, old.name):
            raise invalid(
                f'The variant "{old.name}" of endpoint "{endpoint.arn}" is a target for auto scaling; deregister it '
                "before you remove it or change its instance type."
            )
