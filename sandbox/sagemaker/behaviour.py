"""How a version's containers behave in the sandbox, as its metadata say."""

from collections.abc import Mapping
from typing import NamedTuple

from world.refusal import invalid

ERROR_RATE, LATENCY, WRONG_RATE = "sandbox.error_rate", "sandbox.latency_ms", "sandbox.wrong_rate"
FAILURE_REASON = "sandbox.failure_reason"
"""The CustomerMetadataProperties that set it."""


class Behaviour(NamedTuple):
    """`error_rate` is the share of requests that fail, `wrong_rate` the share of answers with a wrong score. `latency`
    is in microseconds, as ModelLatency. `failure_reason`: the FailureReason with which each launch fails; empty if it
    can be launched."""

    error_rate: float
    latency: float
    wrong_rate: float = 0.0
    failure_reason: str = ""


HEALTHY = Behaviour(error_rate=0.0, latency=20_000.0)


def behaviour(metadata: Mapping[str, str]) -> Behaviour:
    """Raises Refusal if the metadata set no behaviour that can be simulated."""
    given = metadata.get(ERROR_RATE, "0"), metadata.get(LATENCY, "20"), metadata.get(WRONG_RATE, "0")
    try:
        rate, milliseconds, wrong = map(float, given)
    except ValueError as error:
        named = f"{ERROR_RATE}, {LATENCY} and {WRONG_RATE}"
        raise invalid(f"{named} must be numbers, not {', '.join(map(repr, given))}.") from error
    found = Behaviour(rate, milliseconds * 1000, wrong, metadata.get(FAILURE_REASON, ""))
    if not (0 <= rate <= 1 and 0 <= wrong <= 1 and 0 <= found.latency < 60e6):
        raise invalid(
            f"{ERROR_RATE} and {WRONG_RATE} must be from 0 to 1, and {LATENCY} below InvokeEndpoint's 60 seconds."
        )
    return found


class Quota:
    """Grants a share of the requests, evenly spread. There is no randomness, so rates are exact."""

    __slots__ = ("_credit",)

    def __init__(self) -> None:
        self._credit = 0.0

    def take(self, share: float) -> bool:
        self._credit += share
        # The sum of ten tenths is a little less than one.
        if self._credit < 1 - 1e-9:
            return False
        self._credit -= 1
        return True
