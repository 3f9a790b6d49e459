"""Which versions of its group an endpoint has seen, so that each is described once before its approval. Pure.

A version's registration is taken at the first reconcile that sees the version Completed, if the endpoint has no
approval of it to act on: Pending, Rejected, Approved but not at `gate.stage`, or Approved already at adoption. A
version that is first seen with its approval has no registration.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lambdas.gate.approval import version_number
from lambdas.gate.observed import Listing, Package

MOST = 20
"""Versions described in one reconcile for their registration, the newest first."""
OVERLAP_SECONDS = 3600
"""A list may lack a version for a while after its creation; so each reconcile lists again what is younger than this."""


@dataclass(frozen=True)
class Backlog:
    """Versions with a lower number than this one, created at `created_at` or before, are still to be listed."""

    number: int
    created_at: float


@dataclass(frozen=True)
class VersionsSeen:
    """`newest`: CreationTime of the newest version seen, in seconds since 1970. `recent`: numbers of those that were
    created within OVERLAP_SECONDS before and are done with. `unfinished`: numbers of those that are not Completed yet.
    `backlog`: what the first reconcile left; None if nothing."""

    newest: float = 0.0
    recent: tuple[int, ...] = ()
    unfinished: tuple[int, ...] = ()
    backlog: Backlog | None = None

    @property
    def since(self) -> float | None:
        """The CreationTime after which versions are listed; None for all of the group."""
        return self.newest - OVERLAP_SECONDS if self.newest else None

    def is_done_with(self, number: int) -> bool:
        """True if a version that an event names need not be described."""
        if number in self.unfinished or (self.backlog is not None and number < self.backlog.number):
            return False
        return number in self.recent or number < min(self.recent, default=0)


def to_describe(seen: VersionsSeen | None, listing: Listing, prefix: str) -> tuple[str, ...]:
    """Return the ARNs of the versions to describe in this reconcile. `prefix`: of an ARN, before its number."""
    known = seen or VersionsSeen()
    ready = {e.number: e.version for e in listing.all if e.number not in known.recent and not e.is_unfinished}
    fresh = [ready[number] for number in sorted(ready, reverse=True)[:MOST]]
    named = (version for version in listing.named if not known.is_done_with(version_number(version)))
    shown = {each.number for each in listing.all}
    hidden = (f"{prefix}{number}" for number in known.unfinished if prefix and number not in shown)
    return tuple(dict.fromkeys((*named, *fresh, *hidden)))


@dataclass(frozen=True)
class _Sorted:
    """The listed and described versions by what is known of them now."""

    done: frozenset[int]
    unfinished: frozenset[int]
    registered: tuple[Package, ...]


def settle(
    seen: VersionsSeen | None,
    listing: Listing,
    packages: Mapping[str, Package | None],
    with_approval: frozenset[str],
) -> tuple[VersionsSeen, tuple[Package, ...]]:
    """Return what is seen after a reconcile, and the versions whose registration is to be kept. `packages`: those that
    were described; `with_approval`: the ARNs of versions of which the endpoint has, or had, an approval."""
    known = seen or VersionsSeen()
    found = _sorted(known, listing, packages, with_approval)
    newest = max((known.newest, *(each.created_at for each in listing.recent)))
    missed = [each for each in listing.recent if each.number not in found.done | found.unfinished]
    if missed:
        # They stay in the list of the next reconcile.
        newest = min(newest, min(each.created_at for each in missed) + OVERLAP_SECONDS - 1)
    recent = {each.number for each in listing.recent if each.created_at > newest - OVERLAP_SECONDS}
    recent |= {number for version in listing.named if (number := version_number(version)) > max(recent, default=0)}
    return (
        VersionsSeen(
            newest=newest,
            recent=tuple(sorted(recent & found.done)),
            unfinished=tuple(sorted(found.unfinished))[-MOST:],
            backlog=_backlog(known if seen else None, listing, found),
        ),
        found.registered,
    )


def _sorted(
    known: VersionsSeen,
    listing: Listing,
    packages: Mapping[str, Package | None],
    with_approval: frozenset[str],
) -> _Sorted:
    done, registered = set(known.recent), []
    unfinished = {*known.unfinished, *(each.number for each in listing.all if each.is_unfinished)}
    for version, package in _own(listing, known, packages):
        number = version_number(version)
        if number in done:
            continue
        if package is not None and package.is_unfinished:
            unfinished.add(number)
            continue
        done.add(number)
        if package is not None and package.status == "Completed" and version not in with_approval:
            registered.append(package)
    return _Sorted(frozenset(done), frozenset(unfinished - done), tuple(registered))


def _own(
    listing: Listing, known: VersionsSeen, packages: Mapping[str, Package | None]
) -> Iterator[tuple[str, Package | None]]:
    """The described versions that were described for their registration, or could have been."""
    numbers = {each.number for each in listing.all} | {version_number(v) for v in listing.named} | {*known.unfinished}
    return ((version, package) for version, package in packages.items() if version_number(version) in numbers)


def _backlog(seen: VersionsSeen | None, listing: Listing, found: _Sorted) -> Backlog | None:
    """The first reconcile lists the newest MOST versions, and each later one as many of the older ones."""
    older = listing.recent if seen is None else listing.older
    for each in older:
        if each.number not in found.done | found.unfinished:
            return Backlog(each.number + 1, each.created_at)
    return Backlog(older[-1].number, older[-1].created_at) if len(older) >= MOST else None
