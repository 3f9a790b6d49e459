"""What AWS does not document or leaves to the account. Change an answer to test the app with both."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict


@dataclass
class Assumptions:
    """The defaults are the likelier answers."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    status_while_rolling_back: Literal["RollingBack", "Updating"] = "RollingBack"
    """DescribeEndpoint's EndpointStatus while a guarded update rolls back."""
    alarm_rollback_has_reason: bool = True
    """Whether DescribeEndpoint has a FailureReason after an alarm has rolled back an update."""
    rollback_moves_last_modified: bool = True
    """Whether a rollback leaves LastModifiedTime at its own time. Otherwise it is restored to that before the
    update."""
    alarms_count_from_launch: bool = False
    """Whether an alarm counts from the launch of the new fleet. Otherwise it counts once the fleet takes traffic."""
    missing_alarm_is_refused: bool = False
    """Whether UpdateEndpoint refuses an alarm that does not exist. Otherwise such an alarm never fires."""
    live_config_is_refused: bool = False
    """Whether UpdateEndpoint refuses the config that is in service. Otherwise that config is launched again."""
    serverless_has_guardrails: bool = False
    """Whether a DeploymentConfig guards the update of a serverless endpoint. AWS's pages contradict each other:
    guardrails "only apply to Asynchronous inference and Real-time inference", and the exclusions list serverless for
    rolling updates only."""
    image_digest_is_filled_in: bool = True
    """Whether the registry adds the ImageDigest to containers that are registered without one, as AWS's sample event
    shows."""
    account_has_trail: bool = True
    """Whether CloudTrail records management events. EventBridge then delivers them to rules."""
