"""An endpoint, and what it becomes when an update starts, succeeds, turns back or has gone back."""

from dataclasses import dataclass, replace

from simulation.world.registry import ARN
from world.assumptions import Assumptions

IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as SageMaker knows it."""

    name: str
    status: str
    config: str
    modified: float
    tagged: bool = True
    pending: str | None = None
    """The config of the update in flight."""
    turn: int = 0
    """The number of the last update. A phase of an earlier one is out of date."""
    reason: str | None = None
    """FailureReason."""
    taking_traffic: bool = False
    """The new fleet has a part of the traffic."""
    returning: bool = False
    """The update is rolling back."""
    is_manual: bool = False
    """The update is a manual change."""
    alarms: tuple[str, ...] = ()
    """The alarms that guard the update."""
    deployment: tuple[str, ...] = ()
    """The alarms of LastDeploymentConfig."""
    deployed_before: tuple[str, ...] = ()
    """The alarms of LastDeploymentConfig before the update."""
    modified_before: float = 0.0
    created: float = 0.0
    cause: str | None = None
    """FailureReason once the update has rolled back."""
    has_all_traffic: bool = False
    """The new fleet has all the traffic."""

    @property
    def arn(self) -> str:
        return endpoint_arn(self.name)

    def updating(
        self, config: str, alarms: tuple[str, ...] | None, turn: int, now: float, *, is_manual: bool
    ) -> "Endpoint":
        """Return the endpoint at the start of an update. `alarms` is None without a DeploymentConfig."""
        return replace(
            self,
            status="Updating",
            pending=config,
            turn=turn,
            reason=None,
            modified=now,
            modified_before=self.modified,
            cause=None,
            alarms=alarms or (),
            deployment=self.deployment if alarms is None else alarms,
            deployed_before=self.deployment,
            is_manual=is_manual,
            returning=False,
            taking_traffic=False,
            has_all_traffic=False,
        )

    def promoted(self, config: str, now: float) -> "Endpoint":
        return replace(
            self,
            status="InService",
            config=config,
            pending=None,
            taking_traffic=False,
            has_all_traffic=False,
            is_manual=False,
            modified=now,
            alarms=(),
        )

    def turned_back(self, reason: str | None, now: float, assumptions: Assumptions) -> "Endpoint":
        status = "RollingBack" if assumptions.rolling_back_shows else "Updating"
        return replace(
            self,
            status=status,
            cause=reason,
            returning=True,
            taking_traffic=False,
            has_all_traffic=False,
            modified=now if status != self.status else self.modified,
        )

    def returned(self, now: float, assumptions: Assumptions) -> "Endpoint":
        return replace(
            self,
            status="InService",
            pending=None,
            reason=self.cause,
            cause=None,
            taking_traffic=False,
            has_all_traffic=False,
            returning=False,
            modified=now if assumptions.rollback_moves_modified else self.modified_before,
            alarms=(),
            deployment=self.deployment if assumptions.rollback_keeps_deployment else self.deployed_before,
        )


def endpoint_arn(name: str) -> str:
    return f"{ARN}:endpoint/{name.lower()}"
