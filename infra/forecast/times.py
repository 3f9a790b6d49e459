"""How long AWS takes. No setting decides it and no page promises it, so all are estimates, and arguments."""

from dataclasses import dataclass

from infra.config import limits


@dataclass(frozen=True)
class Times:
    """All in seconds.

    `publishing`: from the end of a period until SageMaker has seen its alarm. `launch`: of a fleet or batch. `shift`:
    of traffic to the new fleet. `flip`: from an alarm until the old fleet has its traffic back. `end`: of a fleet or
    batch.
    """

    publishing: float
    launch: float
    shift: float
    flip: float
    end: float


TYPICAL = Times(publishing=90, launch=750, shift=30, flip=10, end=60)
SLOW = Times(publishing=limits.PUBLISHING_SECONDS, launch=limits.LAUNCH_SECONDS, shift=60, flip=60, end=120)
