"""The prober: messages in; requests, metrics, evidence and its own delayed messages out."""

import io
import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.response import StreamingBody

from lambdas.gate import alarms
from lambdas.gate.played import Played, Wrong
from lambdas.prober.errand import BATCH, SECONDS_BETWEEN, Batch, Errand
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.player import BUDGET_SECONDS, Player
from lambdas.prober.prober import Prober
from lambdas.prober.settings import ProberSettings
from tests.lambdas.builders import NOW
from tests.lambdas.fakes import FakeInbox, Journal
from tests.lambdas.request_model import violations

_NUMBERS = itertools.count()
SETTINGS = ProberSettings("fraud-detection", "https://sqs/own", "https://sqs/inbox", "ff" * 32, 300)
REQUESTS = tuple(GoldenRequest(f"r{number}", f"{number}".encode(), "text/csv", expect=number) for number in range(3))
ROLLOUT = Errand("gate-v2", NOW, alone=False, until=NOW + 300)
CHECK = Errand("gate-v1", NOW, alone=True)
Answer = Callable[[bytes], bytes]


def right(body: bytes) -> bytes:
    return body


def one_wrong(body: bytes) -> bytes:
    return b"7" if body == b"1" else body


def refused(code: str, message: str = "no") -> Answer:
    def answer(body: bytes) -> bytes:
        raise ClientError({"Error": {"Code": code, "Message": message}}, "InvokeEndpoint")

    return answer


def silent(body: bytes) -> bytes:
    raise ReadTimeoutError(endpoint_url="https://runtime")


class FakeRuntime:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        assert violations("sagemaker-runtime", "InvokeEndpoint", request) == []
        self.asked.append(request)
        body = self.answer(request["Body"])
        return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ContentType": "text/csv"}


class FakeCloudWatch:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.put: list[dict[str, Any]] = []

    def put_metric_data(self, **request: Any) -> None:
        assert violations("cloudwatch", "PutMetricData", request) == []
        with self._journal.call("PutMetricData"):
            self.put.append(request)


class Function:
    def __init__(self, answer: Answer = right, requests: tuple[GoldenRequest, ...] = REQUESTS) -> None:
        self.journal = Journal()
        self.runtime, self.cloudwatch = FakeRuntime(answer), FakeCloudWatch(self.journal)
        self.queue, self.inbox = FakeInbox(Journal()), FakeInbox(self.journal)
        self.output = io.StringIO()
        logger = Logger(service=f"prober-{next(_NUMBERS)}", stream=self.output)
        player = Player(self.runtime, SETTINGS.endpoint, elapsed=lambda: 0.0)
        self.prober = Prober(SETTINGS, requests, player, self.cloudwatch, self.queue, self.inbox, logger)

    def run(self, *bodies: str) -> list[str]:
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies, 1)]
        failures = self.prober.run(records, NOW)["batchItemFailures"]
        return [failure["itemIdentifier"] for failure in failures]

    @property
    def next(self) -> list[tuple[Any, float]]:
        return [(Errand.from_message(json.loads(body)["errand"]), delay) for body, delay in self.queue.copies]


def metric(name: str, value: int) -> dict[str, Any]:
    described = alarms.golden_metric("fraud-detection", "gate-v2", at_full_traffic=name.endswith("Traffic"))
    assert described["MetricName"] == name
    datum = {
        "MetricName": name,
        "Dimensions": described["Dimensions"],
        "Timestamp": datetime.fromtimestamp(NOW, UTC),
        "Value": value,
        "StorageResolution": 1,
    }
    return {"Namespace": "ApprovalGate", "MetricData": [datum]}


def test_right_answers_are_no_news_and_the_next_batch_follows() -> None:
    function = Function()
    assert function.run(ROLLOUT.message()) == []
    assert len(function.runtime.asked) == BATCH
    assert function.runtime.asked[0] == {"EndpointName": "fraud-detection", "Body": b"0", "ContentType": "text/csv"}
    assert function.journal.calls == []
    assert function.next == [
        (Errand("gate-v2", NOW, alone=False, until=NOW + 300, next=BATCH % 3), float(SECONDS_BETWEEN))
    ]


def test_a_wrong_answer_is_told_to_the_deployer_and_then_sets_off_the_alarm() -> None:
    function = Function(one_wrong)
    function.run(ROLLOUT.message())
    assert function.journal.calls == ["SendMessage", "PutMetricData"]
    found = Played("ff" * 32, "gate-v2", NOW, alone=False, failed=8, wrong=(Wrong("r1", "7.0", "1"),))
    assert function.inbox.copies == [(found.message("fraud-detection"), 0)]
    assert function.cloudwatch.put == [metric("GoldenFailures", 8)]
    ((after, _),) = function.next
    assert after.told


