"""SageMaker's hosting: models, endpoint configs, and endpoints updated with guardrails, as phases on the world's
clock."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from botocore.exceptions import ClientError

from lambdas.gate import names
from simulation import refusals
from simulation.assumptions import Assumptions
from simulation.registry import ACCOUNT, ARN, REGION, STALE_SECONDS, Registry
from simulation.scaling import Scaling

LAUNCH_SECONDS, SHIFT_SECONDS, RETURN_SECONDS, CREATE_SECONDS = 120.0, 630.0, 30.0, 180.0
"""Launching the new fleet; its canary, bake and the end of the old one; going back; creating an endpoint."""
DELETE_SECONDS = 30.0
HAND_SECONDS, PATCH_SECONDS = 200.0, 120.0
FIRES_AFTER_SECONDS = 120.0
"""How long a version that errs takes traffic before an alarm sees it."""
CAPACITY_REASON = "Request to service failed. If failure persists after retry, contact customer support."
SCARCE_REASON = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
PING_REASON = (
    "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
    "CloudWatch logs for this endpoint."
)
IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
VARIANT = "AllTraffic"
TEAM_TAG = {"Key": "team", "Value": "risk"}
"""Whatever is made gets it from the account's own automation."""
OPTING_TAG = {"Key": names.TAG_KEY, "Value": names.TAG_VALUE}
IMAGE = "xgboost:1"
"""Of the models that name no package."""


ROLE = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/approval-gate-{REGION}-fraud-detection"
"""The endpoint's execution role."""


Tags = tuple[tuple[str, str], ...]


class Quality(StrEnum):
    """What a version does once it is deployed."""

    GOOD = "good"
    ERRS = "errs"
    """Its errors set off an alarm while the new fleet takes traffic."""
    SICK = "sick"
    """It does not pass the ping health check."""
    UNLUCKY = "unlucky"
    """SageMaker cannot launch it at first, for no fault of its own."""
    SCARCE = "scarce"
    """There are no instances for it, as long as it is so."""
    DOOMED = "doomed"
    """SageMaker can never launch it."""
    BURNS = "burns"
    """Its errors begin some time after it was promoted."""


@dataclass(frozen=True, slots=True)
class Model:
    """`version` is empty where it names no package."""

    version: str
    role: str = ROLE
    environment: tuple[tuple[str, str], ...] = ()
    created: float = 0.0
    tags: Tags = ()


