"""An endpoint, and what it is once a deployment begins, goes on, turns back or ends."""

from dataclasses import dataclass, replace

from simulation.world.assumptions import Assumptions
from simulation.world.registry import ARN

IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


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
    is_manual: bool = False
    alarms: tuple[str, ...] = ()
    deployment: tuple[str, ...] = ()
    deployed_before: tuple[str, ...] = ()
    modified_before: float = 0.0
    created: float = 0.0
    cause: str | None = None
    has_all_traffic: bool = False
    """All of it is on the fleet to come."""

    @property
    def arn(self) -> str:
        return endpoint_arn(self.name)

    def updating(
        self, config: str, alarms: tuple[str, ...] | None, turn: int, now: float, *, is_manual: bool
    ) -> "Endpoint":
        """`alarms` are None where there is no DeploymentConfig."""
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
