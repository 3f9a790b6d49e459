"""What AWS does not document, or leaves to the account, as switches of the model.

docs/develop/simulation.md says which of them the product's invariants need.
"""

import dataclasses
from dataclasses import dataclass
from typing import Self

UNDOCUMENTED = tuple("0123456dfghijkno")
"""The switches that the simulation tries both ways, as in a code."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Assumptions:
    """Each default is the likelier answer. A code names the switches by their place, so a new one is added at the
    end."""

    rolling_back_shows: bool = True
    """A guarded update that rolls back is RollingBack. Otherwise it stays Updating until it ends."""
    rollback_gives_reason: bool = True
    """FailureReason is set after a rollback by an alarm. Otherwise it is empty."""
    rollback_moves_modified: bool = True
    """A rollback moves LastModifiedTime. Otherwise it is what it was before the update."""
    rollback_keeps_deployment: bool = True
    """LastDeploymentConfig is that of the update that was rolled back. Otherwise it is that of the update before."""
    alarms_from_launch: bool = False
    """SageMaker reacts to alarms from the call on. Otherwise it does so once the new fleet takes traffic."""
    firing_alarm_refused: bool = False
    """UpdateEndpoint refuses an alarm that is in ALARM or does not exist. Otherwise the update starts, and rolls back
    or ignores the missing alarm."""
    patching_moves_modified: bool = True
    """SystemUpdating moves LastModifiedTime."""
    functions_end_in_time: bool = True
    """Lambda ends a function at its timeout. Otherwise it may still run after its lock has expired.
    https://docs.aws.amazon.com/whitepapers/latest/serverless-architectures-lambda/timeout.html
    """
    calls_land_in_time: bool = True
    """A call that its caller gave up on is executed soon or never. Otherwise it may be executed after the lock has
    expired."""
    live_config_refused: bool = False
    """UpdateEndpoint refuses the config that is in service. Otherwise that config is launched again."""
    serverless_has_guardrails: bool = False
    """A DeploymentConfig guards the update of a serverless endpoint. AWS's pages contradict each other: guardrails
    "only apply to Asynchronous inference and Real-time inference", and the exclusions list serverless for rolling
    updates only."""
    image_digest_filled_in: bool = True
    """The registry adds the ImageDigest to containers that are registered without one, as AWS's sample event shows."""
    account_has_trail: bool = True
    """CloudTrail records management events. EventBridge then delivers them to rules."""
    updating_shows_old_config: bool = True
    """DescribeEndpoint names the old config while the endpoint is Updating, and the new one in
    PendingDeploymentSummary. Otherwise it names the new one, and there is no summary."""
    model_shows_containers: bool = False
    """DescribeModel shows the containers that a model took from its model package. Otherwise it shows the package's
    name only."""
    metric_math_refused: bool = False
    """UpdateEndpoint refuses an alarm with metric math in AutoRollbackConfiguration."""
    metric_math_watched: bool = True
    """SageMaker rolls back when an alarm with metric math fires. Otherwise it takes such an alarm and ignores it."""
    shadow_guardrails_refused: bool = False
    """UpdateEndpoint refuses a DeploymentConfig if the old or the new config has a shadow variant."""
    shadow_has_guardrails: bool = True
    """A DeploymentConfig guards such an update. Otherwise SageMaker takes it and ignores it, as on the endpoints that
    guardrails exclude: all at once, without alarms."""
    shadow_relaunches: bool = True
    """An update that changes the shadow variant only launches the production variant anew. Otherwise its instances go
    on."""
    rollback_keeps_shadow: bool = True
    """After a rollback the endpoint has the shadow variant of its old config. Otherwise that shadow is gone."""
    shadow_metrics_name_config: bool = True
    """The metrics of a shadow variant have the dimension EndpointConfigName too."""
    captures_share_event_id: bool = False
    """Both captures of a request, the production variant's and the shadow's, have the same eventId."""
    old_fleet_metrics_name_config: bool = True
    """During a rollout the metrics of the old fleet have the dimension EndpointConfigName, as those of the new fleet
    do. Otherwise they have it only while the fleet serves alone."""
    latency_has_ranks: bool = True
    """CloudWatch answers percentile ranks of ModelLatency. SageMaker's documentation names its percentiles only."""

    def code(self) -> str:
        """Return the switches that differ from their defaults, a digit each. It is empty if none does."""
        return "".join(
            digit
            for digit, field in zip(_DIGITS, dataclasses.fields(self), strict=False)
            if getattr(self, field.name) != field.default
        )

    @classmethod
    def from_code(cls, code: str) -> Self:
        fields = dataclasses.fields(cls)
        return cls(**{fields[_DIGITS.index(digit)].name: not fields[_DIGITS.index(digit)].default for digit in code})
