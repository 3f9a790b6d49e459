"""What may go wrong at one point of a schedule."""

from enum import StrEnum


class Crash(BaseException):
    """The invocation ends here. No code of the product can catch it."""


class Kind(StrEnum):
    """The value is the code of the fault in the text of a schedule."""

    CRASH_BEFORE = "cb"
    CRASH_AFTER = "ca"
    LOST = "lo"
    """The call was executed, but its answer was lost."""
    LATE = "lt"
    """The call timed out, and is executed some seconds later."""
    REPEATED = "rp"
    """The answer was lost, and the client called again."""
    THROTTLED = "th"
    DENIED = "ad"
    INTERNAL = "ie"
    STALE = "st"
    """A read returns what was there before the last change."""
    PAUSED = "pa"
    """The invocation stops for longer than its lock, while everything else continues."""
    APPROVE = "av"
    """Another version is approved."""
    REVOKE = "rv"
    """The version that was approved last is rejected."""
    REVOKE_OUTSIDE = "ro"
    """The version that was approved last is rejected by a person who is no approver."""
    APPROVE_OUTSIDE = "ao"
    """The version that was approved last is approved again by a person who is no approver."""
    FINISH = "fi"
    """The rollout in flight ends."""
    ALARM = "al"
    """An alarm of the rollout in flight fires. If there is none, a standing alarm fires."""
    MANUAL_CHANGE = "hd"
    """A person updates the endpoint."""
    PATCH = "pt"
    """AWS patches the endpoint: it is SystemUpdating for a while."""
    REWRITE = "wr"
    """The artifact of the version that was approved last is written again."""
    SPECIFY = "sp"
    """A person changes the InferenceSpecification of that version."""
    EDIT = "mt"
    """A tool writes the metadata of that version."""
    HISTORY_LATE = "hl"
    """CloudTrail's event history shows later the calls that it does not show yet."""
    FORGE = "fm"
    """Somebody sends forged messages into the inbox: another approver, later approvals and rejections, wrong golden
    answers."""
    EDIT_HEAD = "eh"
    """Somebody edits a deciding field of the head. A minute later an operator orders to restore it."""
    ENTRY_FAILED = "ef"
    """PutEvents answers that it did not accept the event."""
    VANISH = "va"
    """The report of that version is deleted."""
    SECOND = "se"
    """A second invocation runs from start to end."""
    SLOW = "sl"
    """A second invocation runs, and everything that follows from it. This one stops for almost as long as it may
    run."""
    CLEAN = "jn"
    """The janitor runs from start to end."""
    EVENT_LOST = "el"
    EVENT_REPEATED = "er"
    EVENT_REORDERED = "eo"
    """The event arrives after later ones."""
    EVENT_DELAYED = "ed"


GOVERNED_MOVES = (Kind.REWRITE, Kind.SPECIFY, Kind.EDIT, Kind.VANISH)
WORLD_MOVES = (
    Kind.APPROVE,
    Kind.REVOKE,
    Kind.REVOKE_OUTSIDE,
    Kind.APPROVE_OUTSIDE,
    Kind.FINISH,
    Kind.ALARM,
    Kind.MANUAL_CHANGE,
    Kind.PATCH,
    Kind.HISTORY_LATE,
    Kind.FORGE,
    Kind.EDIT_HEAD,
    *GOVERNED_MOVES,
)
DELIVERIES = (Kind.EVENT_LOST, Kind.EVENT_REPEATED, Kind.EVENT_REORDERED, Kind.EVENT_DELAYED)
KEPT_DELIVERIES = DELIVERIES[1:]
"""What may happen to a message that is not lost."""