@dataclass(frozen=True, slots=True)
class Config:
    name: str
    model: str
    variant: str
    instances: int
    created: float
    instance_type: str = "ml.m5.large"
    tags: Tags = ()
    serverless: tuple[tuple[str, int], ...] = ()
    """Its ServerlessConfig, where it has no instances."""
    output: str = ""
    """Where answers lie, if the endpoint is asynchronous."""

    @property
    def kind(self) -> dict[str, Any]:
        """Of the config, and of the endpoint."""
        return {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": self.output}}} if self.output else {}

    @property
    def capacity(self) -> dict[str, Any]:
        """Of ProductionVariant."""
        if self.serverless:
            return {"ServerlessConfig": dict(self.serverless)}
        return {"InstanceType": self.instance_type, "InitialInstanceCount": self.instances}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`turn` counts what was begun, so that the phases of what is over are known as such. `alarms` guard the rollout
    under way; `deployment` are the alarms of LastDeploymentConfig, `deployed_before` those it had before. `cause` is
    what the FailureReason of an update that goes back will be."""

    name: str
    status: str
    config: str
    modified: float
    tagged: bool = True
    pending: str | None = None
    turn: int = 0
    reason: str | None = None
    taking_traffic: bool = False
    returning: bool = False
    by_hand: bool = False
    alarms: tuple[str, ...] = ()
    deployment: tuple[str, ...] = ()
    deployed_before: tuple[str, ...] = ()
    modified_before: float = 0.0
    created: float = 0.0
    cause: str | None = None

    @property
    def arn(self) -> str:
        return endpoint_arn(self.name)


@dataclass(frozen=True, slots=True)
class Update:
    """What became of one accepted CreateEndpoint or UpdateEndpoint of the gate: the truth, which the ledger must
    tell. `ended` is None while it is under way, else `live` or the cause of its return."""

    endpoint: str
    config: str
    version: str
    at: float
    turn: int
    ended: str | None = None


class Surroundings(Protocol):
    """What hosting needs of the world."""

    now: float
    assumptions: Assumptions
    registry: Registry
    scaling: Scaling

    def at(self, due: float, *work: Any) -> None: ...
    def endpoint_changed(self, endpoint: Endpoint) -> None: ...
    def fire(self, alarm: str) -> None: ...
    def is_burning(self, alarm: str) -> bool: ...
    def alarm_exists(self, alarm: str) -> bool: ...
    def quality(self, version: str) -> Quality: ...
    def settle_alarms(self, endpoint: Endpoint, *, promoted: bool = False) -> None: ...


class Hosting:
    def __init__(self, world: Surroundings) -> None:
        self._world = world
        self.models: dict[str, Model] = {}
        self.configs: dict[str, Config] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.updates: tuple[Update, ...] = ()
        self.launches: dict[str, int] = {}
        self.by_hand: tuple[float, ...] = ()
        """When configs that people put there came into service."""
        self.served: tuple[tuple[str, str, float], ...] = ()
        """What came into service on which endpoint, and when: by the gate or by hand."""
        self.patches: tuple[float, ...] = ()
        self.removed: dict[str, tuple[Model | Config, float]] = {}
        """By name: models and configs that were deleted, and when."""
        self._turns = 0
        self._before: dict[str, tuple[Endpoint | None, float]] = {}

    def copy(self, world: Surroundings) -> "Hosting":
        other = Hosting(world)
        other.models, other.configs, other.endpoints = self.models.copy(), self.configs.copy(), self.endpoints.copy()
        other.updates, other.launches, other._before = self.updates, self.launches.copy(), self._before.copy()
        other._turns, other.by_hand, other.patches = self._turns, self.by_hand, self.patches
        other.removed, other.served = self.removed.copy(), self.served
        return other

    def state(self) -> object:
        made = list(self.models.items()), list(self.configs.items()), list(self.endpoints.items())
        happened = self.updates, list(self.launches.items()), self.by_hand, self.patches, self.served
        return made, happened, list(self._before.items()), list(self.removed.items())

    def version(self, config: str) -> str:
        model = self.models.get(self.configs[config].model) if config in self.configs else None
        return model.version if model else ""

    def is_behind(self, name: str, now: float) -> bool:
        before, changed = self._before.get(name, (None, 0.0))
        return now - changed < STALE_SECONDS and before != self.endpoints.get(name)

    # -- calls

    def create_model(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        (container,) = request["Containers"]
        name, version = request["ModelName"], container["ModelPackageName"]
        arn = model_arn(name)
        if name in self.models:
            raise refusals.validation("CreateModel", f'Cannot create already existing model "{arn}".')
        package = self._world.registry.packages.get(version)
        if package is None:
            raise refusals.validation("CreateModel", f"ModelPackage {version} does not exist.")
        if package.approval != "Approved":
            raise refusals.validation(
                "CreateModel",
                f"Model package {version} is not approved; its ModelApprovalStatus is {package.approval}.",
            )
        environment = tuple(container.get("Environment", {}).items())
        self.models[name] = Model(version, request["ExecutionRoleArn"], environment, now, _tags(request))
        return {"ModelArn": arn}

    def describe_model(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["ModelName"]
        arn = model_arn(name)
        if name not in self.models:
            raise refusals.validation("DescribeModel", f'Could not find model "{arn}".')
        model = self.models[name]
        environment = {"Environment": dict(model.environment)} if model.environment else {}
        of_package, by_hand = (
            {"Containers": [{"ModelPackageName": model.version, **environment}]},
            {"PrimaryContainer": {"Image": IMAGE}},
        )
        made_of = of_package if model.version else by_hand
        return {"ModelName": name, "ModelArn": arn, "ExecutionRoleArn": model.role} | made_of

    def create_endpoint_config(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name, (variant,) = request["EndpointConfigName"], request["ProductionVariants"]
        if name in self.configs:
            raise refusals.validation(
                "CreateEndpointConfig", f'Cannot create already existing endpoint configuration "{config_arn(name)}".'
            )
        if variant["ModelName"] not in self.models:
            arn = model_arn(variant["ModelName"])
            raise refusals.validation("CreateEndpointConfig", f'Could not find model "{arn}".')
        self.configs[name] = Config(
            name,
            variant["ModelName"],
            variant["VariantName"],
            variant.get("InitialInstanceCount", 0),
            now,
            variant.get("InstanceType", ""),
            _tags(request),
            tuple(variant.get("ServerlessConfig", {}).items()),
            request.get("AsyncInferenceConfig", {}).get("OutputConfig", {}).get("S3OutputPath", ""),
        )
        return {"EndpointConfigArn": config_arn(name)}

    def config_is_behind(self, name: str, now: float) -> bool:
        return name in self.configs and now - self.configs[name].created < STALE_SECONDS

    def describe_endpoint_config(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["EndpointConfigName"]
        if stale or name not in self.configs:
            raise _no_config("DescribeEndpointConfig", name)
        config = self.configs[name]
        variant = {
            "VariantName": config.variant,
            "ModelName": config.model,
            **config.capacity,
            "InitialVariantWeight": 1.0,
        }
        return {
            "EndpointConfigName": name,
            "EndpointConfigArn": config_arn(name),
            "ProductionVariants": [variant],
            "CreationTime": _time(config.created),
            **config.kind,
        }

    def describe_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["EndpointName"]
        endpoint = self._before[name][0] if stale else self.endpoints.get(name)
        if endpoint is None:
            raise _no_endpoint("DescribeEndpoint", name)
        answer: dict[str, Any] = {
            "EndpointName": name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config,
            "EndpointStatus": endpoint.status,
            "CreationTime": _time(endpoint.created),
            "LastModifiedTime": _time(endpoint.modified),
        }
        if endpoint.status not in ("Creating", "Failed"):
            served = self._served(endpoint)
            told = {"CurrentServerlessConfig": dict(served.serverless)} if served.serverless else {}
            answer["ProductionVariants"] = [{"VariantName": served.variant, **told}]
            answer |= served.kind
        if endpoint.reason:
            answer["FailureReason"] = endpoint.reason
        if pending := endpoint.config if endpoint.status == "Creating" else endpoint.pending:
            answer["PendingDeploymentSummary"] = {"EndpointConfigName": pending}
        if endpoint.deployment:
            named = [{"AlarmName": alarm} for alarm in endpoint.deployment]
            answer["LastDeploymentConfig"] = {"AutoRollbackConfiguration": {"Alarms": named}}
        return answer

    def list_tags(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """One tag a page: the opting one of an endpoint is the second."""
        tags = self._tags_of(request["ResourceArn"])
        if tags is None:
            raise refusals.validation("ListTags", "Resource does not exist.")
        place = int(request.get("NextToken", 0))
        return {"Tags": tags[place : place + 1]} | ({"NextToken": str(place + 1)} if place + 1 < len(tags) else {})

    def create_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Refused without the tag, as the deployer's policy says, before anything else is looked at."""
        name, config = request["EndpointName"], request["EndpointConfigName"]
        if OPTING_TAG not in request.get("Tags", []):
            raise refusals.denied("CreateEndpoint", endpoint_arn(name))
        if name in self.endpoints:
            arn = self.endpoints[name].arn
            raise refusals.validation("CreateEndpoint", f'Cannot create already existing endpoint "{arn}".')
        if stale or config not in self.configs:
            raise _no_config("CreateEndpoint", config)
        turn = self._turn()
        self._set(Endpoint(name, "Creating", config, now, turn=turn, created=now), name)
        self.updates += (Update(name, config, self.version(config), now, turn),)
        self._world.at(now + CREATE_SECONDS, "created", name, turn)
        return {"EndpointArn": self.endpoints[name].arn}

    def update_endpoint(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        endpoint = self._idle(name)
        if stale or config not in self.configs:
            raise _no_config("UpdateEndpoint", config)
        deployment = request.get("DeploymentConfig")
        if endpoint.config not in self.configs:
            # Without it SageMaker can neither update nor roll back.
            raise _no_config("UpdateEndpoint", endpoint.config)
        self._check_variant(endpoint, config, guarded=deployment is not None)
        guarding = (deployment or {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
        alarms = tuple(alarm["AlarmName"] for alarm in guarding)
        self._check_alarms(alarms)
        turn = self._begin(endpoint, config, alarms if deployment is not None else None)
        self.updates += (Update(name, config, self.version(config), now, turn),)
        self._world.at(now + LAUNCH_SECONDS, "launched", name, turn)
        if self._world.assumptions.alarms_from_launch:
            self.look_at_alarms(name)
        return {"EndpointArn": endpoint.arn}

    def _served(self, endpoint: Endpoint) -> Config:
        """Though somebody deleted it."""
        found = self.configs.get(endpoint.config) or self.removed[endpoint.config][0]
        assert isinstance(found, Config)
        return found

    def _tags_of(self, arn: str) -> list[dict[str, str]] | None:
        for endpoint in self.endpoints.values():
            if endpoint.arn == arn:
                return [TEAM_TAG, OPTING_TAG] if endpoint.tagged else [TEAM_TAG]
        made: list[tuple[str, Model | Config]] = [(model_arn(name), model) for name, model in self.models.items()]
        made += ((config_arn(name), config) for name, config in self.configs.items())
        found = next((each.tags for known, each in made if known == arn), None)
        return None if found is None else [{"Key": key, "Value": value} for key, value in found]

    # -- what people and AWS do

    def update_by_hand(self, name: str, config: str) -> bool:
        """Somebody updates the endpoint, without guardrails. False where SageMaker refuses."""
        endpoint = self.endpoints.get(name)
        if endpoint is None or endpoint.status in IN_PROGRESS or endpoint.status == "Failed":
            return False
        turn = self._begin(endpoint, config, None, by_hand=True)
        self._world.at(self._world.now + HAND_SECONDS, "promoted", name, turn)
        return True

    def patch(self, name: str) -> bool:
        endpoint = self.endpoints.get(name)
        if endpoint is None or endpoint.status != "InService":
            return False
        turn = self._turn()
        self.patches += (self._world.now,)
        moved = self._world.now if self._world.assumptions.patching_moves_modified else endpoint.modified
        self._set(dataclasses.replace(endpoint, status="SystemUpdating", turn=turn, modified=moved), name)
        self._world.at(self._world.now + PATCH_SECONDS, "patched", name, turn)
        return True

    def force(self, name: str, **fields: Any) -> None:
        """Put the endpoint into a state, whatever led to it. An update that stays pending has not ended."""
        endpoint, turn = self.endpoints[name], self._turn()
        if "pending" in fields:
            updates = (dataclasses.replace(u, turn=turn) if u.turn == endpoint.turn else u for u in self.updates)
            self.updates = tuple(updates)
        else:
            self._ended(endpoint.turn, "forced")
        forced = {"turn": turn, "pending": None, "alarms": (), "modified": self._world.now} | fields
        self._set(dataclasses.replace(endpoint, **forced), name)

    def delete(self, name: str) -> None:
        """DeleteEndpoint is refused while something is under way; then it is as if support had done it."""
        endpoint = self.endpoints[name]
        self._ended(endpoint.turn, "forced")
        if endpoint.status in IN_PROGRESS:
            self._set(None, name)
            return
        turn = self._turn()
        self._set(dataclasses.replace(endpoint, status="Deleting", turn=turn, modified=self._world.now), name)
        self._world.at(self._world.now + DELETE_SECONDS, "deleted", name, turn)

    def finish(self, name: str) -> bool:
        """What is under way by the gate ends now."""
        endpoint = self.endpoints.get(name)
        if endpoint is None or endpoint.status not in ("Creating", "Updating", "RollingBack") or endpoint.by_hand:
            return False
        if endpoint.status == "Creating":
            self.created(name, endpoint.turn)
        elif endpoint.returning:
            self.returned(name, endpoint.turn)
        else:
            if not endpoint.taking_traffic:
                self.launched(name, endpoint.turn)
            endpoint = self.endpoints[name]
            if endpoint.returning:
                self.returned(name, endpoint.turn)
            elif self._world.quality(self.version(endpoint.pending or "")) is Quality.ERRS:
                self.erred(name, endpoint.turn)
                self.returned(name, endpoint.turn)
            else:
                self.promoted(name, endpoint.turn)
        return True

    # -- phases

    def created(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is None or endpoint.status != "Creating":
            return
        if self._quality(endpoint.config) in (Quality.SICK, Quality.UNLUCKY):
            self._ended(turn, "failed")
            self._set(
                dataclasses.replace(endpoint, status="Failed", reason=PING_REASON, modified=self._world.now), name
            )
            return
        self._ended(turn, "live")
        self.served += ((name, endpoint.config, self._world.now),)
        self._set(dataclasses.replace(endpoint, status="InService", modified=self._world.now), name)

    def launched(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is None or endpoint.returning or endpoint.pending is None or endpoint.taking_traffic:
            return
        quality = self._quality(endpoint.pending)
        if quality is Quality.SICK:
            self._turn_back(endpoint, PING_REASON, "sick")
            return
        if quality in (Quality.UNLUCKY, Quality.SCARCE):
            reason = SCARCE_REASON if quality is Quality.SCARCE else CAPACITY_REASON
            self._turn_back(endpoint, reason, "unlucky")
            return
        now = self._world.now
        self._set(dataclasses.replace(endpoint, taking_traffic=True), name, quietly=True)
        if quality is Quality.ERRS:
            self._world.at(now + FIRES_AFTER_SECONDS, "erred", name, turn)
        pending = self.configs.get(endpoint.pending)
        bakes = pending is None or not pending.serverless
        self._world.at(now + (SHIFT_SECONDS if bakes else RETURN_SECONDS), "promoted", name, turn)
        self.look_at_alarms(name)

    def erred(self, name: str, turn: int) -> None:
        """The errors of the new fleet set off the first of its alarms."""
        endpoint = self._current(name, turn)
        if endpoint is not None and endpoint.alarms and not endpoint.returning:
            self._world.fire(endpoint.alarms[0])

    def promoted(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is None or endpoint.returning or endpoint.pending is None:
            return
        self._ended(turn, "live")
        self.served += ((name, endpoint.pending, self._world.now),)
        if endpoint.by_hand:
            self.by_hand += (self._world.now,)
        self._set(
            dataclasses.replace(
                endpoint,
                status="InService",
                config=endpoint.pending,
                pending=None,
                taking_traffic=False,
                by_hand=False,
                modified=self._world.now,
                alarms=(),
            ),
            name,
        )
        self._world.settle_alarms(endpoint, promoted=True)

    def returned(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is None or not endpoint.returning:
            return
        assumptions = self._world.assumptions
        self._set(
            dataclasses.replace(
                endpoint,
                status="InService",
                pending=None,
                reason=endpoint.cause,
                cause=None,
                taking_traffic=False,
                returning=False,
                modified=self._world.now if assumptions.rollback_moves_modified else endpoint.modified_before,
                alarms=(),
                deployment=endpoint.deployment if assumptions.rollback_keeps_deployment else endpoint.deployed_before,
            ),
            name,
        )
        self._world.settle_alarms(endpoint)

    def patched(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is not None:
            self._set(dataclasses.replace(endpoint, status="InService"), name)

    def deleted(self, name: str, turn: int) -> None:
        if self._current(name, turn) is not None:
            self._set(None, name)

    def look_at_alarms(self, name: str) -> None:
        """Back, if one of the alarms that guard the rollout is in ALARM while SageMaker looks at them."""
        endpoint = self.endpoints.get(name)
        if endpoint is None or endpoint.pending is None or endpoint.returning:
            return
        looking = endpoint.taking_traffic or self._world.assumptions.alarms_from_launch
        burning = [alarm for alarm in endpoint.alarms if self._world.is_burning(alarm)]
        if looking and burning:
            reason = f"One or more configured alarms are in ALARM state: {', '.join(burning)}."
            self._turn_back(endpoint, reason if self._world.assumptions.rollback_gives_reason else None, "alarm")

    def _begin(self, endpoint: Endpoint, config: str, alarms: tuple[str, ...] | None, *, by_hand: bool = False) -> int:
        """`alarms` are None where there is no DeploymentConfig."""
        turn = self._turn()
        self._set(
            dataclasses.replace(
                endpoint,
                status="Updating",
                pending=config,
                turn=turn,
                reason=None,
                modified=self._world.now,
                modified_before=endpoint.modified,
                cause=None,
                alarms=alarms or (),
                deployment=endpoint.deployment if alarms is None else alarms,
                deployed_before=endpoint.deployment,
                by_hand=by_hand,
                returning=False,
                taking_traffic=False,
            ),
            endpoint.name,
        )
        return turn

    def _turn_back(self, endpoint: Endpoint, reason: str | None, cause: str) -> None:
        status = "RollingBack" if self._world.assumptions.rolling_back_shows else "Updating"
        self._ended(endpoint.turn, cause)
        shows = status != endpoint.status
        turned = dataclasses.replace(
            endpoint,
            status=status,
            cause=reason,
            returning=True,
            taking_traffic=False,
            modified=self._world.now if shows else endpoint.modified,
        )
        self._set(turned, endpoint.name, quietly=not shows)
        self._world.at(self._world.now + RETURN_SECONDS, "returned", endpoint.name, endpoint.turn)

    def _turn(self) -> int:
        self._turns += 1
        return self._turns

    def _quality(self, config: str) -> Quality:
        """An unlucky version is launched in vain twice."""
        version = self.version(config)
        quality = self._world.quality(version)
        if quality is Quality.DOOMED:
            return Quality.UNLUCKY
        if quality is not Quality.UNLUCKY:
            return quality
        self.launches[version] = self.launches.get(version, 0) + 1
        return Quality.UNLUCKY if self.launches[version] <= 2 else Quality.GOOD

    def _ended(self, turn: int, how: str) -> None:
        self.updates = tuple(
            dataclasses.replace(u, ended=how) if u.turn == turn and u.ended is None else u for u in self.updates
        )

    def _current(self, name: str, turn: int) -> Endpoint | None:
        endpoint = self.endpoints.get(name)
        return endpoint if endpoint is not None and endpoint.turn == turn else None

    def _idle(self, name: str) -> Endpoint:
        """The deployer's policy asks for the endpoint's tag, before anything else; what does not exist has none."""
        endpoint = self.endpoints.get(name)
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
        old, new = self.configs[endpoint.config], self.configs[config]
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
        if not self._world.assumptions.burning_alarm_refused:
            return
        for alarm in alarms:
            if not self._world.alarm_exists(alarm):
                raise refusals.validation("UpdateEndpoint", f'Could not find alarm "{alarm}".')
            if self._world.is_burning(alarm):
                raise refusals.validation("UpdateEndpoint", f'Alarm "{alarm}" is in ALARM state.')

    def _set(self, endpoint: Endpoint | None, name: str, *, quietly: bool = False) -> None:
        self._before[name] = self.endpoints.get(name), self._world.now
        if endpoint is None:
            self.endpoints.pop(name, None)
            return
        self.endpoints[name] = endpoint
        if not quietly:
            self._world.endpoint_changed(endpoint)


def endpoint_arn(name: str) -> str:
    return f"{ARN}:endpoint/{name.lower()}"


def config_arn(name: str) -> str:
    return f"{ARN}:endpoint-config/{name.lower()}"


def model_arn(name: str) -> str:
    return f"{ARN}:model/{name.lower()}"


def _tags(request: dict[str, Any]) -> Tags:
    return tuple((tag["Key"], tag["Value"]) for tag in request.get("Tags", ()))


def _no_config(operation: str, name: str) -> ClientError:
    return refusals.validation(operation, f'Could not find endpoint configuration "{config_arn(name)}".')


def _no_endpoint(operation: str, name: str) -> ClientError:
    return refusals.validation(operation, f'Could not find endpoint "{endpoint_arn(name)}".')


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
