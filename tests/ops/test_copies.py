"""Each row against its write-once copy: what the chain alone cannot show."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.gate.aws.ledger import row_item
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.publisher.copy import Copies, content, key
from ops.verification.chain import first_mismatch
from ops.verification.copies import first_difference, stored

EMPTY = Head("churn", SpecSeen(1, 1.0), 1.0)
FACTS = tuple(Fact(Kind.ALERT, 1000.0 + n, f"fact {n}") for n in range(1, 5))
HEAD, ROWS = chain.append(EMPTY, FACTS)
REWRITTEN, NEVER = chain.append(EMPTY, (FACTS[0], Fact(Kind.ALERT, 1002.0, "never happened"), *FACTS[2:]))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="copies", ObjectLockEnabledForBucket=True)
        yield s3


def keep(s3: Any, *rows: Row) -> None:
    for row in rows:
        Copies(s3, "copies").keep(row)


def difference(s3: Any, rows: tuple[Row, ...], waiting: tuple[int, ...] = ()) -> str | None:
    items = [row_item(row) for row in rows]
    return first_difference(items, stored(s3, "copies", "churn"), lambda number: number in waiting)


def test_rows_as_they_were_copied(s3: Any) -> None:
    keep(s3, *ROWS)
    assert difference(s3, ROWS) is None


def test_another_endpoints_copies_and_what_is_no_copy_are_left_aside(s3: Any) -> None:
    keep(s3, *ROWS, *chain.append(Head("churn-eu", SpecSeen(1, 1.0), 1.0), FACTS * 2)[1])
    for name in ("readme.txt", "000000000².json", "000000000٣.json"):
        s3.put_object(Bucket="copies", Key=f"churn/{name}", Body=b"")
    assert sorted(stored(s3, "copies", "churn")) == [1, 2, 3, 4]


def test_rows_written_anew_with_a_forged_head_fit_their_chain_and_not_their_copies(s3: Any) -> None:
    keep(s3, *ROWS)
    assert first_mismatch([row_item(row) for row in NEVER], REWRITTEN) is None
    assert difference(s3, NEVER) == 'row 2 differs from its copy: the copy says "fact 2"'


def test_a_cut_tail_with_a_forged_head_is_found(s3: Any) -> None:
    keep(s3, *ROWS)
    forged, short = chain.append(EMPTY, FACTS[:2])
    assert first_mismatch([row_item(row) for row in short], forged) is None
    assert difference(s3, short) == 'the ledger ends with row 2, but row 3 has a copy: the copy says "fact 3"'


def test_a_ledger_that_was_emptied_is_found(s3: Any) -> None:
    keep(s3, *ROWS)
    assert difference(s3, ()) == 'the ledger ends with row 0, but row 1 has a copy: the copy says "fact 1"'


def test_a_row_that_nobody_can_read_is_shown_by_its_copy(s3: Any) -> None:
    keep(s3, *ROWS)
    items = [row_item(row) for row in ROWS]
    items[2]["kind"] = {"S": "rumour"}
    found = first_difference(items, stored(s3, "copies", "churn"), lambda _: False)
    assert found == 'row 3 differs from its copy: the copy says "fact 3"'


def test_the_first_row_without_a_copy_is_named(s3: Any) -> None:
    keep(s3, ROWS[0], ROWS[3])
    assert difference(s3, ROWS) == "row 2 has no copy"


def test_a_row_that_is_still_to_be_copied_lacks_nothing(s3: Any) -> None:
    keep(s3, *ROWS[:3])
    assert difference(s3, ROWS) == "row 4 has no copy"
    assert difference(s3, ROWS, waiting=(4,)) is None


def test_rows_from_before_copies_were_asked_for_have_none(s3: Any) -> None:
    keep(s3, *ROWS[2:])
    assert difference(s3, ROWS) is None


def test_a_bucket_without_any_copy_proves_nothing(s3: Any) -> None:
    assert difference(s3, ROWS) == "no row has a copy"


def test_the_first_version_is_the_copy_and_a_newer_one_is_reported(s3: Any) -> None:
    keep(s3, *ROWS)
    s3.put_object(Bucket="copies", Key=key("churn", 2), Body=content(NEVER[1]))
    over = "the copy was written over or deleted"
    assert difference(s3, ROWS) == f"row 2 matches its copy, but {over}"
    assert difference(s3, NEVER) == 'row 2 differs from its copy: the copy says "fact 2"'


def test_a_deleted_copy_still_exists_and_its_deletion_is_reported(s3: Any) -> None:
    keep(s3, *ROWS)
    s3.delete_object(Bucket="copies", Key=key("churn", 3))
    over = "the copy was written over or deleted"
    assert difference(s3, ROWS) == f"row 3 matches its copy, but {over}"


def test_a_copy_that_is_not_a_row_is_reported(s3: Any) -> None:
    s3.put_object(Bucket="copies", Key=key("churn", 1), Body=b"\xff")
    assert difference(s3, ROWS) == "row 1 differs from its copy: the copy is not a row"
