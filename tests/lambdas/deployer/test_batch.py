import dataclasses
import io
import itertools
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger, Metrics
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.deployer.batch import Batch
from lambdas.gate import names
from lambdas.gate.aws.errors import Denied, Throttled
from lambdas.gate.aws.ledger import Altered, Conflict, Ledger
from lambdas.gate.decide.action import Close, Defer, Keep, Wait
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.spec.spec import SpecError
from lambdas.gate.state.answers import AnswersResult
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.hints import ApprovalHint, Hints, Witness
from tests.lambdas.builders import NOW
from tests.lambdas.fakes import FakeInbox, Journal
from tests.lambdas.gate.aws.test_inbox import APPROVED, bodies

KEEP = Keep("the live version is the wanted one")
_NUMBERS = itertools.count()
"""Powertools keeps a logger for each service's name, with the first stream it was given."""
OWN = "AROADEPLOYERDEPLOYERD"
Answer = Callable[[], Any]


def _raise(error: Exception) -> Answer:
    def answer() -> Any:
        raise error

    return answer


class FakeReconciler:
    """What each endpoint's reconcile answers; `asked` holds the endpoints and their hints, in order, `witnesses` what
    the account's trail told, `played` what the prober did, `named` the versions that events named, `looks` the attempts
    that the judge was to look at."""

    def __init__(self, **answers: Answer) -> None:
        self._answers = answers
        self.asked: list[tuple[str, tuple[ApprovalHint, ...]]] = []
        self.witnesses: tuple[Witness, ...] = ()
        self.played: tuple[GoldenResult, ...] = ()
        self.answers: tuple[AnswersResult, ...] = ()
        self.named: tuple[str, ...] = ()
        self.looks: list[tuple[str, list[int]]] = []

    def reconcile(self, endpoint: str, hints: Hints, now: float) -> Any:
        assert now == NOW
        self.asked.append((endpoint, hints.approvals))
        self.witnesses += hints.witnesses
        self.played += hints.golden
        self.answers += hints.answers
        self.named += hints.versions
        return self._answers.get(endpoint.replace("-", "_"), lambda: KEEP)()

    def look(self, endpoint: str, attempts: list[int], now: float) -> Any:
        self.looks.append((endpoint, attempts))
        return Wait("the judge has not found the new version worse")


class FakeLedger:
    def open_attempts(self) -> tuple[str, ...]:
        return ("churn", "fraud-detection")


class Deployer:
    def __init__(self, **answers: Answer) -> None:
        self.reconciler = FakeReconciler(**answers)
        self.inbox = FakeInbox(Journal())
        self.output = io.StringIO()
        self.metrics = Metrics(namespace="Test", service="test")
        self.metrics.clear_metrics()
        self.batch = Batch(
            cast(Reconciler, self.reconciler),
            cast(Ledger, FakeLedger()),
            self.inbox,
            Logger(service=f"test-{next(_NUMBERS)}", stream=self.output),
            self.metrics,
            OWN,
            jitter=lambda: 0.9,
        )

    def run(self, *messages: str, sender: str | None = None) -> list[str]:
        """The messages, numbered from 1, that are to be delivered again."""
        stamp = {"attributes": {"SenderId": sender}} if sender else {}
        records = [{"messageId": str(number), "body": body} | stamp for number, body in enumerate(messages, 1)]
        answer = self.batch.run(records, NOW)
        assert set(answer) == {"batchItemFailures"}
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.getvalue().splitlines()]


def _look(endpoint: str) -> str:
    return json.dumps({"endpoint": endpoint})


def test_ten_messages_about_two_endpoints_are_two_reconciles() -> None:
    deployer = Deployer()
    assert deployer.run(*bodies("batch-of-ten")) == []
    version = "arn:aws:sagemaker:us-east-1:123456789012:model-package/churngroup/7"
    churn = ApprovalHint(version, APPROVED.at, comments=False)
    assert deployer.reconciler.asked == [("fraud-detection", (APPROVED,)), ("churn", (churn,))]


def _judge(endpoint: str, attempt: int) -> str:
    return json.dumps({"endpoint": endpoint, "look": attempt})


