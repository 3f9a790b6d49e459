"""Which versions are described for their registration, once each, and which are left for later."""

from collections.abc import Mapping
from typing import Any

import pytest

from lambdas.gate.state.observed import Listed, Listing, Package
from lambdas.gate.state.versions_seen import (
    MOST,
    MOST_UNFINISHED,
    OVERLAP_SECONDS,
    Backlog,
    VersionsSeen,
    settle,
    to_describe,
)
from tests.lambdas.builders import NOW, PREFIX, arn, package, seen

PENDING = "PendingManualApproval"


def _seen(newest: float = 0.0, recent: tuple[int, ...] = (), **fields: Any) -> VersionsSeen:
    return seen(newest, recent, **{"group": ""} | fields)


def listed(number: int, at: float = NOW, status: str = "Completed") -> Listed:
    return Listed(arn(number), at, status)


def newest_first(first: int, last: int) -> tuple[Listed, ...]:
    """Created a second apart."""
    return tuple(listed(number, NOW + number) for number in range(first, last - 1, -1))


def described(*numbers: int, status: str = "Completed") -> dict[str, Package | None]:
    return {arn(number): package(number, approval_status=PENDING, status=status) for number in numbers}


def package_of(version: str) -> Package:
    return package(int(version.rpartition("/")[2]), approval_status=PENDING)


def _settle(
    seen: VersionsSeen | None,
    listing: Listing,
    packages: Mapping[str, Package | None],
    approved: dict[str, float] | None = None,
) -> tuple[VersionsSeen, tuple[Package, ...]]:
    return settle(seen, listing, packages, approved or {}, "")


# What is described


@pytest.mark.parametrize(
    ("seen", "listing", "expected"),
    [
        (None, Listing(), ()),
        (None, Listing((listed(2), listed(1))), (2, 1)),
        (_seen(NOW, (1,)), Listing((listed(1), listed(2), listed(3))), (3, 2)),
        (_seen(NOW, (1, 3)), Listing((listed(1), listed(2), listed(3))), (2,)),
        (_seen(NOW, (1,)), Listing((listed(1), listed(2, status="InProgress"))), ()),
        (_seen(NOW, (1,), unfinished=(2,)), Listing((listed(1), listed(2, status="Pending"))), ()),
        (_seen(NOW, (1,), unfinished=(2,)), Listing((listed(1), listed(2))), (2,)),
        (_seen(NOW, (9,), unfinished=(2,)), Listing((listed(9),)), (2,)),
        (_seen(NOW, (5,)), Listing((listed(5),), named=(arn(6),)), (6,)),
        (_seen(NOW, (5, 7)), Listing((listed(5), listed(7)), named=(arn(6),)), (6,)),
        (_seen(NOW, (5,)), Listing((listed(5),), named=(arn(5), arn(4))), ()),
        (_seen(NOW, (5,), unfinished=(4,)), Listing((listed(5),), named=(arn(4),)), (4,)),
        (_seen(NOW, (5,), backlog=Backlog(3, NOW)), Listing((listed(5),), named=(arn(2), arn(3))), (2,)),
        (_seen(), Listing(named=(arn(1),)), (1,)),
    ],
    ids=[
        "an empty group",
        "at the first reconcile",
        "those that are new",
        "one that the list lacked before",
        "not what is still being made",
        "nor while it goes on",
        "but once it is done",
        "though it is listed no more",
        "what an event names before the list shows it",
        "between two that are listed",
        "not what was seen",
        "unless it was still being made",
        "what the first reconcile left, if an event names it",
        "the first of a group",
    ],
)
def test_what_is_described(seen: VersionsSeen | None, listing: Listing, expected: tuple[int, ...]) -> None:
    assert to_describe(seen, listing, PREFIX) == tuple(arn(number) for number in expected)


def test_the_newest_are_described_first() -> None:
    listing = Listing(tuple(reversed(newest_first(30, 1))))
    assert to_describe(_seen(NOW), listing, PREFIX) == tuple(arn(number) for number in range(30, 30 - MOST, -1))


# What comes of it


def test_the_first_reconcile_leaves_the_older_ones_for_later() -> None:
    listing = Listing(newest_first(30, 11))
    seen, packages = _settle(None, listing, described(*range(11, 31)))
    assert seen == _seen(NOW + 30, tuple(range(11, 31)), backlog=Backlog(11, NOW + 11))
    assert [p.version for p in packages] == [arn(number) for number in range(11, 31)]


def test_a_group_with_fewer_leaves_nothing() -> None:
    seen, _ = _settle(None, Listing(newest_first(19, 1)), described(*range(1, 20)))
    assert seen.backlog is None


def test_the_older_ones_follow_to_the_last() -> None:
    seen = _seen(NOW + 9000, (30,), backlog=Backlog(26, NOW))
    listing = Listing((listed(30, NOW + 9000),), newest_first(25, 6))
    seen, packages = _settle(seen, listing, described(*range(6, 26)))
    assert (seen.backlog, len(packages)) == (Backlog(6, NOW + 6), MOST)
    listing = Listing((listed(30, NOW + 9000),), newest_first(5, 1))
    seen, packages = _settle(seen, listing, described(*range(1, 6)))
    assert (seen, len(packages)) == (_seen(NOW + 9000, (30,)), 5)


