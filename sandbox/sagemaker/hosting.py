"""SageMaker's hosting: models, endpoint configs, and endpoints with guarded updates."""

from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.sagemaker.exceptions import ValidationError

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.sagemaker import guardrails, model_data
from sandbox.sagemaker.creation import Creation
from sandbox.sagemaker.endpoint import IN_PROGRESS, Endpoint
from sandbox.sagemaker.endpoint_configs import EndpointConfigs
from sandbox.sagemaker.fleet import Fleet, Variant
from sandbox.sagemaker.models import Models
from sandbox.sagemaker.operations import Call, Operation, serve
from sandbox.sagemaker.registry import Registry
from sandbox.sagemaker.resize import Resize
from sandbox.sagemaker.update import DEPLOYMENT_STATE_CHANGE, STATE_CHANGE, Alarms, ChangeContext, Update
from world.assumptions import Assumptions
from world.listing import listed
from world.tags import Tags

NO_CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
NO_MODEL_DATA = (
    'Failed to download model data for container "container_1" from URL: "{uri}". Please ensure that there is an '
    "object located at the URL and that the role passed to CreateModel has permissions to download the object."
)
_PROPERTIES = frozenset({"DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig"})


class Hosting:
    """`capacity` limits the instances that can be launched at a time, by instance type. Other types have no limit."""

    def __init__(
        self,
        clock: Clock,
        events: EventBus,
        alarms: Alarms,
        registry: Registry,
        tags: Tags,
        assumptions: Assumptions | None = None,
    ) -> None:
        self.capacity: dict[str, int] = {}
        self._clock = clock
        self._events = events
        self._alarms = alarms
        self._tags = tags
        self.assumptions = assumptions or Assumptions()
        self._models = Models(clock, registry, tags)
        self._configs = EndpointConfigs(clock, self._models, tags)
        self._endpoints: dict[str, Endpoint] = {}
        self._context = ChangeContext(clock, alarms, self.assumptions, self._launch_error, self._emit)

    def install(self) -> None:
        serve(self.operations())

    def operations(self) -> dict[str, Operation]:
        return {
            **self._models.operations(),
            **self._configs.operations(),
            **self._tags.operations(),
            "CreateEndpoint": self.create_endpoint,
            "DescribeEndpoint": self.describe_endpoint,
            "ListEndpoints": self.list_endpoints,
            "UpdateEndpoint": self.update_endpoint,
            "UpdateEndpointWeightsAndCapacities": self.update_endpoint_weights_and_capacities,
            "DeleteEndpoint": self.delete_endpoint,
        }

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a SageMaker ARN, {} if there are none. IAM reads aws:ResourceTag here."""
        return self._tags.of(arn)

    def observe_endpoints(self) -> list[dict[str, Any]]:
        """Return the state of every endpoint. May be called while the clock runs."""
        return [endpoint.observe() for endpoint in list(self._endpoints.values())]

    def endpoint_serving(self, account: str, region: str, name: str) -> Endpoint | None:
        """Return the endpoint that InvokeEndpoint calls. Its name is case-sensitive, other than in the other
        operations."""
        endpoint = self._endpoints.get(f"arn:aws:sagemaker:{region}:{account}:endpoint/{name.lower()}")
        return endpoint if endpoint is not None and endpoint.name == name else None

    def set_capacity(self, instance_type: str, available: int | None) -> None:
        """Limit the instances of a type that can be launched at a time; None removes the limit."""
        self.capacity.pop(instance_type, None)
        if available is not None:
            self.capacity[instance_type] = available

    def force_status(self, endpoint: str, status: str) -> None:
        """Put the endpoints of this name into a status and end what is in progress. For tests."""
        found = [e for e in self._endpoints.values() if e.name == endpoint]
        if not found:
            raise KeyError(endpoint)
        for forced in found:
            forced.activity, forced.green, forced.share = None, None, 0.0
            forced.status, forced.modified = status, self._clock.now()
            self._emit(forced, STATE_CHANGE)

    def create_endpoint(self, call: Call) -> dict[str, Any]:
        """Create an endpoint. The DeploymentConfig is only stored, for a later RetainDeploymentConfig."""
        request, name = call.request, call.request["EndpointName"]
        arn = _arn(call, name)
        if arn in self._endpoints:
            raise ValidationError(f'Cannot create already existing endpoint "{arn}".')
        config, now = self._configs.config(call, request["EndpointConfigName"]), self._clock.now()
        fleet = Fleet.launch(name, config, now)
        deployment_config = request.get("DeploymentConfig")
        guardrails.check(deployment_config or {}, fleet.counts)
        endpoint = Endpoint(call.account, call.region, name, arn, fleet, created=now, modified=now)
        endpoint.deployment_config = deployment_config
        endpoint.data_capture = config.fields.get("DataCaptureConfig")
        self._endpoints[arn] = endpoint
        self._tags.create(arn, request.get("Tags", []))
        Creation(self._context, endpoint).begin()
        return {"EndpointArn": arn}

    def describe_endpoint(self, call: Call) -> dict[str, Any]:
        return self._endpoint(call).describe()

    def list_endpoints(self, call: Call) -> dict[str, Any]:
        status = call.request.get("StatusEquals")
        summaries = (
            endpoint.summary()
            for endpoint in self._endpoints.values()
            if endpoint.arn.startswith(call.arn("")) and status in (None, endpoint.status)
        )
        return listed(call.request, summaries, result="Endpoints", name="EndpointName")

    def update_endpoint(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html"""
        request, endpoint = call.request, self._idle(call)
        config = self._configs.config(call, request["EndpointConfigName"])
        # SageMaker also reads the old config. Without it, it can neither update nor roll back.
        self._configs.config(call, endpoint.fleet.config.name)
        if self.assumptions.live_config_is_refused and config is endpoint.fleet.config:
            raise ValidationError(f'Endpoint "{endpoint.arn}" already uses endpoint configuration "{config.arn}".')
        fleet = Fleet.launch(endpoint.name, config, self._clock.now())
        data_capture = config.fields.get("DataCaptureConfig")
        if request.get("RetainAllVariantProperties"):
            excluded = {p["VariantPropertyType"] for p in request.get("ExcludeRetainedVariantProperties", [])}
            fleet.keep(_PROPERTIES - excluded, endpoint.fleet)
            if "DataCaptureConfig" not in excluded:
                data_capture = endpoint.data_capture
        deployment_config = request.get("DeploymentConfig")
        if deployment_config is None and request.get("RetainDeploymentConfig"):
            deployment_config = endpoint.deployment_config
        self._check(endpoint, fleet, deployment_config)
        endpoint.deployment_config = deployment_config or endpoint.deployment_config
        Update(self._context, endpoint, fleet, deployment_config or {}, data_capture).begin()
        return {"EndpointArn": endpoint.arn}

    def update_endpoint_weights_and_capacities(self, call: Call) -> dict[str, Any]:
        endpoint, desired = self._idle(call), call.request["DesiredWeightsAndCapacities"]
        Resize(self._context, endpoint, desired).begin()
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, call: Call) -> dict[str, Any]:
        endpoint = self._endpoint(call)
        if endpoint.status in IN_PROGRESS:
            raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        endpoint.status, endpoint.modified = "Deleting", self._clock.now()
        self._emit(endpoint, STATE_CHANGE)
        self._clock.at(self._clock.time() + guardrails.TEARDOWN_SECONDS, lambda: self._forget(endpoint))
        return {}

    def _forget(self, endpoint: Endpoint) -> None:
        del self._endpoints[endpoint.arn]
        self._tags.delete(endpoint.arn)

    def _endpoint(self, call: Call) -> Endpoint:
        arn = _arn(call, call.request["EndpointName"])
        if arn not in self._endpoints:
            raise ValidationError(f'Could not find endpoint "{arn}".')
        return self._endpoints[arn]

    def _idle(self, call: Call) -> Endpoint:
        endpoint = self._endpoint(call)
        if endpoint.status in IN_PROGRESS:
            raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.status == "Failed":
            raise ValidationError(f'Cannot update failed endpoint "{endpoint.arn}"; it can only be deleted.')
        return endpoint

    def _check(self, endpoint: Endpoint, fleet: Fleet, config: dict[str, Any] | None) -> None:
        if fleet.is_serverless and not endpoint.fleet.is_serverless:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html
            raise ValidationError(f'Cannot update the real-time endpoint "{endpoint.arn}" to a serverless one.')
        for variant in endpoint.fleet.variants:
            self._check_autoscaled(endpoint, variant, fleet.variant(variant.name))
        if config is None:
            return
        if {v.name for v in fleet.variants} != {v.name for v in endpoint.fleet.variants}:
            raise ValidationError("A DeploymentConfig needs the same production variant names in both configurations.")
        guardrails.check(config, fleet.counts)
        if self.assumptions.missing_alarm_is_refused:
            for name in guardrails.alarms(config):
                if self._alarms.state(account=endpoint.account, region=endpoint.region, alarm=name) is None:
                    raise ValidationError(f'Could not find alarm "{name}".')

    def _check_autoscaled(self, endpoint: Endpoint, old: Variant, new: Variant | None) -> None:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-update.html"""
        targets = applicationautoscaling_backends[endpoint.account][endpoint.region].targets
        resource = f"endpoint/{endpoint.name}/variant/{old.name}"
        if resource in targets.get("sagemaker:variant:DesiredInstanceCount", {}) and (
            new is None or new.instance_type != old.instance_type
        ):
            raise ValidationError(
                f'The variant "{old.name}" of endpoint "{endpoint.arn}" is a target for auto scaling; deregister it '
                "before you remove it or change its instance type."
            )

    def _launch_error(self, fleet: Fleet, instances: Callable[[Variant], int]) -> str | None:
        for variant in fleet.variants:
            wanted, kind = instances(variant), variant.instance_type
            if wanted <= 0:
                continue
            if kind in self.capacity and wanted > self.capacity[kind]:
                return NO_CAPACITY
            for container in variant.model.containers:
                if uri := model_data.missing(container):
                    return NO_MODEL_DATA.format(uri=uri)
        return None

    def _emit(self, endpoint: Endpoint, detail_type: str) -> None:
        detail = endpoint.detail(pending=detail_type == DEPLOYMENT_STATE_CHANGE)
        self._events.put(
            account=endpoint.account,
            region=endpoint.region,
            source="aws.sagemaker",
            detail_type=detail_type,
            resources=[endpoint.arn],
            detail={**detail, "Tags": self._tags.of(endpoint.arn)},
        )


def _arn(call: Call, name: str) -> str:
    return call.arn(f"endpoint/{name.lower()}")