def test_a_message_for_the_judge_is_no_reconcile() -> None:
    deployer = Deployer()
    assert deployer.run(_judge("churn", 3), _judge("churn", 3), _judge("fraud-detection", 1)) == []
    assert deployer.reconciler.looks == [("churn", [3, 3]), ("fraud-detection", [1])]
    assert deployer.reconciler.asked == []


def test_with_any_other_message_the_endpoint_is_reconciled_after_the_look() -> None:
    deployer = Deployer()
    deployer.run(_judge("churn", 3), _look("churn"))
    assert (deployer.reconciler.looks, deployer.reconciler.asked) == ([("churn", [3])], [("churn", ())])


@pytest.mark.parametrize("look", ["3", 3.0, True, None, [3]])
def test_what_is_no_number_of_an_attempt_asks_for_a_reconcile(look: Any) -> None:
    deployer = Deployer()
    deployer.run(json.dumps({"endpoint": "churn", "look": look}))
    assert (deployer.reconciler.looks, deployer.reconciler.asked) == ([], [("churn", ())])


def test_every_hint_of_a_batch_reaches_its_reconcile() -> None:
    deployer = Deployer()
    deployer.run(*bodies("package-approved-three-times"), *bodies("look"))
    assert deployer.reconciler.asked == [("fraud-detection", (APPROVED, APPROVED, APPROVED))]


def test_a_malformed_message_fails_alone() -> None:
    deployer = Deployer()
    assert deployer.run(*bodies("malformed")) == ["1"]
    assert deployer.reconciler.asked == [("fraud-detection", ())]
    assert [(line["level"], line["message"]) for line in deployer.lines] == [
        ("ERROR", "malformed message"),
        ("INFO", "reconciled"),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Denied("not authorized to perform: sagemaker:DescribeEndpoint"),
        SpecError("does not fit"),
        ClientError({"Error": {"Code": "InternalFailure"}}, "DescribeEndpoint"),
        EndpointConnectionError(endpoint_url="https://sagemaker"),
    ],
    ids=["denied", "spec", "internal failure", "connection"],
)
def test_one_endpoint_s_fault_leaves_the_other(fault: Exception) -> None:
    deployer = Deployer(churn=_raise(fault))
    assert deployer.run(_look("churn"), _look("fraud-detection"), _look("churn")) == ["1", "3"]
    assert [endpoint for endpoint, _ in deployer.reconciler.asked] == ["churn", "fraud-detection"]
    error, told = deployer.lines
    assert (error["level"], error["endpoint"], error["exception_name"]) == ("ERROR", "churn", type(fault).__name__)
    assert told["endpoint"] == "fraud-detection"
    assert deployer.inbox.sent == []


def test_an_endpoint_whose_ledger_was_changed_is_stopped_and_its_messages_wait() -> None:
    deployer = Deployer(churn=_raise(Altered("churn", "the head counts 1 row, and row 2 follows")))
    assert deployer.run(_look("churn"), _look("fraud-detection")) == ["1"]
    error, told = deployer.lines
    assert (error["level"], error["message"], error["endpoint"], error["reason"]) == (
        "ERROR",
        "stopped",
        "churn",
        "The ledger of churn was changed: the head counts 1 row, and row 2 follows.",
    )
    assert told["endpoint"] == "fraud-detection"
    metrics: dict[str, Any] = {**deployer.metrics.serialize_metric_set()}
    assert (metrics[names.STOPPED_METRIC], deployer.inbox.sent, deployer.inbox.copies) == ([1.0], [], [])


@pytest.mark.parametrize("error", [Throttled("Rate exceeded"), Conflict("fraud-detection")])
def test_a_throttle_or_a_lost_race_sends_a_delayed_copy_and_is_done(error: Exception) -> None:
    deployer = Deployer(fraud_detection=_raise(error))
    assert deployer.run(_look("fraud-detection"), *bodies("schedule")) == []
    assert deployer.inbox.sent == [("fraud-detection", 15 * 1.4)]
    assert deployer.inbox.copies == []
    assert [(line["decision"], line["reason"]) for line in deployer.lines] == [
        ("defer", f"{type(error).__name__}: {error}")
    ]


@pytest.mark.parametrize("error", [Throttled("Rate exceeded"), Conflict("fraud-detection")])
def test_the_copy_carries_the_hint(error: Exception) -> None:
    (approved,), (rejected,) = bodies("package-approved"), bodies("package-rejected")
    deployer = Deployer(fraud_detection=_raise(error))
    assert deployer.run(approved, *bodies("schedule"), rejected, approved) == []
    assert sorted(deployer.inbox.copies) == sorted([(approved, 21.0), (rejected, 21.0)])
    assert deployer.inbox.sent == []


