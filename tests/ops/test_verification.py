import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdas.gate.aws.ledger import row_from_item, row_item
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from ops.verification.chain import first_mismatch

Items = list[dict[str, Any]]
FACTS = tuple(Fact(Kind.ALERT, 1000.0 + n, f"fact {n}") for n in range(1, 5))
HEAD, ROWS = chain.append(Head("churn", SpecSeen(1, 1.0), 1.0), FACTS)
ITEMS = [row_item(row) for row in ROWS]
_, FORGED = chain.append(Head("churn", SpecSeen(1, 1.0), 1.0), (FACTS[0], Fact(Kind.ALERT, 1.0, "never happened")))


def test_an_untouched_ledger_fits() -> None:
    assert first_mismatch(ITEMS, HEAD) is None


def test_a_ledger_without_rows_fits_a_head_without_rows() -> None:
    assert first_mismatch([], Head("churn", SpecSeen(1, 1.0), 1.0)) is None


def set_in(row: int, attribute: str, value: dict[str, str]) -> Callable[[Items], None]:
    def tamper(items: Items) -> None:
        items[row - 1][attribute] = value

    return tamper


def swap(items: Items) -> None:
    items[1], items[2] = items[2], items[1]


def swap_and_renumber(items: Items) -> None:
    swap(items)
    items[1]["number"], items[2]["number"] = items[2]["number"], items[1]["number"]


@pytest.mark.parametrize(
    ("tamper", "misfit"),
    [
        (set_in(2, "summary", {"S": "nothing happened"}), "row 2 was changed: its hash does not match"),
        (set_in(3, "who", {"S": "mallory"}), "row 3 was changed: its hash does not match"),
        (set_in(3, "at", {"N": "1002"}), "row 3 was changed: its hash does not match"),
        (set_in(4, "version", {"S": "arn:v/1"}), "row 4 was changed: its hash does not match"),
        (set_in(2, "hash", {"S": "0" * 64}), "row 2 was changed: its hash does not match"),
        (set_in(2, "previous", {"S": "0" * 64}), "row 2 does not follow the row before it, which has another hash"),
        (set_in(2, "kind", {"S": "rumour"}), "row 2 cannot be read: 'rumour' is not a valid Kind"),
        (lambda items: items.pop(0), "row 1 is missing: row 2 of churn is in its place"),
        (lambda items: items.pop(2), "row 3 is missing: row 4 of churn is in its place"),
        (lambda items: items.pop(), "the head counts 4 rows, the ledger has 3"),
        (swap, "row 2 is missing: row 3 of churn is in its place"),
        (swap_and_renumber, "row 2 does not follow the row before it, which has another hash"),
        (set_in(1, "endpoint", {"S": "fraud"}), "row 1 is missing: row 1 of fraud is in its place"),
        (
            lambda items: items.__setitem__(1, row_item(FORGED[1])),
            "row 3 does not follow the row before it, which has another hash",
        ),
    ],
    ids=[
        "a summary rewritten",
        "another name",
        "another time",
        "a version added",
        "a hash overwritten",
        "a link overwritten",
        "a kind nobody knows",
        "the first row removed",
        "a row removed",
        "the last row removed",
        "two rows swapped",
        "two rows swapped and renumbered",
        "another endpoint's row",
        "a row replaced by one with a right hash",
    ],
)
def test_the_first_row_that_does_not_fit_is_named(tamper: Callable[[Items], Any], misfit: str) -> None:
    items = copy.deepcopy(ITEMS)
    tamper(items)
    assert first_mismatch(items, HEAD) == misfit


FULL = tuple(Fact(Kind.ALERT, 1000.0 + n, f"fact {n}", "alice", f"arn:v/{n}", {"n": n}) for n in range(1, 4))
FULL_HEAD, FULL_ROWS = chain.append(Head("churn", SpecSeen(1, 1.0), 1.0), FULL)
OTHERWISE = {
    "pk": {"S": "endpoint#fraud"},
    "sk": {"S": "row#0000000009"},
    "endpoint": {"S": "fraud"},
    "number": {"N": "9"},
    "kind": {"S": "held"},
    "at": {"N": "999.5"},
    "summary": {"S": "all is well"},
    "who": {"S": "mallory"},
    "version": {"S": "arn:v/9"},
    "detail": {"S": '{"n":9}'},
    "previous": {"S": "0" * 64},
    "hash": {"S": "0" * 64},
}


