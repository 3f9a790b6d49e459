"""The shadow's rules: a new version first gets copies of requests, and no caller gets its answers."""

from dataclasses import dataclass, field

from lambdas.gate import codec
from lambdas.gate.spec.tolerance import Tolerance


@dataclass(frozen=True)
class Differ:
    """How the version's answers to copies are compared with the live version's. `max_percent`: the share of the copies
    that may be answered differently. `at`: a JMESPath expression whose value is compared; None for the whole answer.
    `within`: how far numbers may be apart; None if they must be equal."""

    max_percent: float
    at: str | None = field(default=None, metadata=codec.LEFT_OUT)
    within: Tolerance | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def share(self) -> float:
        """The share of the copies that may be answered differently, from 0 to 1."""
        return self.max_percent / 100


@dataclass(frozen=True)
class Comparer:
    """The function that compares the answers, as the endpoint's stack made it. `role_id`: the unique id of its role.
    Only its results count. `queue_url`: of the queue where it is asked."""

    role_id: str
    queue_url: str


@dataclass(frozen=True)
class Shadow:
    """`percent`: the share of the requests that is copied. `hours`: how long. `min_requests`: how many copies the
    version has to answer; fewer are too little evidence. `instance_count`: the instances of the shadow variant, of the
    production variant's type. `slower_than_ms`: if the version answers this much slower than the live one on average,
    the record says so; None if that is not looked at. `differ`: None if answers are not compared."""

    percent: int
    hours: int
    min_requests: int
    instance_count: int
    slower_than_ms: int | None = field(default=None, metadata=codec.LEFT_OUT)
    differ: Differ | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def weight(self) -> float:
        """The shadow variant's weight, against 1 of the production variant.
        https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html"""
        return self.percent / 100

    @property
    def seconds(self) -> int:
        """How long the version gets copies."""
        return self.hours * 3600
