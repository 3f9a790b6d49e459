"""What truly happened to the endpoints, and how versions behave once they are deployed."""

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from simulation.world.example import NAME
from simulation.world.registry import STALE_SECONDS
from simulation.world.resources import VARIANT, Quality, Update
from simulation.world.traffic import Shares, shares
from world.hosting.change import Creation, Patch
from world.hosting.change import Update as Rollout
from world.hosting.endpoint import Endpoint
from world.hosting.endpoint_config import EndpointConfig
from world.hosting.model import Model

if TYPE_CHECKING:
    from simulation.world.world import World

FIRES_AFTER_SECONDS, UNGUARDED_SECONDS = 120.0, 400.0
"""How long a failing version takes traffic before an alarm of its rollout fires, or a standing one if no guardrails
watch that."""
CAPACITY_REASON = "Request to service failed. If failure persists after retry, contact customer support."
ODD_REASON = "The variant did not become ready."
SCARCE_REASON = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
PING_REASON = (
    "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
    "CloudWatch logs for this endpoint."
)


@dataclass
class Hosted:
    updates: tuple[Update, ...] = ()
    """The creations and updates of the gate."""
    launches: dict[str, int] = field(default_factory=dict)
    """How often each unlucky version was launched."""
    manual_changes: tuple[float, ...] = ()
    """When the configs of manual changes came into service."""
    served: tuple[tuple[str, str, float], ...] = ()
    """What came into service: endpoint, config and time."""
    routed: tuple[tuple[float, Shares], ...] = ()
    """Since when requests of the endpoint are routed how."""
    patches: tuple[float, ...] = ()
    removed: dict[str, tuple[Model | EndpointConfig, float]] = field(default_factory=dict)
    """Models and configs that were deleted, by name, and when."""
    before: dict[str, tuple[Endpoint | None, float]] = field(default_factory=dict)
    """Each endpoint before its last changes, which were at one time, and when that was."""
    is_by_hand: bool = False
    """Whoever calls now is a person."""
    cause: str = ""
    """Why the fleet could not be launched."""

    def copy(self) -> "Hosted":
        copied = {"launches": self.launches.copy(), "removed": self.removed.copy(), "before": self.before.copy()}
        return dataclasses.replace(self, **copied)  # type: ignore[arg-type]

    def state(self) -> object:
        before = [(name, endpoint and endpoint.state(), at) for name, (endpoint, at) in self.before.items()]
        happened = (
            self.updates,
            list(self.launches.items()),
            self.manual_changes,
            self.patches,
            self.served,
            self.routed,
        )
        return happened, before, list(self.removed.items())

    def ended(self, turn: int, how: str) -> None:
        """The change of this turn has ended, if it was one of the gate's."""
        self.updates = tuple(
            dataclasses.replace(u, ended=how) if u.turn == turn and u.ended is None else u for u in self.updates
        )

    def renumber(self, turn: int, other: int) -> None:
        """The change of this turn goes on under another number."""
        self.updates = tuple(dataclasses.replace(u, turn=other) if u.turn == turn else u for u in self.updates)

    def is_manual(self, endpoint: Endpoint) -> bool:
        """Return whether the update in progress is a manual change."""
        return isinstance(endpoint.change, Rollout) and all(update.turn != endpoint.turn for update in self.updates)

    def is_behind(self, endpoint: Endpoint | None, name: str, now: float) -> bool:
        """Return whether a stale read of the endpoint would differ."""
        before, changed = self.before.get(name, (None, 0.0))
        return now - changed < STALE_SECONDS and before != endpoint


def launch_error(world: "World", endpoint: Endpoint) -> str | None:
    """Return why the endpoint's new fleet cannot be launched, by its version."""
    fleet = endpoint.pending
    assert fleet is not None
    config = fleet.config
    if error := _launch_error(world, endpoint, config.version, VARIANT):
        return error
    pairs = zip(config.shadows, config.shadow_models, strict=True)
    errors = (_launch_error(world, endpoint, model.version, fields["VariantName"]) for fields, model in pairs)
    return next((error for error in errors if error), None)


def _launch_error(world: "World", endpoint: Endpoint, version: str, variant: str) -> str | None:
    match _launched(world, version):
        case Quality.SICK:
            world.hosted.cause = "sick"
            return PING_REASON.replace(VARIANT, variant)
        case Quality.UNLUCKY:
            world.hosted.cause = "unlucky"
            return PING_REASON if endpoint.status == "Creating" else CAPACITY_REASON
        case Quality.SCARCE if endpoint.status != "Creating":
            world.hosted.cause = "unlucky"
            return SCARCE_REASON
        case Quality.ODD:
            world.hosted.cause = "unlucky"
            return ODD_REASON
        case _:
            return None


