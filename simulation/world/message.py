"""A message of the inbox, and how often it comes again."""

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
        """It tells of nothing."""
        return set(json.loads(self.body)) <= {"endpoint", "sweep"}
