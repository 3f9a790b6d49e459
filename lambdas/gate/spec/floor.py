"""The floor: the checks of every endpoint, besides those of its own entry. It is validated at synth and stored as an
SSM parameter for the deployer."""

from dataclasses import dataclass
from typing import Self

from lambdas.gate import codec
from lambdas.gate.spec.spec import Gate, SpecError
from lambdas.gate.text import unreadable


@dataclass(frozen=True)
class Floor:
    """`gate`: the checks; its `pin` is True if every entry must pin. `golden_requests`: True if every entry must have
    golden requests."""

    gate: Gate
    golden_requests: bool = False

    def to_json(self) -> str:
        return codec.encode(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the floor in a parameter's value. Raises SpecError, which says what does not fit."""
        try:
            return codec.decode(cls, text)
        except (KeyError, TypeError, ValueError) as error:
            raise SpecError(
                f"The floor's parameter does not fit this version of Approval Gate: {unreadable(error)}."
            ) from error


@dataclass(frozen=True)
class FloorRead:
    """What one reconcile read. `floor`: None if it could not be read. `version`: the parameter's. `unread`: why it
    could not be read, for people."""

    floor: Floor | None
    version: int | None = None
    unread: str = ""
