"""SageMaker's hosting: models, endpoint configs, and endpoints that are updated with guardrails, in phases on the
world's clock."""

import dataclasses
from typing import Any, Protocol

from simulation.world.endpoint import IN_PROGRESS, Endpoint
from simulation.world.registry import STALE_SECONDS
from simulation.world.resources import Config, Model, Quality, Update
from world.assumptions import Assumptions

LAUNCH_SECONDS, SHIFT_SECONDS, RETURN_SECONDS, CREATE_SECONDS = 120.0, 630.0, 30.0, 180.0
"""How long it takes to launch the new fleet; to shift, bake and delete the old fleet; to go back; and to create an
endpoint."""
DELETE_SECONDS = 30.0
MANUAL_SECONDS, PATCH_SECONDS = 200.0, 120.0
FIRES_AFTER_SECONDS = 120.0
"""How long a failing version takes traffic before an alarm fires."""
CAPACITY_REASON = "Request to service failed. If failure persists after retry, contact customer support."
SCARCE_REASON = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
PING_REASON = (
    "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
    "CloudWatch logs for this endpoint."
)


class Surroundings(Protocol):
    """What hosting needs from the world."""

    now: float
    assumptions: Assumptions
    has_prober: bool

    def at(self, due: float, *work: Any) -> None: ...
    def endpoint_changed(self, endpoint: Endpoint) -> None: ...
    def traffic_moved(self, endpoint: Endpoint) -> None: ...
    def fire(self, alarm: str) -> None: ...
    def is_in_alarm(self, alarm: str) -> bool: ...
    def quality(self, version: str) -> Quality: ...
    def blames_late(self, version: str, serving: str) -> None: ...
    def settle_alarms(self, endpoint: Endpoint, *, promoted: bool = False) -> None: ...


