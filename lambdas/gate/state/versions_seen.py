"""Which versions of its group an endpoint has seen, so that each is described once before its approval. Pure.

A version's registration is taken at the first reconcile that sees the version Completed, if the endpoint has no
approval of it to act on: Pending, Rejected, Approved but not at `gate.stage`, or Approved already at adoption. A
version that is first seen with its approval has no registration.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lambdas.gate.state.approval import version_number
from lambdas.gate.state.observed import Listed, Listing, Package

MOST = 20
"""How many versions one reconcile describes for their registration, the newest first."""
MOST_UNFINISHED = 1000
"""How many versions are remembered until they are Completed. The newest stay."""
OVERLAP_SECONDS = 3600
"""A list may lack a new version for a while, so each reconcile lists the versions again that are younger than this."""


@dataclass(frozen=True)
class Backlog:
    """The versions with a number below `number`, created at `created_at` or before, still have to be listed. `is_last`:
    True if a list ended there. A list may be behind, so the next reconcile asks once more."""

    number: int
    created_at: float
    is_last: bool = False


@dataclass(frozen=True)
class VersionsSeen:
    """`newest`: the CreationTime of the newest version seen, in seconds since 1970. `recent`: the numbers of the
    versions that were created within OVERLAP_SECONDS before it and need nothing more. `unfinished`: the numbers of the
    versions that are not Completed yet. `backlog`: the versions that the first reconcile left over; None if there are
    none. `is_behind`: True if more versions are listed than one reconcile describes. `group`: the model package group.
    `with_content`: True if what the versions load was recorded too. An earlier release did not do that."""

    newest: float = 0.0
    recent: tuple[int, ...] = ()
    unfinished: tuple[int, ...] = ()
    backlog: Backlog | None = None
    is_behind: bool = False
    group: str = ""
    with_content: bool = False

    @property
    def since(self) -> float | None:
        """The CreationTime after which versions are listed; None for all of the group."""
        return self.newest - OVERLAP_SECONDS if self.newest else None

    @property
    def is_to_go_on(self) -> bool:
        """True if versions are known to be left for the next reconcile."""
        return self.is_behind or (self.backlog is not None and not self.backlog.is_last)

    def is_done_with(self, each: Listed) -> bool:
        """True if the version needs nothing more. A version with a known number and a later CreationTime is another
        one: its group was deleted and created anew."""
        return each.number in self.recent and each.created_at <= self.newest

    def needs_no_description(self, number: int) -> bool:
        """True if a version that an event names was seen before."""
        if number in self.unfinished or (self.backlog is not None and number < self.backlog.number):
            return False
        return number in self.recent or number < min(self.recent, default=0)


def seen_in(seen: VersionsSeen | None, group: str) -> VersionsSeen | None:
    """Return what was seen of this group; None if the spec followed another group before, or if an earlier release saw
    it, which did not record what the versions load."""
    return seen if seen is not None and seen.with_content and seen.group.lower() == group.lower() else None


def to_describe(seen: VersionsSeen | None, listing: Listing, prefix: str) -> tuple[str, ...]:
    """Return the ARNs of the versions to describe in this reconcile. `prefix`: the part of an ARN before its number."""
    known = seen or VersionsSeen()
    ready = {e.number: e.version for e in listing.all if not known.is_done_with(e) and not e.is_unfinished}
    fresh = [ready[number] for number in sorted(ready, reverse=True)[:MOST]]
    named = (version for version in listing.named if not known.needs_no_description(version_number(version)))
    shown = {each.number for each in listing.all}
    hidden = [f"{prefix}{number}" for number in known.unfinished if prefix and number not in shown][-MOST:]
    return tuple(dict.fromkeys((*named, *fresh, *hidden)))


@dataclass(frozen=True)
class _Sorted:
    """The listed and described versions. `done`: the numbers of those that need nothing more. `unfinished`: the numbers
    of those that are not Completed yet. `missed`: the listed versions that are neither. `registered`: the versions
    whose registration is to be stored."""

    done: frozenset[int]
    unfinished: frozenset[int]
    missed: tuple[Listed, ...]
    registered: tuple[Package, ...]


def settle(
    seen: VersionsSeen | None,
    listing: Listing,
    packages: Mapping[str, Package | None],
    approved: Mapping[str, float],
    group: str,
) -> tuple[VersionsSeen, tuple[Package, ...]]:
    """Return what is seen after a reconcile, and the versions whose registration is to be stored. `packages`: the
    versions that were described. `approved`: version → its last approval that the endpoint knows of, in seconds since
    1970."""
    known = seen or VersionsSeen()
    found = _sorted(known, listing, packages, approved)
    named = [package for version in listing.named if (package := packages.get(version)) is not None]
    newest = max((known.newest, *(e.created_at for e in listing.recent), *(p.created_at for p in named)))
    missed = [each.created_at for each in listing.recent if each in found.missed]
    if missed:
        # They stay in the list of the next reconcile.
        newest = min(newest, min(missed) + OVERLAP_SECONDS - 1)
    recent = {each.number for each in listing.recent if each.created_at > newest - OVERLAP_SECONDS}
    recent |= {version_number(package.version) for package in named if package.created_at > newest - OVERLAP_SECONDS}
    return (
        VersionsSeen(
            group=group,
            newest=newest,
            recent=tuple(sorted(recent & found.done)),
            unfinished=tuple(sorted(found.unfinished))[-MOST_UNFINISHED:],
            backlog=_backlog(seen, listing, found.missed),
            is_behind=bool(found.missed) and len(packages) >= MOST,
            with_content=True,
        ),
        found.registered,
    )


def _sorted(
    known: VersionsSeen, listing: Listing, packages: Mapping[str, Package | None], approved: Mapping[str, float]
) -> _Sorted:
    done, registered = {each.number for each in listing.all if known.is_done_with(each)}, []
    shown = {each.number for each in listing.all}
    unfinished = {*known.unfinished, *(each.number for each in listing.all if each.is_unfinished)}
    for version, package in _own(listing, known, packages):
        number = version_number(version)
        if number in done:
            continue
        if package is None:
            # DescribeModelPackage may find a listed or named version a moment later.
            unfinished -= set() if number in shown else {number}
        elif package.is_unfinished:
            unfinished.add(number)
        else:
            done.add(number)
            # Times of events are whole seconds. An older approval was of another version of that number.
            is_before = version not in approved or approved[version] < math.floor(package.created_at)
            if package.status == "Completed" and is_before:
                registered.append(package)
    unfinished -= done
    missed = tuple(each for each in listing.all if each.number not in done | unfinished)
    return _Sorted(frozenset(done), frozenset(unfinished), missed, tuple(registered))


def _own(
    listing: Listing, known: VersionsSeen, packages: Mapping[str, Package | None]
) -> Iterator[tuple[str, Package | None]]:
    """Yield the described versions that may need their registration stored."""
    numbers = {each.number for each in listing.all} | {version_number(v) for v in listing.named} | {*known.unfinished}
    return ((version, package) for version, package in packages.items() if version_number(version) in numbers)


def _backlog(seen: VersionsSeen | None, listing: Listing, missed: Iterable[Listed]) -> Backlog | None:
    """Return the versions that still have to be listed. The first reconcile lists the newest MOST versions, and each
    later one as many of the older ones."""
    older = listing.recent if seen is None else listing.older
    for each in older:
        if each in missed:
            return Backlog(each.number + 1, each.created_at)
    before = seen.backlog if seen else None
    if len(older) >= MOST:
        return Backlog(older[-1].number, older[-1].created_at)
    if older and older[-1].number > 1:
        return Backlog(older[-1].number, older[-1].created_at, is_last=True)
    if before is not None and not older and not before.is_last:
        return Backlog(before.number, before.created_at, is_last=True)
    return None