def test_the_fields_tampered_with_are_all_that_a_row_has() -> None:
    assert OTHERWISE.keys() == row_item(FULL_ROWS[0]).keys()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("name", OTHERWISE)
@pytest.mark.parametrize("change", ["another value", "another type", "removed"])
def test_no_field_of_any_row_can_be_changed_or_removed(number: int, name: str, change: str) -> None:
    items = [row_item(row) for row in FULL_ROWS]
    item = items[number - 1]
    match change:
        case "another value":
            item[name] = OTHERWISE[name]
        case "another type":
            item[name] = {"BOOL": True}
        case "removed":
            del item[name]
    misfit = first_mismatch(items, FULL_HEAD)
    assert misfit is not None
    assert misfit.startswith(f"row {number} ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("note", {"S": "approved by the board"}),
        ("detail", {"S": '{"n": 2}'}),
        ("detail", {"S": '{"n":1,"n":2}'}),
    ],
    ids=["a field added", "evidence spelled otherwise", "evidence with a value hidden under the same name"],
)
def test_nothing_is_added_to_a_row_beside_its_hash(name: str, value: dict[str, str]) -> None:
    items = [row_item(row) for row in FULL_ROWS]
    items[1][name] = value
    assert first_mismatch(items, FULL_HEAD) == "row 2 was changed: its item is not exactly what its hash covers"


@pytest.mark.parametrize("at", ["1002", "1002.0", "1.002E+3"])
def test_a_number_is_the_same_however_dynamodb_writes_it(at: str) -> None:
    items = [row_item(row) for row in FULL_ROWS]
    items[1]["at"] = {"N": at}
    assert first_mismatch(items, FULL_HEAD) is None


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_of_two_swapped_rows_the_first_is_named(one: int, other: int) -> None:
    items = [row_item(row) for row in FULL_ROWS]
    items[one], items[other] = items[other], items[one]
    misfit = f"row {one + 1} is missing: row {other + 1} of churn is in its place"
    assert first_mismatch(items, FULL_HEAD) == misfit


def test_a_last_row_replaced_by_one_with_a_right_hash_does_not_fit_the_head() -> None:
    head = dataclasses.replace(HEAD, rows=2, hash=ROWS[1].hash)
    items = [ITEMS[0], row_item(FORGED[1])]
    assert first_mismatch(items, head) == "row 2 is not the row that the head was written with"


def test_a_row_added_behind_the_heads_back_is_counted() -> None:
    head = dataclasses.replace(HEAD, rows=3, hash=ROWS[2].hash)
    assert first_mismatch(ITEMS, head) == "the head counts 3 rows, the ledger has 4"


def readable(item: dict[str, Any]) -> Any:
    try:
        return row_from_item(item)
    except (KeyError, TypeError, ValueError):
        return None


@given(st.integers(0, 3), st.data())
def test_no_row_can_say_anything_else_unseen(row: int, data: st.DataObject) -> None:
    items = copy.deepcopy(ITEMS)
    attribute = data.draw(st.sampled_from(sorted(items[row].keys() - {"pk", "sk"} | {"version"})))
    numbers = st.integers().map(str) | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    texts = st.text() | st.sampled_from(Kind).map(lambda kind: kind.value) | st.integers().map('{{"n":{}}}'.format)
    if attribute in ("at", "number"):
        items[row][attribute] = {"N": data.draw(numbers)}
    else:
        items[row][attribute] = {"S": data.draw(texts)}
    assume(readable(items[row]) != ROWS[row])
    misfit = first_mismatch(items, HEAD)
    assert misfit is not None
    assert misfit.startswith((f"row {row + 1} ", f"row {row + 2} does not follow"))