class Hosting:
    def __init__(self, world: Surroundings) -> None:
        self._world = world
        self.models: dict[str, Model] = {}
        self.configs: dict[str, Config] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.updates: tuple[Update, ...] = ()
        self.launches: dict[str, int] = {}
        self.manual_changes: tuple[float, ...] = ()
        """When the configs of manual changes came into service."""
        self.served: tuple[tuple[str, str, float], ...] = ()
        """What came into service: endpoint, config and time."""
        self.patches: tuple[float, ...] = ()
        self.removed: dict[str, tuple[Model | Config, float]] = {}
        """Models and configs that were deleted, by name, and when."""
        self._turns = 0
        self._before: dict[str, tuple[Endpoint | None, float]] = {}

    def copy(self, world: Surroundings) -> "Hosting":
        other = Hosting(world)
        other.models, other.configs, other.endpoints = self.models.copy(), self.configs.copy(), self.endpoints.copy()
        other.updates, other.launches, other._before = self.updates, self.launches.copy(), self._before.copy()
        other._turns, other.manual_changes, other.patches = self._turns, self.manual_changes, self.patches
        other.removed, other.served = self.removed.copy(), self.served
        return other

    def state(self) -> object:
        made = list(self.models.items()), list(self.configs.items()), list(self.endpoints.items())
        happened = self.updates, list(self.launches.items()), self.manual_changes, self.patches, self.served
        return made, happened, list(self._before.items()), list(self.removed.items())

    def version(self, config: str) -> str:
        model = self.models.get(self.configs[config].model) if config in self.configs else None
        return model.version if model else ""

    def is_behind(self, name: str, now: float) -> bool:
        before, changed = self._before.get(name, (None, 0.0))
        return now - changed < STALE_SECONDS and before != self.endpoints.get(name)

    def config_is_behind(self, name: str, now: float) -> bool:
        return name in self.configs and now - self.configs[name].created < STALE_SECONDS

    def before(self, name: str) -> Endpoint | None:
        """Return the endpoint before its last change."""
        return self._before[name][0]

    # -- calls of the gate

    def create(self, name: str, config: str) -> None:
        turn, now = self._turn(), self._world.now
        self._set(Endpoint(name, "Creating", config, now, turn=turn, created=now), name)
        self.updates += (Update(name, config, self.version(config), now, turn),)
        self._world.at(now + CREATE_SECONDS, "created", name, turn)

    def update(self, endpoint: Endpoint, config: str, alarms: tuple[str, ...] | None) -> None:
        """Start an update of the gate. `alarms` is None without a DeploymentConfig."""
        name, now = endpoint.name, self._world.now
        turn = self._begin(endpoint, config, alarms)
        self.updates += (Update(name, config, self.version(config), now, turn),)
        self._world.at(now + LAUNCH_SECONDS, "launched", name, turn)
        if self._world.assumptions.alarms_from_launch:
            self.check_alarms(name)

    # -- acts of people and of AWS

    def update_manually(self, name: str, config: str) -> bool:
        """A person updates the endpoint, without guardrails. Return False if SageMaker refuses."""
        endpoint = self.endpoints.get(name)
        if endpoint is None or endpoint.status in IN_PROGRESS or endpoint.status == "Failed":
            return False
        turn = self._begin(endpoint, config, None, is_manual=True)
        self._world.at(self._world.now + MANUAL_SECONDS, "promoted", name, turn)
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
        """Put the endpoint into a state, whatever led to it. An update with `pending` has not ended."""
        endpoint, turn = self.endpoints[name], self._turn()
        if "pending" in fields:
            updates = (dataclasses.replace(u, turn=turn) if u.turn == endpoint.turn else u for u in self.updates)
            self.updates = tuple(updates)
        else:
            self._ended(endpoint.turn, "forced")
        forced = {"turn": turn, "pending": None, "alarms": (), "modified": self._world.now} | fields
        self._set(dataclasses.replace(endpoint, **forced), name)

    def delete(self, name: str) -> None:
        """Delete the endpoint. SageMaker refuses that during an update; it then is gone at once, as if AWS support had
        deleted it."""
        endpoint = self.endpoints[name]
        self._ended(endpoint.turn, "forced")
        if endpoint.status in IN_PROGRESS:
            self._set(None, name)
            return
        turn = self._turn()
        self._set(dataclasses.replace(endpoint, status="Deleting", turn=turn, modified=self._world.now), name)
        self._world.at(self._world.now + DELETE_SECONDS, "deleted", name, turn)

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
        if self._world.has_prober and bakes:
            # Only the prober needs to know when the rest of the traffic moves.
            self._world.traffic_moved(self.endpoints[name])
            self._world.at(now + SHIFT_SECONDS / 2, "shifted", name, turn)
        self.check_alarms(name)

    def shifted(self, name: str, turn: int) -> None:
        """The rest of the traffic has moved to the new fleet."""
        endpoint = self._current(name, turn)
        if endpoint is None or not endpoint.taking_traffic:
            return
        self._set(dataclasses.replace(endpoint, has_all_traffic=True), name, quietly=True)
        self._world.traffic_moved(self.endpoints[name])

    def erred(self, name: str, turn: int) -> None:
        """The errors of the new fleet fire the first alarm of the rollout."""
        endpoint = self._current(name, turn)
        if endpoint is not None and endpoint.alarms and not endpoint.returning:
            self._world.fire(endpoint.alarms[0])

    def promoted(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is None or endpoint.returning or endpoint.pending is None:
            return
        self._ended(turn, "live")
        self.served += ((name, endpoint.pending, self._world.now),)
        if endpoint.is_manual:
            self.manual_changes += (self._world.now,)
        self._set(endpoint.promoted(endpoint.pending, self._world.now), name)
        self._world.settle_alarms(endpoint, promoted=True)
        version = self.version(endpoint.pending)
        if endpoint.alarms and self._world.quality(version) is Quality.ERRS_LATE:
            self._world.blames_late(version, self.version(endpoint.config))
            self._world.fire(endpoint.alarms[0])

    def returned(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is None or not endpoint.returning:
            return
        self._set(endpoint.returned(self._world.now, self._world.assumptions), name)
        self._world.settle_alarms(endpoint)

    def patched(self, name: str, turn: int) -> None:
        endpoint = self._current(name, turn)
        if endpoint is not None:
            self._set(dataclasses.replace(endpoint, status="InService"), name)

    def deleted(self, name: str, turn: int) -> None:
        if self._current(name, turn) is not None:
            self._set(None, name)

    def check_alarms(self, name: str) -> None:
        """Turn back if an alarm of the rollout is in ALARM while SageMaker watches it."""
        endpoint = self.endpoints.get(name)
        if endpoint is None or endpoint.pending is None or endpoint.returning:
            return
        is_watching = endpoint.taking_traffic or self._world.assumptions.alarms_from_launch
        firing = [alarm for alarm in endpoint.alarms if self._world.is_in_alarm(alarm)]
        if is_watching and firing:
            reason = f"One or more configured alarms are in ALARM state: {', '.join(firing)}."
            self._turn_back(endpoint, reason if self._world.assumptions.rollback_gives_reason else None, "alarm")

    def _begin(
        self, endpoint: Endpoint, config: str, alarms: tuple[str, ...] | None, *, is_manual: bool = False
    ) -> int:
        turn = self._turn()
        updating = endpoint.updating(config, alarms, turn, self._world.now, is_manual=is_manual)
        self._set(updating, endpoint.name)
        return turn

    def _turn_back(self, endpoint: Endpoint, reason: str | None, cause: str) -> None:
        turned = endpoint.turned_back(reason, self._world.now, self._world.assumptions)
        self._ended(endpoint.turn, cause)
        self._set(turned, endpoint.name, quietly=turned.status == endpoint.status)
        self._world.at(self._world.now + RETURN_SECONDS, "returned", endpoint.name, endpoint.turn)

    def _turn(self) -> int:
        self._turns += 1
        return self._turns

    def _quality(self, config: str) -> Quality:
        """Return how the version behaves now. An unlucky version fails to launch twice."""
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

    def _set(self, endpoint: Endpoint | None, name: str, *, quietly: bool = False) -> None:
        self._before[name] = self.endpoints.get(name), self._world.now
        if endpoint is None:
            self.endpoints.pop(name, None)
            return
        self.endpoints[name] = endpoint
        if not quietly:
            self._world.endpoint_changed(endpoint)
