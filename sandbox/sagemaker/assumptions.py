"""What AWS does not document, or leaves to the account. Each answer can be flipped, to try the app on both."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict


@dataclass
class Assumptions:
    """The defaults are what seems likelier."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    status_while_rolling_back: Literal["RollingBack", "Updating"] = "RollingBack"
    """DescribeEndpoint's EndpointStatus while a guarded update rolls back."""
    alarm_rollback_has_reason: bool = True
    """Whether FailureReason is given after an alarm rolled an update back."""
    rollback_moves_last_modified: bool = True
    """Whether LastModifiedTime stays moved after a rollback, or is again what it was before the update."""
    alarms_count_from_launch: bool = False
    """Whether an alarm counts from the start, or only once the new fleet takes traffic."""
    missing_alarm_is_refused: bool = False
    """Whether UpdateEndpoint refuses an alarm that does not exist, or takes it for one that never fires."""
    live_config_is_refused: bool = False
    """Whether UpdateEndpoint refuses the config already in service, or launches it once more."""
    serverless_has_guardrails: bool = False
    """Whether a DeploymentConfig guards the update of a serverless endpoint. AWS's pages differ: guardrails "only apply
    to Asynchronous inference and Real-time inference", and the exclusions name serverless for rolling alone."""
    image_digest_is_filled_in: bool = True
    """Whether the registry looks up the ImageDigest of containers registered without one, as in AWS's sample event."""
    account_has_trail: bool = True
    """Whether CloudTrail records management events, which EventBridge then hands to rules."""
