"""Since when the alarms of a spec guard the endpoint."""

from dataclasses import dataclass, field

from lambdas.gate import codec


@dataclass(frozen=True)
class Guard:
    """An alarm that guards the endpoint. `since`: from when on, in seconds since 1970. `reported`: when it fired, if
    that firing does not count and was reported so."""

    name: str
    since: float
    reported: float | None = field(default=None, metadata=codec.LEFT_OUT)


@dataclass(frozen=True)
class Guards:
    """The alarms of the last spec that was seen, each with its time. `spec`: the version of that spec's parameter."""

    spec: int
    alarms: tuple[Guard, ...] = ()

    def find(self, name: str) -> Guard | None:
        """Return the guard of that name; None if there is none."""
        return next((guard for guard in self.alarms if guard.name == name), None)
