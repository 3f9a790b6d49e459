"""The notes that the registry gets about versions, and that a refused note is no error."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lambdas.gate import names
from lambdas.gate.aws.errors import Denied, Throttled
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.tries import Quarantined
from lambdas.publisher.annotation import Annotations, Unwritten
from lambdas.publisher.registry_note import concerned, note
from tests.lambdas.builders import approval, arn, head, live
from tests.lambdas.fakes import begin
from tests.ledger_table import ledger_table

AT = 1763900000.0
SUCCEEDED: dict[str, Any] = {"outcome": Outcome.SUCCEEDED, "previous_version": arn(1)}
QUARANTINED = Quarantined(approval(2), "s", "5xx fired (Threshold Crossed: 1 datapoint [37.5] > 1.0)")
WAS_LIVE = live(2, since=AT - 3600, until=AT)


def row(kind: Kind = Kind.ATTEMPT_CLOSED, version: str | None = arn(2), **detail: Any) -> Row:
    return Row("fraud-detection", 9, Fact(kind, AT, "why, so to say", version=version, detail=detail), "", "")


@pytest.mark.parametrize(
    ("row", "versions"),
    [
        (row(**SUCCEEDED), (arn(2), arn(1))),
        (row(**SUCCEEDED | {"previous_version": arn(2)}), (arn(2),)),
        (row(**SUCCEEDED | {"previous_version": None}), (arn(2),)),
        (row(outcome="failed", previous_version=arn(1)), (arn(2),)),
        (row(outcome="rolled_back", previous_version=arn(1)), (arn(2),)),
        (row(outcome="superseded", previous_version=arn(1)), (arn(2), arn(1))),
        (row(outcome="shadowed", previous_version=arn(1)), (arn(2),)),
        (row(Kind.SHADOW_ENDED, end="worse"), (arn(2),)),
        (row(Kind.CHANGED_BY_HAND, None, previous_version=arn(1)), (arn(1),)),
        (row(Kind.APPROVAL_SEEN), ()),
        (row(Kind.ATTEMPT_OPENED), ()),
    ],
    ids=[
        "a success",
        "a resize",
        "a creation",
        "a failure",
        "a rollback",
        "overtaken",
        "a shadow",
        "the end of a shadow",
        "by hand",
        "an approval",
        "an attempt's beginning",
    ],
)
def test_a_row_concerns_its_version_and_the_one_that_was_live(row: Row, versions: tuple[str, ...]) -> None:
    assert concerned(row) == versions


@pytest.mark.parametrize(
    ("head", "row", "text"),
    [
        (head(live=live(2, since=AT)), row(**SUCCEEDED), "live since 2025-11-23T12:13:20Z"),
        (head(live=live(2, since=AT)), row(outcome="rolled_back"), "live since 2025-11-23T12:13:20Z"),
        (
            head(live=live(2, since=AT + 60, version_since=AT, relaunched=True)),
            row(outcome="succeeded"),
            "live since 2025-11-23T12:13:20Z",
        ),
        (head(live=live(1)), row(outcome="shadowed"), "shadowed 2025-11-23T12:13:20Z: why so to say"),
        (
            head(live=live(1), quarantined=(QUARANTINED,)),
            row(Kind.SHADOW_ENDED, end="worse"),
            "not live: 5xx fired Threshold Crossed: 1 datapoint 37.5 1.0",
        ),
        (head(live=live(1)), row(outcome="rolled_back"), "rolled back 2025-11-23T12:13:20Z: why so to say"),
        (
            head(live=live(3), good=(WAS_LIVE,)),
            row(**SUCCEEDED),
            "was live from 2025-11-23T11:13:20Z to 2025-11-23T12:13:20Z",
        ),
        (
            head(live=live(3), good=(WAS_LIVE,), quarantined=(QUARANTINED,)),
            row(version=arn(3), outcome="succeeded", previous_version=arn(2)),
            "was live from 2025-11-23T11:13:20Z to 2025-11-23T12:13:20Z: 5xx fired Threshold Crossed: 1 datapoint 37.5 "
            "1.0",
        ),
        (head(live=live(3), good=(live(2, since=AT),)), row(**SUCCEEDED), "was live from 2025-11-23T12:13:20Z"),
        (head(live=live(3)), row(**SUCCEEDED), "not live"),
        (
            head(),
            dataclasses.replace(
                row(outcome="failed"), fact=Fact(Kind.ATTEMPT_CLOSED, AT, "x" * 300, "", arn(2), {"outcome": "failed"})
            ),
            f"failed 2025-11-23T12:13:20Z: {'x' * 227}",
        ),
    ],
    ids=[
        "live",
        "live again although this row, told late, says rolled back",
        "live, and launched anew for a shadow",
        "a shadow",
        "a shadow that ended",
        "rolled back, in the characters that the registry takes",
        "replaced by another",
        "replaced because its alarm fired",
        "replaced, in a head that does not say when",
        "replaced so long ago that the head has forgotten it",
        "a long reason is cut",
    ],
)
def test_a_version_is_said_to_stand_where_the_head_has_it(head: Head, row: Row, text: str) -> None:
    assert note(head, arn(2), row) == text


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with ledger_table(monkeypatch) as dynamodb:
        yield dynamodb


class Bench:
    def __init__(self, dynamodb: Any) -> None:
        ledger = Ledger(dynamodb, names.LEDGER)
        begin(ledger, head(live=live(2, since=AT), good=(live(1, since=AT - 60, until=AT),)))
        sagemaker = boto3.client("sagemaker", region_name="us-east-1")
        self.stub = Stubber(sagemaker)
        self.stub.activate()
        self.annotations = Annotations(sagemaker, ledger)

    def expect(self, version: int, text: str) -> None:
        properties = {"approval-gate.fraud-detection": text}
        request = {"ModelPackageArn": arn(version), "CustomerMetadataProperties": properties}
        self.stub.add_response("update_model_package", {"ModelPackageArn": arn(version)}, request)

    def refuse(self, code: str, message: str) -> None:
        self.stub.add_client_error("update_model_package", code, message)


@pytest.fixture
def bench(dynamodb: Any) -> Bench:
    return Bench(dynamodb)


def test_the_version_and_the_one_it_replaced_are_annotated_and_nothing_else_of_them_is_set(bench: Bench) -> None:
    bench.expect(2, "live since 2025-11-23T12:13:20Z")
    bench.expect(1, "was live from 2025-11-23T12:12:20Z to 2025-11-23T12:13:20Z")
    assert bench.annotations.write(row(**SUCCEEDED)) == ()
    bench.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", f"ModelPackage {arn(2)} does not exist."),
        ("ValidationException", "CustomerMetadataProperties can have at most 50 entries."),
        ("ResourceLimitExceeded", "Too many properties."),
    ],
)
def test_what_the_registry_never_takes_is_told_and_the_other_version_annotated(
    bench: Bench, code: str, message: str
) -> None:
    bench.refuse(code, message)
    bench.expect(1, "was live from 2025-11-23T12:12:20Z to 2025-11-23T12:13:20Z")
    assert bench.annotations.write(row(**SUCCEEDED)) == (Unwritten(arn(2), message),)
    bench.stub.assert_no_pending_responses()


@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Throttled), ("AccessDeniedException", Denied)])
def test_what_may_pass_or_has_to_be_mended_propagates(bench: Bench, code: str, error: type[Exception]) -> None:
    bench.refuse(code, "no")
    with pytest.raises(error):
        bench.annotations.write(row(**SUCCEEDED))


def test_a_row_that_concerns_no_version_asks_nobody(bench: Bench) -> None:
    assert bench.annotations.write(row(Kind.HELD)) == ()
