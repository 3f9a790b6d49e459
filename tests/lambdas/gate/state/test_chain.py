import dataclasses
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.gate.aws.ledger import row_from_item, row_item
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.text import is_safe
from tests.lambdas import odd

HEAD = Head("fraud-detection", SpecSeen(1, 100.0), 100.0)
FIRST = Fact(Kind.APPROVAL_SEEN, 1000.5, "FraudDetectionGroup/1 was approved", "alice", "arn:v/1", {"order": 1})
SECOND = Fact(Kind.ALERT, 1001.0, "look")

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
facts = st.builds(
    Fact,
    kind=st.sampled_from(Kind),
    at=st.integers(0, 4 * 10**9) | st.floats(min_value=0, max_value=4e9),
    version=st.none() | st.text(min_size=1),
    detail=st.dictionaries(st.text(), json_values, max_size=4),
)


def test_facts_become_numbered_rows_each_with_the_hash_of_the_one_before() -> None:
    head, rows = chain.append(HEAD, (FIRST, SECOND))
    one, two = rows
    assert rows == (
        Row("fraud-detection", 1, FIRST, previous="", hash=one.hash),
        Row("fraud-detection", 2, SECOND, previous=one.hash, hash=two.hash),
    )
    assert head == dataclasses.replace(HEAD, rows=2, hash=two.hash)


def test_the_chain_goes_on_where_the_head_left_it() -> None:
    at_once = chain.append(HEAD, (FIRST, SECOND))
    head, first = chain.append(HEAD, (FIRST,))
    head, second = chain.append(head, (SECOND,))
    assert (head, (*first, *second)) == at_once


def test_nothing_to_add_leaves_the_head_as_it_is() -> None:
    assert chain.append(HEAD, ()) == (HEAD, ())


def test_a_hash_is_the_sha_256_of_the_rows_canonical_json() -> None:
    _, (row,) = chain.append(HEAD, (SECOND,))
    text = (
        '{"endpoint":"fraud-detection","fact":{"at":1001.0,"detail":{},"kind":"alert","summary":"look",'
        '"version":null,"who":"Approval Gate"},"hash":"","number":1,"previous":""}'
    )
    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "churn"},
        {"number": 2},
        {"previous": "0" * 64},
        {"fact": dataclasses.replace(FIRST, kind=Kind.ALERT)},
        {"fact": dataclasses.replace(FIRST, at=1000.6)},
        {"fact": dataclasses.replace(FIRST, summary="FraudDetectionGroup/2 was approved")},
        {"fact": dataclasses.replace(FIRST, who="mallory")},
        {"fact": dataclasses.replace(FIRST, version=None)},
        {"fact": dataclasses.replace(FIRST, detail={"order": 2})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_row_is_in_its_hash(change: dict[str, Any]) -> None:
    _, (row,) = chain.append(HEAD, (FIRST,))
    assert chain.row_hash(dataclasses.replace(row, **change)) != row.hash


@given(facts)
def test_a_row_read_back_from_its_item_has_the_hash_it_was_written_with(fact: Fact) -> None:
    _, (row,) = chain.append(HEAD, (fact,))
    item = row_item(row)
    # DynamoDB gives a number back without its trailing zeros.
    item["at"] = {"N": f"{Decimal(item['at']['N']).normalize():f}"}
    read = row_from_item(item)
    assert read == row
    assert chain.row_hash(read) == row.hash


@given(odd.TEXTS, odd.TEXTS, st.dictionaries(odd.TEXTS, odd.VALUES, max_size=3))
def test_whatever_people_wrote_a_row_has_safe_texts_and_is_json(summary: str, who: str, detail: Any) -> None:
    _, (row,) = chain.append(HEAD, (Fact(Kind.ALERT, 1.0, summary, who, "arn:\n", detail),))
    fact = row.fact
    assert all(map(is_safe, (fact.summary, fact.who, fact.version or "", *_texts(fact.detail))))
    assert json.loads(json.dumps(fact.detail, allow_nan=False)) == fact.detail
    assert chain.append(HEAD, (fact,))[1] == (row,)
    assert row.hash == chain.row_hash(row)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(part)
