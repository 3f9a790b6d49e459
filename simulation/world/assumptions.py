"""What is assumed about AWS, as switches of the model.

The invariants must hold for every combination of what AWS does not document. They need the other switches as they are:
see docs/develop/simulation.md.
"""

import dataclasses
from dataclasses import dataclass
from typing import Self

UNDOCUMENTED = tuple("0123456")
"""The switches for what AWS does not document, by number, as in a code."""


@dataclass(frozen=True)
class Assumptions:
    """Each default is the likelier answer."""

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

    def code(self) -> str:
        """Return the switches that differ from their defaults, by number. It is empty if none does."""
        return "".join(
            str(number)
            for number, field in enumerate(dataclasses.fields(self))
            if getattr(self, field.name) != field.default
        )

    @classmethod
    def from_code(cls, code: str) -> Self:
        fields = dataclasses.fields(cls)
        return cls(**{fields[int(digit)].name: not fields[int(digit)].default for digit in code})
