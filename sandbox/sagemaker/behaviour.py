"""How a version's containers behave in the sandbox, as its metadata say."""

import random
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from world.refusal import invalid

ERROR_RATE, LATENCY, WRONG_RATE = "sandbox.error_rate", "sandbox.latency_ms", "sandbox.wrong_rate"
FAILURE_REASON, SEED = "sandbox.failure_reason", "sandbox.seed"
"""The CustomerMetadataProperties that set it."""
LATENCY_SPREAD = 0.25
"""The standard deviation of the logarithm of drawn latencies: 1 in 100 is 1.8 times the median or more."""
LONGEST = 60e6
"""InvokeEndpoint waits 60 seconds for a model, in microseconds."""


class Behaviour(NamedTuple):
    """`error_rate` is the share of requests that fail, `wrong_rate` the share of answers with a wrong score. `latency`
    is in microseconds, as ModelLatency. `failure_reason`: the FailureReason with which each launch fails; empty if it
    can be launched. `seed`: what draws failures, wrong answers and latencies by chance; empty if they are spread
    evenly."""

    error_rate: float
    latency: float
    wrong_rate: float = 0.0
    failure_reason: str = ""
    seed: str = ""


HEALTHY = Behaviour(error_rate=0.0, latency=20_000.0)


def behaviour(metadata: Mapping[str, str]) -> Behaviour:
    """Raises Refusal if the metadata set no behaviour that can be simulated."""
    given = metadata.get(ERROR_RATE, "0"), metadata.get(LATENCY, "20"), metadata.get(WRONG_RATE, "0")
    try:
        rate, milliseconds, wrong = map(float, given)
    except ValueError as error:
        named = f"{ERROR_RATE}, {LATENCY} and {WRONG_RATE}"
        raise invalid(f"{named} must be numbers, not {', '.join(map(repr, given))}.") from error
    found = Behaviour(rate, milliseconds * 1000, wrong, metadata.get(FAILURE_REASON, ""), metadata.get(SEED, ""))
    if not (0 <= rate <= 1 and 0 <= wrong <= 1 and 0 <= found.latency < LONGEST):
        raise invalid(
            f"{ERROR_RATE} and {WRONG_RATE} must be from 0 to 1, and {LATENCY} below InvokeEndpoint's 60 seconds."
        )
    return found


class Draw(Protocol):
    def take(self, share: float) -> bool:
        """Return whether the next request is one of this share of the requests, from 0 to 1."""


class Quota:
    """Spreads a share of the requests evenly, so that rates are exact."""

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


class Chance:
    """Draws each request by itself, in an order that the seed repeats."""

    __slots__ = ("_random",)

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def take(self, share: float) -> bool:
        return self._random.random() < share


class Requests:
    """How one fleet's requests go, one after the other. `fleet` tells the fleets of a seed apart, so that a version
    that is launched again does not fail at the same requests."""

    def __init__(self, seed: str, fleet: str) -> None:
        self._errors: Draw = Chance(f"{seed}/{fleet}/error") if seed else Quota()
        self._wrong: Draw = Chance(f"{seed}/{fleet}/wrong") if seed else Quota()
        self._latencies = random.Random(f"{seed}/{fleet}/latency") if seed else None

    def fails(self, behaviour: Behaviour) -> bool:
        return self._errors.take(behaviour.error_rate)

    def is_wrong(self, behaviour: Behaviour) -> bool:
        return self._wrong.take(behaviour.wrong_rate)

    def latency(self, behaviour: Behaviour) -> float:
        """Return the latency of the next request in microseconds. Drawn ones are log-normal about the given median."""
        if self._latencies is None:
            return behaviour.latency
        return min(behaviour.latency * self._latencies.lognormvariate(0, LATENCY_SPREAD), LONGEST)
