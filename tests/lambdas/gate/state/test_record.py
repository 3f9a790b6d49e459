"""What decides: its digest, what a row says of it, and what the rows replay to."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.gate import codec
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.spec.spec import SpecSeen, Stage
from lambdas.gate.state import chain, record
from lambdas.gate.state.approval import ApprovalTime
from lambdas.gate.state.autoscaling_change import AutoscalingChange
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.guard import Guard, Guards
from lambdas.gate.state.head import CHAIN, SCHEDULES, Head
from lambdas.gate.state.orders import Abort, Override
from lambdas.gate.state.review import Review
from lambdas.gate.state.rung import Copying, Rung
from lambdas.gate.state.tries import Quarantined, Retry
from lambdas.gate.state.watch import Watch
from tests.lambdas.builders import NOW, approval, arn, attempt, head, live, seen

FACT = Fact(Kind.STATE_CHANGED, NOW, "something changed")
NEW = head(revision=0, rows=0, hash="")
CHANGED: dict[str, Any] = {
    "spec": SpecSeen(2, NOW),
    "horizon": NOW,
    "orders": 10,
    "attempts": 4,
    "approved": (1, 2, 3),
    "prefix": "other/",
    "times": (ApprovalTime(3, NOW),),
    "approvals": (approval(3),),
    "live": live(2),
    "good": (live(1),),
    "attempt": attempt(),
    "retries": (Retry(3, "s", tries=1, unseen=0, not_before=NOW),),
    "quarantined": (Quarantined(approval(4), "s", "5xx"),),
    "paused": "",
    "paused_until": 5.0,
    "rung": Rung(2, arn(2), "gate-v2", Copying("shadow-2-4", Shadow(20, 2, 1000, 1), Judge()), NOW),
    "shadowed": 2,
    "clears_at": NOW,
    "disturbed_at": NOW,
    "overrides": (Override(3, "freeze", "arn:ops", "hotfix", NOW),),
    "stage": Stage("Production", "Approved"),
    "previous_config": "gate-v0",
    "cleaning_until": NOW,
    "scaling": AutoscalingChange("d", NOW),
    "guards": Guards(1, (Guard("kpi", NOW),)),
    "adopted_until": NOW,
    "endpoint": "churn",
    "carried_out": ("0b4e2f4e",),
    "abort_all": Abort("arn:ops", "wrong data", NOW),
}
"""Another value for each field that decides."""
TELLING: dict[str, Any] = {
    "compare_at": NOW,
    "held": "3: paused",
    "look_at": NOW,
    "notice": "paused",
    "notice_key": "paused: audit",
    "versions": seen(NOW),
    "unproved": True,
    "watches": (Watch("gate-v2", NOW, 1.0),),
    "no_target": 3,
    "review": Review("v2", NOW),
}
"""Another value for each field that only schedules or notifies."""


def written(*heads: Head) -> tuple[Head, tuple[Row, ...]]:
    """The last head and all rows, if each head is written with one row."""
    before: Head | None = None
    rows: tuple[Row, ...] = ()
    for after in heads:
        placed = dataclasses.replace(
            after,
            rows=before.rows if before else 0,
            hash=before.hash if before else "",
            digest=record.digest(after),
        )
        before, more = chain.append(placed, (FACT,), record.deciding(before, placed))
        rows += more
    assert before is not None
    return before, rows


def test_each_field_decides_or_schedules_or_is_the_place_in_the_chain() -> None:
    assert {field.name for field in dataclasses.fields(Head)} == {*CHANGED, *TELLING, *CHAIN}
    assert set(TELLING) == SCHEDULES


@pytest.mark.parametrize("field", CHANGED)
def test_the_digest_covers_what_decides(field: str) -> None:
    changed = dataclasses.replace(NEW, **{field: CHANGED[field]})
    assert record.digest(changed) != record.digest(NEW)
    assert record.differing(record.state_of(NEW), record.state_of(changed)) == (field,)


@pytest.mark.parametrize("field", TELLING)
def test_the_digest_leaves_out_what_only_schedules_or_notifies(field: str) -> None:
    assert record.digest(dataclasses.replace(NEW, **{field: TELLING[field]})) == record.digest(NEW)


def test_the_digest_leaves_out_the_place_in_the_chain() -> None:
    moved = dataclasses.replace(NEW, revision=9, rows=9, hash="abc", digest="def")
    assert record.digest(moved) == record.digest(NEW)


def test_an_empty_text_is_not_the_same_as_none() -> None:
    assert record.digest(dataclasses.replace(NEW, paused="")) != record.digest(dataclasses.replace(NEW, paused=None))


def test_a_field_of_a_later_release_that_is_none_or_empty_changes_no_hash() -> None:
    assert record.Part.of({"a": 1, "b": None, "c": [], "d": {"e": None}}) == record.Part.of({"a": 1, "d": {}})


@pytest.mark.parametrize("field", CHANGED)
def test_a_row_says_what_changed(field: str) -> None:
    changed = dataclasses.replace(NEW, **{field: CHANGED[field]})
    before = dataclasses.replace(NEW, digest=record.digest(NEW))
    assert list(record.deciding(before, changed).changes) == [field]


def test_the_items_of_a_list_that_stay_are_named_by_their_places() -> None:
    before = dataclasses.replace(NEW, digest="d", approved=(1, 2, 3, 5))
    after = dataclasses.replace(NEW, approved=(1, 2, 4, 6, 5, 1))
    assert record.deciding(before, after).changes == {"approved": {"items": [[0, 2], {"new": [4, 6]}, [3, 4], [0, 1]]}}


def test_the_first_row_of_this_release_carries_everything() -> None:
    assert set(record.deciding(NEW, NEW).changes) == set(record.state_of(NEW))


def _heads() -> st.SearchStrategy[tuple[Head, ...]]:
    """Some heads, one after the other: a few fields of each are as at the one before."""
    numbers = st.lists(st.integers(1, 9), unique=True, max_size=6).map(tuple)
    changes = st.fixed_dictionaries(
        {},
        optional={
            "approved": numbers,
            "approvals": numbers.map(lambda found: tuple(map(approval, found))),
            "good": numbers.map(lambda found: tuple(map(live, found))),
            "paused": st.none() | st.text(max_size=5),
            "attempt": st.none() | st.just(attempt()),
            "live": st.none() | st.integers(1, 9).map(live),
            "clears_at": st.floats(0, 2e9),
            "look_at": st.floats(0, 2e9),
        },
    )

    def built(found: list[dict[str, Any]]) -> tuple[Head, ...]:
        heads = [NEW]
        for each in found:
            heads.append(dataclasses.replace(heads[-1], **each))
        return tuple(codec.storable(one) for one in heads)

    return st.lists(changes, max_size=6).map(built)


@given(_heads())
@settings(max_examples=60, deadline=None)
def test_rows_replay_to_the_head_that_they_were_written_with(heads: tuple[Head, ...]) -> None:
    last, rows = written(*heads)
    replayed = record.replay(rows)
    assert (replayed.digest, replayed.since) == (record.digest(last), 1)
    back = record.restored(replayed, None, rows[-1])
    assert record.state_of(back) == record.state_of(last)
    assert (back.rows, back.hash, back.digest) == (last.rows, last.hash, last.digest)
    kept: dict[str, Any] = dict.fromkeys(SCHEDULES) | {"look_at": 0.0}
    assert back == dataclasses.replace(last, revision=0, **kept)


@given(_heads(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_head_that_was_changed_does_not_fit_its_last_row(heads: tuple[Head, ...], data: st.DataObject) -> None:
    last, rows = written(*heads)
    assert record.misfit(last, rows[-1]) is None
    field = data.draw(st.sampled_from(sorted(CHANGED)))
    changed = dataclasses.replace(last, **{field: CHANGED[field]})
    is_same = record.state_of(changed) == record.state_of(last)
    found = record.misfit(changed, rows[-1])
    assert found == (None if is_same else f"what decides was changed after row {len(rows)}, without a row")


def test_a_large_part_is_carried_by_its_hash_and_put_back_from_the_head_that_still_has_it() -> None:
    large = tuple(Quarantined(approval(n), "s", "x" * 30_000) for n in range(1, 7))
    before, _ = written(NEW)
    last, rows = written(NEW, dataclasses.replace(NEW, quarantined=large, paused="audit"))
    (items,) = record.deciding(before, last).changes["quarantined"].values()
    assert [list(item) for item in items] == [["hash"]] * 6
    assert len(codec.encode(rows[-1].deciding).encode()) < record.MAXIMUM_BYTES
    replayed = record.replay(rows)
    assert replayed.digest == last.digest
    edited = dataclasses.replace(last, paused=None)
    assert record.restored(replayed, edited, rows[-1]).paused == "audit"
    assert record.restored(replayed, edited, rows[-1]).quarantined == large
    lost = dataclasses.replace(last, quarantined=large[1:])
    with pytest.raises(record.Unreplayable, match="the rows carry a part of quarantined by its hash"):
        record.restored(replayed, lost, rows[-1])


def test_a_kept_item_may_be_known_by_its_hash_only() -> None:
    large = tuple(Quarantined(approval(n), "s", "x" * 30_000) for n in range(1, 7))
    last, rows = written(
        NEW, dataclasses.replace(NEW, quarantined=large), dataclasses.replace(NEW, quarantined=large[2:])
    )
    assert record.replay(rows).digest == record.digest(last)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"paused": {"value": "forged"}}, "the changes of row 2 do not lead to its digest"),
        ({}, "the changes of row 2 do not lead to its digest"),
        ({"approved": {"items": [[0, 99]]}}, "there are no items 0 to 99"),
        ({"live": {"gone": True}}, "the changes of row 2 cannot be replayed"),
        ({"paused": 5}, "the changes of row 2 cannot be replayed"),
    ],
)
def test_a_row_that_does_not_lead_to_its_digest_is_not_replayed(changes: dict[str, Any], why: str) -> None:
    _, rows = written(NEW, dataclasses.replace(NEW, paused="audit"))
    assert rows[1].deciding is not None
    forged = dataclasses.replace(rows[1], deciding=dataclasses.replace(rows[1].deciding, changes=changes))
    with pytest.raises(record.Unreplayable, match=why):
        record.replay((rows[0], forged))


def test_rows_of_an_earlier_release_replay_to_nothing_and_none_may_follow_a_row_of_this_one() -> None:
    _, rows = written(NEW)
    old = dataclasses.replace(rows[0], deciding=None)
    with pytest.raises(record.Unreplayable, match="no row carries what decides"):
        record.replay((old,))
    later = dataclasses.replace(old, number=2)
    with pytest.raises(record.Unreplayable, match="row 2 does not carry what decides, although row 1 does"):
        record.replay((*rows, later))
    assert record.replay((old, dataclasses.replace(rows[0], number=2))).since == 2


OLD_ROW = Row("fraud-detection", 5, FACT, "p", "abc")


@pytest.mark.parametrize(
    ("stored", "last", "why"),
    [
        (NEW, None, None),
        (head(), OLD_ROW, None),
        (head(paused="forged"), OLD_ROW, None),
        (head(rows=4), OLD_ROW, "the head is not the one that was written with row 5"),
        (head(hash="x"), OLD_ROW, "the head is not the one that was written with row 5"),
        (head(), None, "the head counts 5 rows, and the ledger has none"),
        (head(digest="d"), OLD_ROW, "the head has a digest, and row 5 has none"),
    ],
    ids=["no row yet", "of an earlier release", "of an earlier release, changed", "count", "hash", "no rows", "digest"],
)
def test_the_head_of_an_earlier_release_fits_while_its_last_row_has_no_digest(
    stored: Head, last: Row | None, why: str | None
) -> None:
    assert record.misfit(stored, last) == why


@pytest.mark.parametrize("digest", [None, "d"])
def test_a_head_that_lost_its_digest_does_not_make_the_endpoint_one_of_an_earlier_release(digest: str | None) -> None:
    last, rows = written(NEW)
    forged = dataclasses.replace(last, digest=digest)
    assert record.misfit(forged, rows[-1]) == "what decides was changed after row 1, without a row"
