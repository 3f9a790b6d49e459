"""What may go wrong at one point of a schedule."""

from enum import StrEnum


class Crash(BaseException):
    """The invocation ends here. No code of the product can catch it."""


class Kind(StrEnum):
    """The value is the fault's code in a schedule's text."""

    CRASH_BEFORE = "cb"
    CRASH_AFTER = "ca"
    LOST = "lo"
    """The call was executed; its answer never came."""
    LATE = "lt"
    """The call timed out and is executed some seconds later."""
    REPEATED = "rp"
    """The first answer was lost and the client, which retries, made the call once more."""
    THROTTLED = "th"
    DENIED = "ad"
    INTERNAL = "ie"
    STALE = "st"
    """A read is answered as it would have been before the last change."""
    PAUSED = "pa"
    """The invocation stands still for longer than its lock, while all else goes on."""
    APPROVE = "av"
    """Another version is approved."""
    REVOKE = "rv"
    """The version that was approved last is rejected."""
    FINISH = "fi"
    """The rollout under way ends."""
    ALARM = "al"
    """An alarm of the rollout under way fires, or else a standing one."""
    MANUAL_CHANGE = "hd"
    """Somebody updates the endpoint by hand."""
    PATCH = "pt"
    """AWS patches the endpoint: SystemUpdating for a while."""
    REWRITE = "wr"
    """The artifact of the version that was approved last is written again."""
    SPECIFY = "sp"
    """Somebody changes its InferenceSpecification."""
    EDIT = "mt"
    """A tool writes its metadata."""
    ENTRY_FAILED = "ef"
    """PutEvents answers, and says that it did not take the event."""
    VANISH = "va"
    """Its report is deleted."""
    SECOND = "se"
    """A second invocation runs from beginning to end."""
    SLOW = "sl"
    """The same, and what follows from it too: this one stands still for almost as long as its function may run."""
    CLEAN = "jn"
    """The janitor runs from beginning to end."""
    EVENT_LOST = "el"
    EVENT_REPEATED = "er"
    EVENT_REORDERED = "eo"
    """The event comes after those that follow it."""
    EVENT_DELAYED = "ed"


GOVERNED_MOVES = (Kind.REWRITE, Kind.SPECIFY, Kind.EDIT, Kind.VANISH)
WORLD_MOVES = (Kind.APPROVE, Kind.REVOKE, Kind.FINISH, Kind.ALARM, Kind.MANUAL_CHANGE, Kind.PATCH, *GOVERNED_MOVES)
DELIVERIES = (Kind.EVENT_LOST, Kind.EVENT_REPEATED, Kind.EVENT_REORDERED, Kind.EVENT_DELAYED)