@pytest.mark.parametrize("error", [Throttled("Rate exceeded"), Conflict("fraud-detection")])
def test_the_copy_carries_the_trail_s_word(error: Exception) -> None:
    (told,) = bodies("trail-approved")
    deployer = Deployer(fraud_detection=_raise(error))
    assert deployer.run(told, *bodies("schedule")) == []
    assert deployer.inbox.copies == [(told, 21.0)]


def test_the_trail_s_word_reaches_the_reconcile() -> None:
    deployer = Deployer()
    deployer.run(*bodies("trail-approved"), *bodies("look"))
    assert deployer.reconciler.asked == [("fraud-detection", ())]
    assert [(witness.version, witness.status) for witness in deployer.reconciler.witnesses] == [
        (APPROVED.version, "Approved")
    ]


def test_what_golden_requests_found_reaches_the_reconcile_and_survives_a_throttle() -> None:
    played = GoldenResult("ab", "gate-v2", NOW, alone=True)
    deployer = Deployer(churn=_raise(Throttled("Rate exceeded")))
    assert deployer.run(played.message("fraud-detection"), played.message("churn")) == []
    assert deployer.reconciler.played == (played, played)
    assert deployer.inbox.copies == [(played.message("churn"), 21.0)]


def test_what_the_comparer_found_reaches_the_reconcile_and_survives_a_throttle() -> None:
    found = AnswersResult("shadow-2-4", 600.0, 1200.0, copies=9, pairs=8, differing=1)
    deployer = Deployer(churn=_raise(Throttled("Rate exceeded")))
    assert deployer.run(found.message("fraud-detection"), found.message("churn")) == []
    assert deployer.reconciler.answers == (found, found)
    assert deployer.inbox.copies == [(found.message("churn"), 21.0)]


def test_a_copy_of_a_result_names_its_first_sender_however_often_it_is_sent_again() -> None:
    forged = GoldenResult("ab", "gate-v2", NOW, alone=True, sender="AROAPROBER:p")
    sent = dataclasses.replace(forged, sender="AROAFORGER:f")
    deployer = Deployer(churn=_raise(Throttled("Rate exceeded")))
    assert deployer.run(forged.message("churn"), sender="AROAFORGER:f") == []
    assert deployer.inbox.copies == [(sent.message("churn"), 21.0)]
    ((copy, _),) = deployer.inbox.copies
    deployer.run(copy, sender=f"{OWN}:approval-gate-deployer")
    assert deployer.reconciler.played == (sent, sent)
    assert deployer.inbox.copies == [(copy, 21.0)] * 2
    assert deployer.lines[-1]["golden_requests"] == ["0 wrong answers of gate-v2, sent by AROAFORGER:f"]


def test_who_loses_the_lock_comes_again_when_it_ends() -> None:
    defer = Defer("another invocation is about to update the endpoint", reconcile_at=NOW + 40)
    deployer = Deployer(fraud_detection=lambda: defer)
    (approved,) = bodies("package-approved")
    assert deployer.run(approved) == []
    assert deployer.inbox.copies == [(approved, 40)]


def test_the_sweep_looks_at_every_open_attempt() -> None:
    deployer = Deployer()
    assert deployer.run(*bodies("sweep"), *bodies("sweep")) == []
    assert deployer.inbox.sent == [("churn", 0), ("fraud-detection", 0)]
    assert deployer.reconciler.asked == []


def test_one_line_per_reconcile() -> None:
    closed = Close("FraudDetectionGroup/2 is live", outcome=Outcome.SUCCEEDED)
    deployer = Deployer(fraud_detection=lambda: closed)
    deployer.run(*bodies("batch-of-ten"))
    fields = ("level", "message", "endpoint", "decision", "reason", "outcome", "messages")
    assert [tuple(line.get(field) for field in fields) for line in deployer.lines] == [
        ("INFO", "reconciled", "fraud-detection", "close", "FraudDetectionGroup/2 is live", "succeeded", 7),
        ("INFO", "reconciled", "churn", "keep", "the live version is the wanted one", None, 3),
    ]
