"""A review: which version waits for an approval, and when people were last told so."""

from dataclasses import dataclass

EVERY_SECONDS = 3600
"""The least time between two notifications about versions of one group that wait for an approval."""


@dataclass(frozen=True)
class Review:
    """`version`: the newest version that was found to wait and is not reported; None if there is none. `reported_at`:
    when a version was last reported, `created_at`: when that version was registered, both in seconds since 1970 and 0
    if none was."""

    version: str | None = None
    reported_at: float = 0.0
    created_at: float = 0.0

    @property
    def due_at(self) -> float | None:
        """When the version may be reported, in seconds since 1970; None if there is none."""
        return None if self.version is None else self.reported_at + EVERY_SECONDS

    def is_due(self, now: float) -> bool:
        due_at = self.due_at
        return due_at is not None and now >= due_at
