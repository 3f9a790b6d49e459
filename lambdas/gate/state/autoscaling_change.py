"""The autoscaling that is registered for the variant, and when to change it. Pure.

A change has three steps: an intent in the head, calls that may be repeated without harm, and the outcome. A young
intent is a lock. An old intent was left by a function that died, so the calls are made again.
"""

from dataclasses import dataclass, field

from lambdas.gate import codec
from lambdas.gate.state.notice import Code, code_of
from lambdas.gate.timing import LOCK

RETRY_SECONDS = 900
"""The wait after AWS refused a change, which was reported."""
OFF = ""
"""Stands in place of a digest if the gate registers nothing."""


@dataclass(frozen=True)
class AutoscalingChange:
    """A change of the autoscaling. `digest`: the `Autoscaling.digest` to register, or OFF. `begun_at`: in seconds since
    1970. `done`: True once all calls went through. `refused`: the sentence that says why AWS refused the change.
    `refused_for`: AWS's answer in that sentence."""

    digest: str
    begun_at: float
    done: bool = False
    refused: str | None = None
    refused_for: str | None = field(default=None, metadata=codec.LEFT_OUT)

    def is_under_way(self, now: float) -> bool:
        """True if another invocation may be making the calls."""
        return not self.done and self.refused is None and now < self.begun_at + LOCK

    def is_known(self, last: "AutoscalingChange | None") -> bool:
        """True if this refusal was reported already: the last change was refused for the same reason."""
        if last is None or last.refused is None or last.digest != self.digest:
            return False
        return last.refused_by == self.refused_by

    @property
    def refused_by(self) -> str:
        """What the refusal is known by: AWS's answer, or that the endpoint is not opted in. An earlier release stored
        it in the sentence only."""
        if self.refused_for is not None:
            return self.refused_for
        answer = (self.refused or "").partition(" could not be changed: ")[2]
        return Code.NOT_OPTED_IN if code_of(answer) is Code.NOT_OPTED_IN else answer

    @property
    def may_be_registered(self) -> bool:
        return self.digest != OFF or not self.done


def of_endpoint(last: AutoscalingChange | None, created_at: float) -> AutoscalingChange | None:
    """Return the last change, if it was made to the endpoint that was created at `created_at`, in seconds since 1970;
    otherwise None. A change of a deleted endpoint of this name does not count."""
    return last if last is not None and last.begun_at >= created_at else None


def is_due(last: AutoscalingChange | None, wanted: str, now: float) -> bool:
    """True if it is time to register the autoscaling with the digest `wanted`, or to deregister it if that is OFF."""
    if last is None:
        return wanted != OFF
    if last.digest == wanted and last.refused is not None:
        return now >= last.begun_at + RETRY_SECONDS
    return last.digest != wanted or not last.done
