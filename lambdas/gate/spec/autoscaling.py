"""How the spec wants the variant autoscaled."""

from dataclasses import dataclass

from lambdas.gate import codec, names


@dataclass(frozen=True)
class Scheduled:
    """Whenever `schedule`, an at or cron expression of Application Auto Scaling in `time_zone`, says so, the fleet gets
    these bounds."""

    name: str
    schedule: str
    time_zone: str
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Autoscaling:
    """Target tracking on the invocations of each instance in a minute, between two bounds."""

    minimum: int
    maximum: int
    invocations_per_instance: int
    scale_in_cooldown_seconds: int
    scale_out_cooldown_seconds: int
    scheduled: tuple[Scheduled, ...] = ()

    def digest(self, variant: str) -> str:
        """Never empty. Where it differs from what the head says is registered, it is registered anew."""
        return names.digest(codec.encode(self), variant)

    @property
    def text(self) -> str:
        later = f", {len(self.scheduled)} scheduled" if self.scheduled else ""
        bounds = f"{self.minimum} to {self.maximum} instances"
        return f"{bounds} at {self.invocations_per_instance} invocations a minute each{later}"
