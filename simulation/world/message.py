"""A message of a queue, and how often it is delivered again."""

import json
from dataclasses import dataclass, field

VISIBILITY_SECONDS, RECEIVES = 360.0, 5


@dataclass(frozen=True, slots=True)
class Message:
    body: str
    number: int = field(repr=False)
    received: int = 0

    @property
    def has_no_event(self) -> bool:
        """True if it only asks for a reconcile."""
        return set(json.loads(self.body)) <= {"endpoint", "sweep"}
