"""What is assumed about AWS, as switches of the model. The invariants have to hold for every combination of what AWS
does not document; they rest on the others, see docs/develop/simulation.md."""

import dataclasses
from dataclasses import dataclass
from typing import Self

UNDOCUMENTED = tuple("0123456")
"""By number, as in a code, the switches of what AWS does not document."""


@dataclass(frozen=True)
class Assumptions:
    """The defaults are what seems likelier."""

    rolling_back_shows: bool = True
    """A guarded update that rolls back is RollingBack; otherwise it stays Updating to its end."""
    rollback_gives_reason: bool = True
    """FailureReason tells of a rollback after an alarm; otherwise it is empty."""
    rollback_moves_modified: bool = True
    """LastModifiedTime is later after a rollback than before the update; otherwise it is what it was."""
    rollback_keeps_deployment: bool = True
    """LastDeploymentConfig is the rolled back update's; otherwise that of the update before."""
    alarms_from_launch: bool = False
    """SageMaker looks at the alarms from the call on; otherwise once the new fleet takes traffic."""
    firing_alarm_refused: bool = False
    """UpdateEndpoint refuses an alarm in ALARM or one that does not exist; otherwise it starts and rolls back, or
    takes it for one that never fires."""
    patching_moves_modified: bool = True
    """SystemUpdating moves LastModifiedTime."""
    functions_end_in_time: bool = True
    """Lambda ends a function at its timeout, whatever it waits for; otherwise one may go on after its lock expired.
    https://docs.aws.amazon.com/whitepapers/latest/serverless-architectures-lambda/timeout.html"""
    calls_land_in_time: bool = True
    """A call that its caller gave up on is executed soon or never; otherwise maybe after the lock has expired."""

    def code(self) -> str:
        """The switches that are not as by default, by number; empty where all are."""
        return "".join(
            str(number)
            for number, field in enumerate(dataclasses.fields(self))
            if getattr(self, field.name) != field.default
        )

    @classmethod
    def from_code(cls, code: str) -> Self:
        fields = dataclasses.fields(cls)
        return cls(**{fields[int(digit)].name: not fields[int(digit)].default for digit in code})
