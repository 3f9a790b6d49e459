"""What SageMaker hosts: models and endpoint configs, what versions do once they are deployed, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lambdas.gate import names
from simulation.world.registry import ACCOUNT, ARN, REGION

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
    ERRS_LATE = "errs-late"
    """The same, of the last minutes of its bake: SageMaker watches no more."""
    WRONG = "wrong"
    """It answers 200 with wrong numbers: nobody but a golden request tells."""
    SICK = "sick"
    """It does not pass the ping health check."""
    UNLUCKY = "unlucky"
    """SageMaker cannot launch it at first, for no fault of its own."""
    SCARCE = "scarce"
    """There are no instances for it, as long as it is so."""
    DOOMED = "doomed"
    """SageMaker can never launch it."""
    ERRS_WHEN_LIVE = "errs-when-live"
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
class Update:
    """What became of one accepted CreateEndpoint or UpdateEndpoint of the gate: the truth, which the ledger must
    tell. `ended` is None while it is under way, else `live` or the cause of its return."""

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
