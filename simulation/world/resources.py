"""What SageMaker hosts: models and endpoint configs, how versions behave once they are deployed, and how each update
ended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lambdas.gate import names
from simulation.world.registry import ACCOUNT, ARN, REGION

VARIANT = "AllTraffic"
TEAM_TAG = {"Key": "team", "Value": "risk"}
"""The account's own automation adds it to everything that is created."""
OPTING_TAG = {"Key": names.TAG_KEY, "Value": names.TAG_VALUE}
IMAGE = "xgboost:1"
"""The image of the models that name no package."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/approval-gate-{REGION}-fraud-detection"
"""The execution role of the endpoint."""

Tags = tuple[tuple[str, str], ...]


class Quality(StrEnum):
    """How a version behaves once it is deployed."""

    GOOD = "good"
    ERRS = "errs"
    """Its errors fire an alarm while the new fleet takes traffic."""
    ERRS_LATE = "errs-late"
    """Its errors fire an alarm so late in the bake that SageMaker does not react any more."""
    WRONG = "wrong"
    """It answers 200 with wrong numbers. Only a golden request notices."""
    SICK = "sick"
    """It does not pass the ping health check."""
    UNLUCKY = "unlucky"
    """SageMaker cannot launch it at first, through no fault of the version."""
    SCARCE = "scarce"
    """There are no instances for it, until it is changed."""
    DOOMED = "doomed"
    """SageMaker can never launch it."""
    ERRS_WHEN_LIVE = "errs-when-live"
    """Its errors start some time after it was promoted."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model. `version` is empty if it names no package."""

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
    """Its ServerlessConfig, if it is serverless."""
    output: str = ""
    """Where answers are stored, if it is asynchronous."""

    @property
    def kind(self) -> dict[str, Any]:
        """Return the part of an answer that both the config and its endpoint have."""
        return {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": self.output}}} if self.output else {}

    @property
    def capacity(self) -> dict[str, Any]:
        """Return the capacity, as ProductionVariant has it."""
        if self.serverless:
            return {"ServerlessConfig": dict(self.serverless)}
        return {"InstanceType": self.instance_type, "InitialInstanceCount": self.instances}


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


def config_arn(name: str) -> str:
    return f"{ARN}:endpoint-config/{name.lower()}"


def model_arn(name: str) -> str:
    return f"{ARN}:model/{name.lower()}"
