"""An hour of a fleet's requests, as CloudWatch counted them."""

from dataclasses import dataclass

from lambdas.gate.state.shared_minute import Count


@dataclass(frozen=True)
class Hour:
    """`at`: its start, in seconds since 1970."""

    at: float
    count: Count
