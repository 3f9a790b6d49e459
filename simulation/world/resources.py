"""How versions behave once they are deployed, and how each update ended."""

from dataclasses import dataclass
from enum import StrEnum

from lambdas.gate import names
from simulation.world.registry import ACCOUNT, REGION

VARIANT = "AllTraffic"
TEAM_TAG = {"Key": "team", "Value": "risk"}
"""The account's own automation adds it to everything that is created."""
OPTING_TAG = {"Key": names.TAG_KEY, "Value": names.TAG_VALUE}
IMAGE = "xgboost:1"
"""The image of the models that name no package."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/approval-gate-{REGION}-fraud-detection"
"""The execution role of the endpoint."""


class Quality(StrEnum):
    """How a version behaves once it is deployed."""

    GOOD = "good"
    ERRS = "errs"
    """Its errors fire an alarm while the new fleet takes traffic."""
    ERRS_LATE = "errs-late"
    """Its errors fire an alarm so late in the bake that SageMaker does not react any more."""
    WRONG = "wrong"
    """It answers 200 with wrong numbers. Only a golden request notices."""
    DIFFERING = "differing"
    """It answers every fifth request otherwise than other versions. Only the answers of a shadow show that."""
    SICK = "sick"
    """It does not pass the ping health check."""
    UNLUCKY = "unlucky"
    """SageMaker cannot launch it at first, through no fault of the version."""
    SCARCE = "scarce"
    """There are no instances for it, until it is changed."""
    DOOMED = "doomed"
    """SageMaker can never launch it."""
    ODD = "odd"
    """SageMaker can never launch it, and gives a reason that nobody knows."""
    ERRS_WHEN_LIVE = "errs-when-live"
    """Its errors start some time after it was promoted."""
    WORSE = "worse"
    """It fails twice as many requests as other versions. No threshold sees that."""
    WORSE_DEBUGGED = "worse-debugged"
    """It fails as much as WORSE while its environment has a LOG_LEVEL."""
    CLEAN = "clean"
    """It fails hardly any request."""
    HARDLY_WORSE = "hardly-worse"
    """It fails more than a clean version, by less than the judge's margin."""
    SLOWER = "slower"
    """It answers four times as many requests later than the judge's bound as other versions."""


@dataclass(frozen=True, slots=True)
class Update:
    """The truth about one accepted CreateEndpoint or UpdateEndpoint of the gate.

    The ledger must agree with it. `ended` is None during the update, then `live` or the cause of its failure.
    """

    endpoint: str
    config: str
    version: str
    at: float
    turn: int
    ended: str | None = None
