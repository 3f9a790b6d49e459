"""What is registered for autoscaling, and when to change it. Pure.

A change is an intent in the head, then calls that may be repeated without harm, then the outcome. An intent is the lock
while it is young; an old one is of a function that died, and the calls are made again.
"""

from dataclasses import dataclass

from lambdas.gate.timing import LOCK

RETRY_SECONDS = 900
"""After a refusal, of which people were told."""
OFF = ""
"""In place of a digest: nothing is registered by the gate."""


@dataclass(frozen=True)
class AutoscalingChange:
    """The last change: to what (`Autoscaling.digest`, or OFF), when it was begun in seconds since 1970, whether it is
    done, or why it was refused."""

    digest: str
    begun_at: float
    done: bool = False
    refused: str | None = None

    def is_under_way(self, now: float) -> bool:
        """Another invocation may be at it."""
        return not self.done and self.refused is None and now < self.begun_at + LOCK

    @property
    def may_be_registered(self) -> bool:
        return self.digest != OFF or not self.done


def of_endpoint(last: AutoscalingChange | None, created_at: float) -> AutoscalingChange | None:
    """The last change of an endpoint that was created then, in seconds since 1970: what was registered for one that was
    there before is not."""
    return last if last is not None and last.begun_at >= created_at else None


def is_due(last: AutoscalingChange | None, wanted: str, now: float) -> bool:
    """Whether to register what has the digest `wanted`, or to take off what is registered where it is OFF."""
    if last is None:
        return wanted != OFF
    if last.digest == wanted and last.refused is not None:
        return now >= last.begun_at + RETRY_SECONDS
    return last.digest != wanted or not last.done