def test_at_full_traffic_it_counts_without_a_baseline_too() -> None:
    function = Function(one_wrong)
    function.run(Errand("gate-v2", NOW, alone=True, until=NOW + 300, told=True).message())
    assert function.cloudwatch.put == [metric("GoldenFailures", 8), metric("GoldenFailuresAtFullTraffic", 8)]
    assert function.inbox.copies == []


def test_a_check_publishes_nothing_that_rolls_back_and_tells_the_whole() -> None:
    function = Function(one_wrong)
    function.run(CHECK.message())
    assert [request["Body"] for request in function.runtime.asked] == [b"0", b"1", b"2"]
    found = Played("ff" * 32, "gate-v1", NOW, alone=True, failed=1, wrong=(Wrong("r1", "7.0", "1"),))
    assert (function.inbox.copies, function.cloudwatch.put, function.next) == (
        [(found.message("fraud-detection"), 0)],
        [],
        [],
    )


def test_a_long_check_goes_on_at_once() -> None:
    function = Function(requests=REQUESTS * 10)
    function.run(CHECK.message())
    assert function.next == [(Errand("gate-v1", NOW, alone=True, next=25, right=25), 0.0)]
    assert function.inbox.copies == []


def test_an_endpoint_that_is_not_there_is_not_probed_any_more() -> None:
    function = Function(refused("ValidationError", "Endpoint fraud-detection of account 1 not found."))
    assert (function.run(ROLLOUT.message()), function.next) == ([], [])


def test_what_fails_is_delivered_again_and_leaves_the_others() -> None:
    function = Function(refused("AccessDeniedException"))
    assert function.run("{}", '{"detail-type": "x"}', ROLLOUT.message()) == ["1", "2", "3"]
    assert function.next == []
    assert Function().run("{}", ROLLOUT.message()) == ["1"]


def test_one_line_per_batch_names_the_set_and_what_was_wrong() -> None:
    function = Function(one_wrong)
    function.run(CHECK.message())
    (line,) = (json.loads(text) for text in function.output.getvalue().splitlines())
    fields = ("message", "endpoint_config", "golden_requests", "purpose", "sent", "right", "failed", "wrong")
    assert [line[field] for field in fields] == [
        "played",
        "gate-v1",
        "ff" * 32,
        "check",
        3,
        2,
        1,
        [{"request": "r1", "found": "7.0", "wanted": "1"}],
    ]


# -- the player


def play(answer: Answer, elapsed: Callable[[], float] = lambda: 0.0) -> Batch:
    return Player(FakeRuntime(answer), "fraud-detection", elapsed).play(REQUESTS)


@pytest.mark.parametrize(
    "answer",
    [
        *(refused(code) for code in ("ThrottlingException", "ServiceUnavailable", "InternalFailure")),
        refused("ModelError", "Received server error (500)"),
        refused("ModelNotReadyException"),
        silent,
    ],
)
def test_what_is_not_answered_with_200_is_left_to_the_error_alarms(answer: Answer) -> None:
    assert play(answer) == Batch(3)


def test_of_a_request_that_is_answered_wrong_again_and_again_one_answer_is_shown() -> None:
    runtime = FakeRuntime(one_wrong)
    batch = Player(runtime, "fraud-detection", lambda: 0.0).play(REQUESTS * 4)
    assert (batch.sent, batch.right, batch.failed, batch.wrong) == (12, 8, 4, (Wrong("r1", "7.0", "1"),))


def test_a_slow_model_is_asked_less_in_a_batch_and_at_least_once() -> None:
    ticks = itertools.count(step=BUDGET_SECONDS / 2 + 1)
    assert play(right, lambda: next(ticks)).sent == 2
    slow = itertools.count(step=BUDGET_SECONDS + 1)
    assert play(right, lambda: next(slow)).sent == 1


def test_a_request_says_what_it_sends_and_what_it_takes() -> None:
    runtime = FakeRuntime(right)
    request = GoldenRequest("r", b"{}", "application/json", accept="text/csv", expect={})
    Player(runtime, "fraud-detection", lambda: 0.0).play([request])
    assert runtime.asked == [
        {"EndpointName": "fraud-detection", "Body": b"{}", "ContentType": "application/json", "Accept": "text/csv"}
    ]
