"""Since when the alarms of a spec guard the endpoint."""

from dataclasses import dataclass, field

from lambdas.gate import codec


@dataclass(frozen=True)
class Guard:
    """An alarm that guards what is live. `since`: from when on, in seconds since 1970. `reported`: when it went to the
    ALARM that people were told does not count."""

    name: str
    since: float
    reported: float | None = field(default=None, metadata=codec.LEFT_OUT)


@dataclass(frozen=True)
class Guards:
    """The alarms that an unbroken run of specs names. `spec`: the version of the last of these specs that was seen."""

    spec: int
    alarms: tuple[Guard, ...] = ()

    def find(self, name: str) -> Guard | None:
        """The guard of that name."""
        return next((guard for guard in self.alarms if guard.name == name), None)
