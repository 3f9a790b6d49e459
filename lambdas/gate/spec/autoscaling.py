"""The spec's autoscaling of the variant."""

from dataclasses import dataclass

from lambdas.gate import codec, names


@dataclass(frozen=True)
class Scheduled:
    """New bounds of the fleet at scheduled times. `schedule`: an at or cron expression of Application Auto Scaling in
    `time_zone`. `minimum`, `maximum`: in instances."""

    name: str
    schedule: str
    time_zone: str
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Autoscaling:
    """Target tracking. `minimum`, `maximum`: the bounds, in instances. `invocations_per_instance`: the target, in
    invocations a minute. `scheduled`: other bounds at scheduled times."""

    minimum: int
    maximum: int
    invocations_per_instance: int
    scale_in_cooldown_seconds: int
    scale_out_cooldown_seconds: int
    scheduled: tuple[Scheduled, ...] = ()

    def digest(self, variant: str) -> str:
        """Return a digest, which is never empty. If it differs from the digest in the head, the autoscaling is
        registered again."""
        return names.digest(codec.encode(self), variant)

    @property
    def text(self) -> str:
        """A text for people: the bounds and the target."""
        later = f", {len(self.scheduled)} scheduled" if self.scheduled else ""
        bounds = f"{self.minimum} to {self.maximum} instances"
        return f"{bounds} at {self.invocations_per_instance} invocations a minute each{later}"