def test_older_ones_that_had_no_turn_are_listed_again() -> None:
    seen = _seen(NOW + 9000, (30,), backlog=Backlog(26, NOW))
    listing = Listing((listed(30, NOW + 9000),), newest_first(25, 6))
    seen, packages = _settle(seen, listing, described(*range(10, 26)))
    assert (seen.backlog, len(packages)) == (Backlog(10, NOW + 9), 16)


def test_what_was_created_an_hour_before_the_newest_is_listed_no_more() -> None:
    listing = Listing((listed(1, NOW), listed(2, NOW + 1), listed(3, NOW + OVERLAP_SECONDS)))
    seen, _ = _settle(_seen(NOW, (1,)), listing, described(2, 3))
    assert seen == _seen(NOW + OVERLAP_SECONDS, (2, 3))
    assert seen.since == NOW


def test_what_had_no_turn_is_listed_again() -> None:
    """Hundreds were registered within a moment, and some of them long before the newest."""
    early = tuple(listed(number, NOW + number) for number in range(2, 6))
    late = tuple(listed(number, NOW + 9000 + number) for number in range(6, 26))
    listing = Listing((listed(1), *early, *late))
    seen, packages = _settle(_seen(NOW, (1,)), listing, described(*range(6, 26)))
    assert seen.since is not None
    assert seen.since < early[0].created_at
    assert (set(seen.recent), len(packages)) == ({*range(6, 26)}, MOST)
    seen, packages = _settle(seen, Listing((*early, *late)), described(*range(2, 6)))
    assert (seen.newest, len(packages)) == (late[-1].created_at, 4)


@pytest.mark.parametrize("status", ["Pending", "InProgress"])
def test_what_is_still_being_made_is_remembered(status: str) -> None:
    seen, packages = _settle(_seen(NOW, (1,)), Listing((listed(1), listed(2, status=status))), {})
    assert (seen, packages) == (_seen(NOW, (1,), unfinished=(2,)), ())
    gone_on, packages = _settle(seen, Listing((listed(1),)), described(2, status=status))
    assert (gone_on, packages) == (seen, ())
    done, packages = _settle(seen, Listing((listed(1),)), described(2))
    assert (done, packages) == (_seen(NOW, (1,)), (package(2, approval_status=PENDING),))


@pytest.mark.parametrize("status", ["Failed", "Deleting"])
def test_what_can_never_be_deployed_is_done_with(status: str) -> None:
    seen, packages = _settle(_seen(NOW, (1,)), Listing((listed(2),)), described(2, status=status))
    assert (seen, packages) == (_seen(NOW, (2,)), ())


def test_a_deleted_version_is_done_with() -> None:
    seen, packages = _settle(_seen(NOW, unfinished=(2,)), Listing(), {arn(2): None})
    assert (seen, packages) == (_seen(NOW), ())


def test_a_version_with_an_approval_was_not_seen_before_it() -> None:
    listing = Listing((listed(1), listed(2), listed(3)))
    seen, packages = _settle(_seen(NOW, (1,)), listing, described(2, 3), {arn(3): NOW})
    assert (seen, [p.version for p in packages]) == (_seen(NOW, (1, 2, 3)), [arn(2)])


def test_what_an_event_named_is_done_with_though_no_list_shows_it_yet() -> None:
    listing = Listing((listed(1),), named=(arn(2), arn(3)))
    packages = {arn(2): package(2, approval_status=PENDING, created_at=NOW + 1), arn(3): None}
    assert _settle(_seen(NOW, (1,)), listing, packages) == (_seen(NOW + 1, (1, 2)), (packages[arn(2)],))


def test_what_describe_does_not_find_yet_is_asked_about_again() -> None:
    seen, packages = _settle(_seen(NOW, (1,)), Listing((listed(1), listed(2))), {arn(2): None})
    assert (to_describe(seen, Listing((listed(1), listed(2))), PREFIX), packages) == ((arn(2),), ())


def test_a_version_of_a_group_that_was_created_anew_is_another_one() -> None:
    listing = Listing((listed(1, NOW + 50),))
    known = _seen(NOW, (1, 2))
    anew = {arn(1): package(1, approval_status=PENDING, created_at=NOW + 50)}
    assert to_describe(known, listing, PREFIX) == (arn(1),)
    assert _settle(known, listing, anew, {arn(1): NOW}) == (_seen(NOW + 50, (1,)), (anew[arn(1)],))


@pytest.mark.parametrize(("count", "is_behind"), [(MOST, False), (MOST + 1, True)])
def test_more_than_one_reconcile_describes_are_left_for_the_next(count: int, is_behind: bool) -> None:
    listing = Listing(tuple(listed(number) for number in range(2, 2 + count)))
    chosen = to_describe(_seen(NOW, (1,)), listing, PREFIX)
    seen, _ = _settle(_seen(NOW, (1,)), listing, {version: package_of(version) for version in chosen})
    assert (seen.is_behind, seen.is_to_go_on) == (is_behind, is_behind)


def test_what_was_described_for_another_reason_is_left_alone() -> None:
    """An approval that waits is described at each reconcile."""
    known = _seen(NOW, (5,))
    assert _settle(known, Listing((listed(5),)), described(1, 2)) == (known, ())


def test_of_what_is_still_being_made_the_newest_are_remembered() -> None:
    listing = Listing(tuple(listed(number, status="InProgress") for number in range(1, MOST_UNFINISHED + 11)))
    seen, _ = _settle(_seen(), listing, {})
    assert seen.unfinished == tuple(range(11, MOST_UNFINISHED + 11))
