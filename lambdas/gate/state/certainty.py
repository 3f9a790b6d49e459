"""Whether a version that is first seen already approved is what was approved."""

from dataclasses import dataclass

from lambdas.gate.state.history import RecordedCall, time_text


@dataclass(frozen=True)
class Certain:
    """The version is what was approved. `by`: the approving call; None if the version was never changed."""

    by: RecordedCall | None = None

    @property
    def text(self) -> str:
        """Why it is certain, for people."""
        if self.by is None:
            return "it was never changed"
        who, at = self.by.identity.label, time_text(self.by.at)
        return f"CloudTrail shows that {who} approved it at {at}, and no change since (event {self.by.event})"


@dataclass(frozen=True)
class Changed:
    """The call changed the version, or may have, with its approval or after it."""

    by: RecordedCall

    @property
    def text(self) -> str:
        """What happened, for people."""
        who, at = self.by.identity.label, time_text(self.by.at)
        if self.by.version is None:
            return f"CloudTrail has a call of {at} that cannot be read and may have changed it (event {self.by.event})"
        return f"{who} may have changed it at {at}, with its approval or after it (event {self.by.event})"


@dataclass(frozen=True)
class Later:
    """It is not known yet. `until`: when to ask again, in seconds since 1970. `why`: in words."""

    until: float
    why: str


@dataclass(frozen=True)
class Unknown:
    """CloudTrail cannot tell. `why`: in words."""

    why: str


Certainty = Certain | Changed | Later | Unknown