def note(world: "World", name: str, before: Endpoint | None, after: Endpoint | None) -> None:
    """Note what this change of an endpoint means, and let follow what follows from it."""
    hosted, now = world.hosted, world.now
    if name not in hosted.before or hosted.before[name][1] < now:
        hosted.before[name] = before, now
    if after is None:
        return
    if name == NAME:
        _note_routing(hosted, after, now)
    if before is None or before.turn != after.turn:
        _note_beginning(world, after)
    if before is None or before.change is None:
        return
    if after.is_rolling_back and not before.is_rolling_back:
        hosted.ended(after.turn, hosted.cause or "alarm")
        hosted.cause = ""
    elif after.share and not before.share and not after.is_rolling_back:
        if after.pending and world.quality(after.pending.config.version) is Quality.ERRS:
            world.at(now + FIRES_AFTER_SECONDS, "erred", name, after.turn)
    elif after.change is None and after.turn == before.turn:
        _note_end(world, before, after)


def _note_routing(hosted: Hosted, after: Endpoint, now: float) -> None:
    routed = shares(after.config, after.green.config.name if after.green else None, after.share)
    if hosted.routed[-1:] == () or hosted.routed[-1][1] != routed:
        hosted.routed += ((now, routed),)


def err(world: "World", name: str, turn: int) -> None:
    """The errors of the new fleet fire an alarm of the rollout. It has metric math, so SageMaker may not watch it."""
    endpoint = world.hosting.endpoints.get(name)
    if endpoint is not None and endpoint.turn == turn and endpoint.alarms and not endpoint.is_rolling_back:
        _fire(world, endpoint)


def _fire(world: "World", endpoint: Endpoint) -> None:
    """Fire the first alarm with metric math of the update in progress."""
    own = names.rollout_alarm(endpoint.name, str(endpoint.pending_config), "")
    made = [name for name in world.alarms.alarms if name.startswith(own) and alarms.has_metric_math(name)]
    world.fire(made[0])


def _note_beginning(world: "World", after: Endpoint) -> None:
    if isinstance(after.change, Creation | Rollout) and not world.hosted.is_by_hand and after.pending:
        config = after.pending.config
        world.hosted.updates += (Update(after.name, config.name, config.version, world.now, after.turn),)
    elif isinstance(after.change, Patch):
        world.hosted.patches += (world.now,)


def _note_end(world: "World", before: Endpoint, after: Endpoint) -> None:
    hosted = world.hosted
    if after.status == "Failed":
        hosted.ended(after.turn, "failed")
        hosted.cause = ""
    elif before.is_rolling_back:
        world.settle_alarms(before)
    elif before.pending:
        hosted.served += ((after.name, after.config, world.now),)
        if hosted.is_manual(before):
            hosted.manual_changes += (world.now,)
        hosted.ended(after.turn, "live")
        if isinstance(before.change, Rollout):
            world.settle_alarms(before, promoted=True)
            _err_late(world, before, after)
            _err_unguarded(world, before, after)


def _err_late(world: "World", before: Endpoint, after: Endpoint) -> None:
    version = after.fleet.config.version
    if before.alarms and world.quality(version) is Quality.ERRS_LATE:
        world.blames_late(version, before.fleet.config.version)
        _fire(world, before)


def _err_unguarded(world: "World", before: Endpoint, after: Endpoint) -> None:
    """Let errors fire a standing alarm if no guardrails could: SageMaker takes and ignores them beside a shadow."""
    is_ignored = bool(before.fleet.shadows) and not world.assumptions.shadow_has_guardrails
    if is_ignored and world.quality(after.fleet.config.version) is Quality.ERRS:
        world.at(world.now + UNGUARDED_SECONDS, "errs", after.fleet.config.version)


def _launched(world: "World", version: str) -> Quality:
    """Return how the version behaves now. An unlucky version fails to launch twice."""
    quality, launches = world.quality(version), world.hosted.launches
    if quality is Quality.DOOMED:
        return Quality.UNLUCKY
    if quality is not Quality.UNLUCKY:
        return quality
    launches[version] = launches.get(version, 0) + 1
    return Quality.UNLUCKY if launches[version] <= 2 else Quality.GOOD
