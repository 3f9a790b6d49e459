"""The shadow's rules: a new version first gets copies of requests, and no caller gets its answers."""

from dataclasses import dataclass, field

from lambdas.gate import codec


@dataclass(frozen=True)
class Shadow:
    """`percent`: the share of the requests that is copied. `hours`: how long. `min_requests`: how many copies the
    version has to answer; fewer are too little evidence. `instance_count`: the instances of the shadow variant, of the
    production variant's type. `slower_than_ms`: if the version answers this much slower than the live one on average,
    the record says so; None if that is not looked at."""

    percent: int
    hours: int
    min_requests: int
    instance_count: int
    slower_than_ms: int | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def weight(self) -> float:
        """The shadow variant's weight, against 1 of the production variant.
        https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html"""
        return self.percent / 100

    @property
    def seconds(self) -> int:
        """How long the version gets copies."""
        return self.hours * 3600
