"""What bounded lists keep: the newest entry always stays, and what is forgotten opens nothing again. Pure.

Each function takes the most entries that a list may have."""

from lambdas.gate.state.approval import ApprovalTime
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.tries import Quarantined, Retry

MAXIMUM_TEXT = 2000
"""Characters of an operator's reason."""


def newest_good(good: tuple[Live, ...], most: int) -> tuple[Live, ...]:
    """Return the newest of what was live, one entry for each version. The newest is the first."""
    versions = [each.version for each in good]
    return tuple(each for place, each in enumerate(good) if each.version not in versions[:place])[:most]


def newest_quarantined(
    quarantined: tuple[Quarantined, ...], live: Live | None, good: tuple[Live, ...], most: int
) -> tuple[tuple[Quarantined, ...], tuple[Live, ...]]:
    """Return the newest of the quarantine, oldest first, and the versions in `good` that are still a way back.

    Entries that keep the live or a former version from being used again are forgotten last. A former version goes with
    the first of its entries that is forgotten. The newest entry and that of the live version always stay."""
    kept, forgotten = list(quarantined), []
    while len(kept) > most:
        old = [each for each in kept[:-1] if not (live and bars(each, live))]
        if not old:
            break
        first = next((each for each in old if not _is_used(each, live, good)), old[0])
        kept.remove(first)
        forgotten.append(first)
    return tuple(kept), tuple(former for former in good if not any(bars(each, former) for each in forgotten))


def bars(quarantined: Quarantined, former: Live) -> bool:
    """True if the former version was rolled back or given up since it was live, for its approval or a later one."""
    tried, approval = quarantined.approval, former.approval
    return approval is not None and tried.version == approval.version and tried.rank >= approval.rank


def newest_retries(retries: tuple[Retry, ...], orders: frozenset[int], most: int) -> tuple[Retry, ...]:
    """Return the newest, oldest first. Those of approvals that may still be tried (`orders`) are forgotten
    last, as their count would begin again."""
    kept = list(retries)
    while len(kept) > most:
        kept.remove(next((each for each in kept[:-1] if each.order not in orders), kept[0]))
    return tuple(kept)


def newest_times(
    times: tuple[ApprovalTime, ...], most: int
) -> tuple[tuple[ApprovalTime, ...], tuple[ApprovalTime, ...]]:
    """Return the newest, oldest first, and those that are forgotten."""
    ordered = tuple(sorted(times, key=lambda time: (time.latest, time.number)))
    return ordered[-most:], ordered[:-most]


def first_and_newest(fired: tuple[FiredAlarm, ...], most: int) -> tuple[FiredAlarm, ...]:
    """Return the first firing of each alarm, which is the cause, and the newest of all, in order. An alarm that flaps
    fires thousands of times in a rollout, which no row could hold."""
    if len(fired) <= most:
        return fired
    alarms = [alarm.name for alarm in fired]
    firsts = sorted(alarms.index(name) for name in set(alarms))[: most // 2]
    kept = {*firsts, *range(len(fired) - most + len(firsts), len(fired))}
    return tuple(fired[place] for place in sorted(kept))


def _is_used(quarantined: Quarantined, live: Live | None, good: tuple[Live, ...]) -> bool:
    return _is_about(quarantined, live) or any(bars(quarantined, former) for former in good)


def _is_about(quarantined: Quarantined, live: Live | None, settings: str | None = None) -> bool:
    """True if it is of the live version's approval, with these settings where any are given."""
    if live is None or live.approval is None:
        return False
    return quarantined.is_of(live.approval, quarantined.settings if settings is None else settings)


def shorten(text: str) -> str:
    return text if len(text) <= MAXIMUM_TEXT else f"{text[: MAXIMUM_TEXT - 1]}…"
