"""The calls that create, update and describe an endpoint: what SageMaker refuses, and what it answers."""

from typing import Any

from botocore.exceptions import ClientError

from simulation.world import refusals
from simulation.world.catalog import no_config
from simulation.world.endpoint import IN_PROGRESS, Endpoint, endpoint_arn
from simulation.world.resources import OPTING_TAG, Config
from simulation.world.timestamps import timestamp
from simulation.world.world import World


class Deployment:
    def __init__(self, world: World) -> None:
        self._world = world
        self._hosting = world.hosting

    def describe_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["EndpointName"]
        endpoint = self._hosting.before(name) if stale else self._hosting.endpoints.get(name)
        if endpoint is None:
            raise _no_endpoint("DescribeEndpoint", name)
        answer: dict[str, Any] = {
            "EndpointName": name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config,
            "EndpointStatus": endpoint.status,
            "CreationTime": timestamp(endpoint.created),
            "LastModifiedTime": timestamp(endpoint.modified),
        }
        if endpoint.status not in ("Creating", "Failed"):
            served = self._served(endpoint)
            capacity = {"CurrentServerlessConfig": dict(served.serverless)} if served.serverless else {}
            answer["ProductionVariants"] = [{"VariantName": served.variant, **capacity}]
            answer |= served.kind
        if endpoint.reason:
            answer["FailureReason"] = endpoint.reason
        if pending := endpoint.config if endpoint.status == "Creating" else endpoint.pending:
            answer["PendingDeploymentSummary"] = {"EndpointConfigName": pending}
        if endpoint.deployment:
            named = [{"AlarmName": alarm} for alarm in endpoint.deployment]
            answer["LastDeploymentConfig"] = {"AutoRollbackConfiguration": {"Alarms": named}}
        return answer

    def create_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Create an endpoint. Without the tag the deployer's policy denies it, before anything else is checked."""
        name, config = request["EndpointName"], request["EndpointConfigName"]
        if OPTING_TAG not in request.get("Tags", []):
            raise refusals.denied("CreateEndpoint", endpoint_arn(name))
        if name in self._hosting.endpoints:
            arn = self._hosting.endpoints[name].arn
            raise refusals.validation("CreateEndpoint", f'Cannot create already existing endpoint "{arn}".')
        if stale or config not in self._hosting.configs:
            raise no_config("CreateEndpoint", config)
        self._hosting.create(name, config)
        return {"EndpointArn": self._hosting.endpoints[name].arn}

    def update_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        endpoint = self._idle(name)
        if stale or config not in self._hosting.configs:
            raise no_config("UpdateEndpoint", config)
        deployment = request.get("DeploymentConfig")
        if endpoint.config not in self._hosting.configs:
            # Without the old config SageMaker can neither update nor roll back.
            raise no_config("UpdateEndpoint", endpoint.config)
        self._check_variant(endpoint, config, guarded=deployment is not None)
        guarding = (deployment or {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
        alarms = tuple(alarm["AlarmName"] for alarm in guarding)
        self._check_alarms(alarms)
        self._hosting.update(endpoint, config, alarms if deployment is not None else None)
        return {"EndpointArn": endpoint.arn}

    def _served(self, endpoint: Endpoint) -> Config:
        """Return the config that the endpoint serves, even if somebody deleted it."""
        found = self._hosting.configs.get(endpoint.config) or self._hosting.removed[endpoint.config][0]
        assert isinstance(found, Config)
        return found

    def _idle(self, name: str) -> Endpoint:
        """Return the endpoint if it can be updated. First the deployer's policy asks for the tag, which a missing
        endpoint lacks."""
        endpoint = self._hosting.endpoints.get(name)
        if endpoint is None or not endpoint.tagged:
            raise refusals.denied("UpdateEndpoint", endpoint_arn(name))
        if endpoint.status in IN_PROGRESS:
            raise refusals.validation("UpdateEndpoint", f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.status == "Failed":
            message = f'Cannot update failed endpoint "{endpoint.arn}"; it can only be deleted.'
            raise refusals.validation("UpdateEndpoint", message)
        return endpoint

    def _check_variant(self, endpoint: Endpoint, config: str, *, guarded: bool) -> None:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-update.html"""
        old, new = self._hosting.configs[endpoint.config], self._hosting.configs[config]
        if new.serverless and not old.serverless:
            raise refusals.validation(
                "UpdateEndpoint", f'Cannot update the real-time endpoint "{endpoint.arn}" to a serverless one.'
            )
        if self._world.scaling.target and (old.variant, old.instance_type) != (new.variant, new.instance_type):
            raise refusals.validation(
                "UpdateEndpoint",
                f'The variant "{old.variant}" of endpoint "{endpoint.arn}" is a target for auto scaling; deregister it '
                "before you remove it or change its instance type.",
            )
        if guarded and old.variant != new.variant:
            raise refusals.validation(
                "UpdateEndpoint",
                "A DeploymentConfig needs the same production variant names in both configurations.",
            )

    def _check_alarms(self, alarms: tuple[str, ...]) -> None:
        if not self._world.assumptions.firing_alarm_refused:
            return
        for alarm in alarms:
            if alarm not in self._world.alarms.alarms:
                raise refusals.validation("UpdateEndpoint", f'Could not find alarm "{alarm}".')
            if self._world.is_in_alarm(alarm):
                raise refusals.validation("UpdateEndpoint", f'Alarm "{alarm}" is in ALARM state.')


def _no_endpoint(operation: str, name: str) -> ClientError:
    return refusals.validation(operation, f'Could not find endpoint "{endpoint_arn(name)}".')
